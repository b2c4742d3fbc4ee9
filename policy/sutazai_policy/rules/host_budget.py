"""host-budget: what containers request, and what they may take, fits the usable cores and memory."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from pulumi_policy import Severity

from sutazai_policy.cgroups import PoolCgroups
from sutazai_policy.claims import Claim, read_claims
from sutazai_policy.facts import Container, Facts, Service
from sutazai_policy.flow import overloaded
from sutazai_policy.host import Host
from sutazai_policy.messages import cores_named, culprits, evicted_first, held_cpu, held_memory, overcommit_text
from sutazai_policy.quotas import pool_cgroups
from sutazai_policy.rule import Rule, Sees, Violation
from sutazai_policy.settings import HostField, OvercommitField, PoolCgroupsField, Settings
from sutazai_policy.uncounted import uncounted
from sutazai_policy.units import cores_text, mib_text, overcommitted

__all__ = ["HOST_BUDGET"]


class HostBudgetSettings(Settings):
    """The host, and how far limits may exceed it."""

    host: HostField
    pool_cgroups: PoolCgroupsField
    overcommit: OvercommitField = 1.0


def check(facts: Facts, settings: HostBudgetSettings) -> list[Violation]:
    """Judge every sum against the host; a label is never asked what a workload weighs."""
    host, claims = facts.host, read_claims(facts)
    if host is None:
        raise ValueError("host-budget judges by a host")
    cgroups = pool_cgroups(settings.pool_cgroups, host, facts.stack)
    return [
        *_stray_cores(facts.containers, host),
        *_shared_names(facts.containers, "container"),
        *_shared_names(facts.services, "service"),
        *uncounted(claims, "replicas", "core set", "CPU request", "memory request", "memory limit"),
        *_cpu_requests(claims, host),
        *_confined_requests(claims, host),
        *_memory_requests(claims, host),
        *_memory_limits(claims, cgroups, host, settings.overcommit),
    ]


def _stray_cores(containers: Iterable[Container], host: Host) -> Iterable[Violation]:
    for one in containers:
        cores = one.cpu_set.value or 0
        if absent := cores & ~host.all_cores:
            yield Violation(
                f"{one.name} may run on {cores_named(absent)}, and the host has"
                f" {cores_named(host.all_cores)}: narrow its cpuSet",
                one.urn,
            )
        if reserved := cores & host.system_cores:
            yield Violation(
                f"{one.name} may run on {cores_named(reserved)}, and {cores_named(host.system_cores)}"
                " are for the system: narrow its cpuSet",
                one.urn,
            )


def _shared_names(workloads: Sequence[Container | Service], kind: str) -> Iterable[Violation]:
    """Names decide which running containers are the stack's, and the engine gives each name out once."""
    owners: defaultdict[str, list[Container | Service]] = defaultdict(list)
    for one in workloads:
        if one.docker_name.value is not None:
            owners[one.docker_name.value].append(one)
    for name, sharing in owners.items():
        for one in sharing[1:]:
            yield Violation(
                f'{one.name} wants the {kind} name "{name}", which {sharing[0].name} has: give it another',
                one.urn,
            )


def _cpu_requests(claims: Sequence[Claim], host: Host) -> Iterable[Violation]:
    need = sum(claim.cpu_request for claim in claims)
    if need > host.free_cpu:
        who = culprits(((claim.name, claim.cpu_request) for claim in claims), cores_text)
        yield Violation(
            f"the stack requests {cores_text(need)} of {cores_text(host.free_cpu, limit=True)} usable cores"
            f" ({who}){held_cpu(host)}: lower cpuShares, or {_more(host, 'cores')}"
        )


def _confined_requests(claims: Sequence[Claim], host: Host) -> Iterable[Violation]:
    """Find core sets that are asked for more than they have, though the host as a whole may have enough."""
    demands = [(_usable(claim.cores, host), claim.name, claim.cpu_request) for claim in claims]
    demands += [(_usable(one.cores, host), f"{one.name} outside the stack", one.cpu) for one in host.occupants]
    by_mask: defaultdict[int, int] = defaultdict(int)
    for mask, _, amount in demands:
        by_mask[mask] += amount
    for full in overloaded(by_mask):
        confined = [(name, amount) for mask, name, amount in demands if mask and not mask & ~full]
        if full != host.usable_cores:
            need = sum(amount for _, amount in confined)
            yield Violation(
                f"what is confined to {cores_named(full)} requests {cores_text(need)} cores"
                f" of {full.bit_count()} ({culprits(confined, cores_text)}):"
                " lower cpuShares, or widen a cpuSet"
            )


def _usable(cores: int | None, host: Host) -> int:
    return host.usable_cores if cores is None else cores & host.usable_cores


def _memory_requests(claims: Sequence[Claim], host: Host) -> Iterable[Violation]:
    need = sum(claim.memory_request for claim in claims)
    if need > host.free_memory:
        who = culprits(((claim.name, claim.memory_request) for claim in claims), mib_text)
        yield Violation(
            f"the stack requests {mib_text(need)} MiB"
            f" of {mib_text(host.free_memory, limit=True)} MiB usable memory ({who}){held_memory(host)};"
            f" evicted first: {evicted_first(claims)}:"
            f" lower memoryReservation, or {_more(host, 'memory_mib')}"
        )


def _memory_limits(
    claims: Sequence[Claim], cgroups: PoolCgroups, host: Host, overcommit: float
) -> Iterable[Violation]:
    for claim in claims:
        if claim.unlimited and not cgroups.holds(claim):
            yield Violation(
                f"{claim.name} has no memory limit and may take all"
                f" {mib_text(host.memory)} MiB of the host: set its memory",
                claim.urn,
            )
    parts = cgroups.ceiling(claims)
    need = sum(amount for _, amount in parts)
    room = overcommitted(host.free_memory, overcommit)
    if need > room:
        yield Violation(
            f"the stack may take {mib_text(need)} MiB"
            f" of {mib_text(room, limit=True)} MiB usable memory{overcommit_text(overcommit)}"
            f" ({culprits(parts, mib_text)}){held_memory(host)}; evicted first: {evicted_first(claims)}:"
            " lower memory, place containers in their pool's cgroup, or raise overcommit"
        )


def _more(host: Host, setting: str) -> str:
    if not host.measured:
        return f"raise host.{setting}"
    return "stop others" if host.occupants else "use a larger host"


HOST_BUDGET = Rule(
    name="host-budget",
    description="What containers request and may take has to fit the host's usable cores and memory.",
    severity=Severity.CRITICAL,
    remediation=(
        "1. Read which sum is over, by how much, and its largest parts.\n"
        "2. Lower their requests (cpuShares, memoryReservation) or limits (memory), or run fewer of them.\n"
        "3. If the host has changed, say so: host in policy/stacks.yaml or in --policy-pack-config."
    ),
    settings=HostBudgetSettings,
    check=check,
    sees=Sees.OCCUPANTS,
)
