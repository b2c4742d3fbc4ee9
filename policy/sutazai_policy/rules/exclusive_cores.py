"""exclusive-cores: cores that somebody owns alone are nobody else's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Annotated

from pulumi_policy import Severity
from pydantic import Field

from sutazai_policy.core_set import core_set_text, span
from sutazai_policy.exceptions import ExceptableSettings
from sutazai_policy.facts import Facts, Workload
from sutazai_policy.host import Host
from sutazai_policy.messages import cores_named, cores_taken
from sutazai_policy.rule import Category, Rule, Sees, Violation
from sutazai_policy.settings import CoreSetMask, HostField, SettingsError
from sutazai_policy.workload import Container

__all__ = ["RULE"]

# Web and data of the reference layout; of the language model's 6-9 the other pools may borrow 8 and 9.
_REFERENCE = {"infrastructure": span(2, 6)}
_SERVICE = "service:"


class ExclusiveCoresSettings(ExceptableSettings):
    """The host, and who owns which of its cores alone."""

    host: HostField
    exclusive: Annotated[
        dict[str, CoreSetMask] | None,
        Field(
            description="Cores that only their owner's workloads may run on, by the owner: a pool's name, or"
            " service:NAME. Default: infrastructure: 2-7 on the declared reference host, none on others."
        ),
    ] = None


def check(facts: Facts, settings: ExclusiveCoresSettings) -> Iterator[Violation]:
    """Judge all that will run; what may run anywhere is on everybody's cores."""
    owners = _owners(settings.exclusive, facts.surveyed)
    for one in facts.workloads:
        if one.runs:
            yield from _trespasses(one, owners, facts.surveyed)


def _owners(given: Mapping[str, int] | None, host: Host) -> Mapping[str, int]:
    if given is None:
        return _REFERENCE if host.is_reference else {}
    for (one, its), (other, others) in combinations(sorted(given.items()), 2):
        if both := its & others:
            raise SettingsError(f"exclusive: {one} and {other} both own {cores_named(both)} alone: divide them")
    return given


def _trespasses(one: Workload, owners: Mapping[str, int], host: Host) -> Iterator[Violation]:
    cores = _cores(one, host)
    for owner, own in owners.items():
        taken = cores & own
        if taken and not _owns(one, owner):
            yield Violation(
                f"{one.name} may run on {cores_taken(one, taken)}, and {core_set_text(own)} are {owner}'s alone:"
                f" {_way_out(one)}, or change exclusive.{owner}",
                one.urn,
            )


def _owns(one: Workload, owner: str) -> bool:
    if owner.startswith(_SERVICE):
        return one.service == owner.removeprefix(_SERVICE)
    return one.labels.pool.value == owner


def _cores(one: Workload, host: Host) -> int:
    own = one.cpu_set.value if isinstance(one, Container) else None
    return host.all_cores if own is None else own


def _way_out(one: Workload) -> str:
    return "narrow its cpuSet" if isinstance(one, Container) else "make it a container: Swarm has no core sets"


RULE = Rule(
    name="exclusive-cores",
    description="Cores that have one owner have to be used by no other.",
    category=Category.BUDGET,
    severity=Severity.HIGH,
    why=(
        "A database waits for its disk, and a user for the page: neither may find its core busy with somebody's"
        " computing when it wakes. Shares divide a core only once both have been waiting."
    ),
    source="strategy: core distribution, anti-affinity",
    remediation=(
        "1. Narrow the cpuSet of the one that doesn't own the cores.\n"
        "2. If it belongs there, label it with its owner's pool.\n"
        "3. If the owner has changed, say so: exclusive in policy/stacks.yaml or in --policy-pack-config."
    ),
    settings=ExclusiveCoresSettings,
    check=check,
    sees=Sees.HOST,
)
