"""anti-affinity: critical databases apart from each other, ML jobs apart from what people wait for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated

from pulumi_policy import Severity
from pydantic import Field

from sutazai_policy.exceptions import ExceptableSettings
from sutazai_policy.facts import Container, Facts
from sutazai_policy.messages import cores_named, names
from sutazai_policy.roles import is_database
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
    """Judge containers that will run by their core sets; a container without one is on every core."""
    host = facts.surveyed
    if host.usable_cores.bit_count() < settings.least_cores:
        return
    running = [(one, one.cpu_set.value or host.all_cores) for one in facts.containers if one.runs]
    databases = [(one, cores) for one, cores in running if _critical_database(one, settings.databases, facts)]
    yield from _databases_together(databases)
    realtime = [(one, cores) for one, cores in running if settings.realtime and _named(one, settings.realtime)]
    jobs = [(one, cores) for one, cores in running if one.labels.pool.value == _ML]
    yield from _jobs_beside(jobs, [*databases, *realtime])


def _critical_database(one: Container, given: Sequence[str], facts: Facts) -> bool:
    """Stores of the other tiers share those tiers' cores; one that names no tier is held to the strictest."""
    return one.labels.tier.value not in _SHARING_TIERS and is_database(one, given, facts)


def _named(one: Container, given: Sequence[str]) -> bool:
    return one.name in given or one.service in given


_Placed = Sequence[tuple[Container, int]]


def _databases_together(databases: _Placed) -> Iterator[Violation]:
    owner_of: dict[int, str] = {}
    for one, cores in databases:
        shared = [core for core in _bits(cores) if core in owner_of]
        if shared:
            others = list(dict.fromkeys(owner_of[core] for core in shared))
            yield Violation(
                f"{one.name} is a database and shares {cores_named(sum(shared))} with another, {names(others)}:"
                " give each cores of its own",
                one.urn,
            )
        owner_of |= {core: one.name for core in _bits(cores) if core not in owner_of}


def _jobs_beside(jobs: _Placed, quiet: _Placed) -> Iterator[Violation]:
    kept_free = 0
    for _, cores in quiet:
        kept_free |= cores
    for one, cores in jobs:
        if shared := cores & kept_free:
            beside = [other.name for other, its in quiet if its & shared and other is not one]
            if beside:
                yield Violation(
                    f"{one.name} is in pool {_ML} and shares {cores_named(shared)} with {names(beside)}:"
                    " move it to cores that nobody waits for",
                    one.urn,
                )


def _bits(mask: int) -> Iterator[int]:
    while mask:
        lowest = mask & -mask
        yield lowest
        mask ^= lowest


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
