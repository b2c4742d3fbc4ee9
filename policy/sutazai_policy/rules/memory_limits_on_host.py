"""memory-limits-on-host: nobody's memory limit is more than the host has."""

from __future__ import annotations

from collections.abc import Iterator

from pulumi_policy import Severity

from sutazai_policy.exceptions import ExceptableSettings
from sutazai_policy.facts import Facts
from sutazai_policy.messages import told
from sutazai_policy.reading import Reading
from sutazai_policy.rule import Category, Rule, Sees, Violation
from sutazai_policy.settings import HostField
from sutazai_policy.units import MIB, mib_text

__all__ = ["RULE"]


class MemoryLimitsOnHostSettings(ExceptableSettings):
    """The host that has the memory."""

    host: HostField


def check(facts: Facts, settings: MemoryLimitsOnHostSettings) -> Iterator[Violation]:  # noqa: ARG001 -- settings gave the host
    """Judge each workload's limit, whether it is to run or not; sums are another rule's."""
    most = facts.surveyed.memory
    limits = [
        *((one.name, one.urn, one.memory, MIB) for one in facts.containers),
        *((one.name, one.urn, one.limit_memory, 1) for one in facts.services),
    ]
    for name, urn, found, unit in limits:
        if _bytes(found, unit) > most:
            size = told(mib_text(_bytes(found, unit)), found)
            yield Violation(
                f"{name} may take {size} MiB of a host that has {mib_text(most, limit=True)} MiB: lower its limit",
                urn,
            )


def _bytes(found: Reading[int], unit: int) -> int:
    return (found.value or 0) * unit


RULE = Rule(
    name="memory-limits-on-host",
    description="A memory limit has to be no more than the host has.",
    category=Category.BUDGET,
    severity=Severity.HIGH,
    why=(
        "Within a pool's cgroup the sum of all limits doesn't count, since the cgroup holds it. A limit beyond the"
        " whole host is then none at all: most often a slip of a unit, found when the pool is out of memory."
    ),
    source="strategy: resource limits",
    remediation=(
        "1. Lower memory (in MB), or a service's taskSpec.resources.limits.memoryBytes.\n"
        "2. If the host has more memory, say so: host.memory_mib."
    ),
    settings=MemoryLimitsOnHostSettings,
    check=check,
    sees=Sees.HOST,
)
