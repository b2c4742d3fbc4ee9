"""host-budget: what containers request, and what they may take, fits the usable cores and memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pulumi_policy import Severity

from sutazai_policy.cgroups import PoolCgroups
from sutazai_policy.claims import Claim
from sutazai_policy.facts import Facts
from sutazai_policy.host import Host
from sutazai_policy.messages import culprits, evicted_first, held_cpu, held_memory, overcommit_text
from sutazai_policy.quotas import pool_cgroups
from sutazai_policy.rule import Category, Rule, Sees, Violation
from sutazai_policy.settings import HostField, OvercommitField, PoolCgroupsField, Settings
from sutazai_policy.sums import cpu_requests, memory_limits, memory_requests
from sutazai_policy.uncounted import uncounted
from sutazai_policy.units import cores_text, mib_text, overcommitted

__all__ = ["RULE"]


class HostBudgetSettings(Settings):
    """The host, and how far limits may exceed it."""

    host: HostField
    pool_cgroups: PoolCgroupsField
    overcommit: OvercommitField = 1.0


def check(facts: Facts, settings: HostBudgetSettings) -> Iterator[Violation]:
    """Judge every sum against the host; a label is never asked what a workload weighs."""
    host, claims = facts.surveyed, facts.claims
    cgroups = pool_cgroups(settings.pool_cgroups, host, facts.stack)
    yield from uncounted(claims, "replicas", "CPU request", "memory request", "memory limit")
    yield from _cpu_requests(claims, host)
    yield from _memory_requests(claims, host)
    yield from _unlimited(claims, cgroups, host)
    yield from _memory_limits(claims, cgroups, host, settings.overcommit)


def _cpu_requests(claims: Sequence[Claim], host: Host) -> Iterator[Violation]:
    need = cpu_requests(claims)
    if need.total > host.free_cpu:
        who = culprits(need.parts, cores_text)
        yield Violation(
            f"the stack requests {cores_text(need.total)} of {cores_text(host.free_cpu, limit=True)} usable cores"
            f" ({who}){held_cpu(host)}: lower cpuShares, or {_more(host, 'cores')}"
        )


def _memory_requests(claims: Sequence[Claim], host: Host) -> Iterator[Violation]:
    need = memory_requests(claims)
    if need.total > host.free_memory:
        who = culprits(need.parts, mib_text)
        yield Violation(
            f"the stack requests {mib_text(need.total)} MiB"
            f" of {mib_text(host.free_memory, limit=True)} MiB usable memory ({who}){held_memory(host)};"
            f" evicted first: {evicted_first(claims)}:"
            f" lower memoryReservation, or {_more(host, 'memory_mib')}"
        )


def _unlimited(claims: Sequence[Claim], cgroups: PoolCgroups, host: Host) -> Iterator[Violation]:
    for claim in claims:
        if claim.unlimited and not cgroups.holds(claim):
            yield Violation(
                f"{claim.name} has no memory limit and may take all"
                f" {mib_text(host.memory)} MiB of the host: set memory, or a service's limits.memoryBytes",
                claim.urn,
            )


def _memory_limits(
    claims: Sequence[Claim], cgroups: PoolCgroups, host: Host, overcommit: float
) -> Iterator[Violation]:
    need = memory_limits(claims, cgroups)
    room = overcommitted(host.free_memory, overcommit)
    if need.total > room:
        yield Violation(
            f"the stack may take {mib_text(need.total)} MiB"
            f" of {mib_text(room, limit=True)} MiB usable memory{overcommit_text(overcommit)}"
            f" ({culprits(need.parts, mib_text)}){held_memory(host)}; evicted first: {evicted_first(claims)}:"
            " lower memory, place containers in their pool's cgroup, or raise overcommit"
        )


def _more(host: Host, setting: str) -> str:
    if not host.measured:
        return f"raise host.{setting}"
    return "stop others" if host.occupants else "use a larger host"


RULE = Rule(
    name="host-budget",
    description="What containers request and may take has to fit the host's usable cores and memory.",
    category=Category.BUDGET,
    severity=Severity.CRITICAL,
    why=(
        "The host's cores and memory, less what the system and an emergency need, are all that there is."
        " What is promised beyond them is taken from whoever happens to run."
    ),
    source="strategy: memory allocation, core distribution; CIS Docker Benchmark 5.11, 5.12",
    remediation=(
        "1. Read which sum is over, by how much, and its largest parts.\n"
        "2. Lower their requests (cpuShares, memoryReservation) or limits (memory), or run fewer of them.\n"
        "3. If the host has changed, say so: host in policy/stacks.yaml or in --policy-pack-config."
    ),
    settings=HostBudgetSettings,
    check=check,
    sees=Sees.OCCUPANTS,
)
