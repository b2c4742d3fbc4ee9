"""The ledger's lines on limits: what the residents may take at most, and what the kernel holds them to.

Sums of limits may exceed a budget where something else is smaller: memory where the pool's cgroup has a limit of
its own, CPU where there are fewer distinct cores. Without pool cgroups only the stack's overcommit excuses them.
Pool cgroups are siblings, also those of pools that share a buffer: none holds the others' sum to the buffer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping

from sutazai_infra.model.quantities import format_cores
from sutazai_infra.planning.budgets import charge, memory_ceilings
from sutazai_infra.planning.entries import Entry, cpu_entry, memory_entry
from sutazai_infra.planning.placed import Placed
from sutazai_infra.planning.quotas import Quotas

__all__ = ["cpu_limits", "memory_limits"]


def memory_limits(placed: Placed) -> Iterator[Entry]:
    """Check the ceilings of pools, tiers, host and stack."""
    limits: Counter[str] = Counter()
    for demand in placed.residents:
        limits[demand.pool.name] += demand.memory_limit
    way_out = "lower a limit, or raise overcommit"
    if not placed.basis.host.pool_cgroups:
        way_out = "lower a limit, raise overcommit, or use pool cgroups, which hold a pool (sutazai host prepare)"
    for ceiling in memory_ceilings(placed.basis):
        total = sum(limits[name] for name in ceiling.pools)
        held = total
        if placed.basis.host.pool_cgroups:
            held = _held_by_cgroups(limits, ceiling.pools, placed.basis.quotas)
        note = "" if held == total else f"limits add up to {total} MiB; pool cgroups hold them to {held} MiB"
        charges = [charge(d, d.memory_limit) for d in placed.residents if d.pool.name in ceiling.pools]
        yield memory_entry(ceiling.scope, "limits", charges, ceiling.limit, way_out, used=held, note=note)


def _held_by_cgroups(limits: Mapping[str, int], pools: Collection[str], quotas: Quotas) -> int:
    """Add up what each pool's own cgroup lets through."""
    return sum(min(limits.get(name, 0), quotas.pool_memory[name]) for name in pools)


def cpu_limits(placed: Placed) -> Iterator[Entry]:
    """Check each tier's ceiling: its summed limits, but never more than the distinct cores it may run on."""
    for tier in placed.basis.catalogue.tiers:
        members = [d for d in placed.residents if d.pool.tier == tier.number]
        charges = [charge(d, min(d.cpu_limit, 1000 * len(placed.cores[d.instance]))) for d in members]
        distinct = {core for core_set in {placed.cores[d.instance] for d in members} for core in core_set}
        total = sum(c.amount for c in charges)
        used = min(total, 1000 * len(distinct))
        note = f"limits add up to {format_cores(total)} cores on {len(distinct)} distinct ones"
        way_out = f"lower a limit, or raise tiers.{tier.number}.limit_cpu"
        quota = placed.basis.quotas.tiers[tier.number].limit_cpu
        scope = f"tier {tier.number}"
        note = "" if used == total else note
        yield cpu_entry(scope, "limits", charges, quota, way_out, used=used, note=note)
