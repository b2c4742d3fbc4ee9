"""anti-affinity: critical databases apart from each other, ML jobs apart from what people wait for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated

from pulumi_policy import Severity
from pydantic import Field

from sutazai_policy.exceptions import ExceptableSettings
from sutazai_policy.facts import Container, Facts, Workload
from sutazai_policy.messages import cores_taken, names
from sutazai_policy.roles import is_database, is_named
from sutazai_policy.rule import Category, Rule, Sees, Violation
from sutazai_policy.settings import HostField

__all__ = ["RULE"]

_ML = "ml"
_SHARING_TIERS = ("2", "3")


class AntiAffinitySettings(ExceptableSettings):
    """Who has to be apart, and on what hosts there is room for it."""

    host: HostField
    databases: Annotated[
        Sequence[str],
        Field(description="Databases by name, beside those that their image tells. Default: none."),
    ] = ()
    realtime: Annotated[
        Sequence[str],
        Field(description="Services that people wait for, by name. Default: backend, frontend, gateway."),
    ] = ("backend", "frontend", "gateway")
    least_cores: Annotated[
        int, Field(ge=0, description="Usable cores from which on there is room to be apart. Default: 10.")
    ] = 10


def check(facts: Facts, settings: AntiAffinitySettings) -> Iterator[Violation]:
    """Judge what will run by its cores: a container without a core set is on every core, as a Swarm service is."""
    host = facts.surveyed
    if host.usable_cores.bit_count() < settings.least_cores:
        return
    running = [(one, _cores(one) or host.all_cores) for one in facts.workloads if one.runs]
    databases = [(one, cores) for one, cores in running if _critical_database(one, settings.databases, facts)]
    yield from _databases_together(databases)
    realtime = [(one, cores) for one, cores in running if is_named(one, settings.realtime)]
    jobs = [(one, cores) for one, cores in running if one.labels.pool.value == _ML]
    yield from _jobs_beside(jobs, [*databases, *realtime])


def _cores(one: Workload) -> int | None:
    return one.cpu_set.value if isinstance(one, Container) else None


def _critical_database(one: Workload, given: Sequence[str], facts: Facts) -> bool:
    """Stores of the other tiers share those tiers' cores; one that names no tier is held to the strictest."""
    return one.labels.tier.value not in _SHARING_TIERS and is_database(one, given, facts)


_Placed = Sequence[tuple[Workload, int]]


def _databases_together(databases: _Placed) -> Iterator[Violation]:
    owner_of: dict[int, str] = {}
    for one, cores in databases:
        shared = [core for core in _bits(cores) if core in owner_of]
        if shared:
            others = names(list(dict.fromkeys(owner_of[core] for core in shared)))
            yield Violation(
                f"{one.name} is a database and shares {cores_taken(one, sum(shared))} with another, {others}:"
                f" {_way_out(one, 'give each cores of its own')}",
                one.urn,
            )
        owner_of |= {core: one.name for core in _bits(cores) if core not in owner_of}


def _jobs_beside(jobs: _Placed, quiet: _Placed) -> Iterator[Violation]:
    on_core = _first_two(quiet)
    for one, cores in jobs:
        beside = {core: found for core in _bits(cores) if (found := [it for it in on_core[core] if it is not one])}
        if beside:
            others = names(list(dict.fromkeys(found[0].name for found in beside.values())))
            yield Violation(
                f"{one.name} is in pool {_ML} and shares {cores_taken(one, sum(beside))} with {others}:"
                f" {_way_out(one, 'move it to cores that nobody waits for')}",
                one.urn,
            )


def _first_two(placed: _Placed) -> Mapping[int, list[Workload]]:
    """Return who is on each core: two are enough to name one that isn't the workload itself."""
    found: defaultdict[int, list[Workload]] = defaultdict(list)
    for one, cores in placed:
        for core in _bits(cores):
            if len(found[core]) < 2 and one not in found[core]:
                found[core].append(one)
    return found


def _bits(mask: int) -> Iterator[int]:
    while mask:
        lowest = mask & -mask
        yield lowest
        mask ^= lowest


def _way_out(one: Workload, advice: str) -> str:
    return advice if isinstance(one, Container) else "make it a container: Swarm has no core sets"


RULE = Rule(
    name="anti-affinity",
    description="Critical databases have to be on cores apart, and ML jobs away from what people wait for.",
    category=Category.SHAPE,
    severity=Severity.MEDIUM,
    why=(
        "Two databases that flush at the same moment wait for each other's core; a training run takes every"
        " millisecond that it is given. Apart, neither can slow what people wait for."
    ),
    source="strategy: anti-affinity rules 1 and 3",
    remediation=(
        "1. Give each database a cpuSet of its own, and ML jobs the cores of pools 2 and 3.\n"
        "2. `sutazai plan` shows such a placement.\n"
        "3. A host too small for it says so: least_cores."
    ),
    settings=AntiAffinitySettings,
    check=check,
    sees=Sees.HOST,
)
