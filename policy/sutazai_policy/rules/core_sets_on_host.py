"""core-sets-on-host: core sets lie inside the host, and leave the system's cores alone."""

from __future__ import annotations

from collections.abc import Iterator

from pulumi_policy import Severity

from sutazai_policy.exceptions import ExceptableSettings
from sutazai_policy.facts import Facts
from sutazai_policy.messages import cores_named, cores_taken
from sutazai_policy.rule import Category, Rule, Sees, Violation
from sutazai_policy.settings import HostField

__all__ = ["RULE"]


class CoreSetsOnHostSettings(ExceptableSettings):
    """The host that has the cores."""

    host: HostField


def check(facts: Facts, settings: CoreSetsOnHostSettings) -> Iterator[Violation]:  # noqa: ARG001 -- settings gave the host
    """Judge each container's core set, whether it is to run or not."""
    host = facts.surveyed
    for one in facts.containers:
        cores = one.cpu_set.value or 0
        if absent := cores & ~host.all_cores:
            yield Violation(
                f"{one.name} may run on {cores_taken(one, absent)}, and the host has"
                f" {cores_named(host.all_cores)}: narrow its cpuSet",
                one.urn,
            )
        if reserved := cores & host.system_cores:
            yield Violation(
                f"{one.name} may run on {cores_taken(one, reserved)}, and {cores_named(host.system_cores)}"
                " are for the system: narrow its cpuSet",
                one.urn,
            )
        if one.cpu_set.problem is not None:
            yield Violation(f"{one.name} has a cpuSet that {one.cpu_set.problem}", one.urn)


RULE = Rule(
    name="core-sets-on-host",
    description="A core set has to lie inside the host, away from the cores that are the system's.",
    category=Category.BUDGET,
    severity=Severity.HIGH,
    why=(
        "The system's cores keep the engine, the kernel's own work and the operator's shell alive when everything"
        " else is busy. A core that the host lacks is refused by Docker, in the middle of an update."
    ),
    source="strategy: cores 0-1 are reserved",
    remediation=(
        "1. Narrow cpuSet to cores that the host has and the system doesn't keep.\n"
        "2. If the host has more cores, or keeps fewer for itself, say so: host.cores, host.reserved_cores."
    ),
    settings=CoreSetsOnHostSettings,
    check=check,
    sees=Sees.HOST,
)
