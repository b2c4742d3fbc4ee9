"""Admission to pools, and scaling to a smaller host: what happens to requests and limits to make them fit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from sutazai_infra.model.coreset import CoreSet
from sutazai_infra.model.errors import PlanRefusedError
from sutazai_infra.model.plan import Disabled, Scale
from sutazai_infra.model.quantities import format_cores
from sutazai_infra.model.service import Kind
from sutazai_infra.model.settings import Fit
from sutazai_infra.planning.budgets import Budget, memory_ceilings, request_budgets
from sutazai_infra.planning.demand import LEAST_MIB, LEAST_MILLICORES, Demand, scaled_amount
from sutazai_infra.planning.quotas import Basis, Quotas

__all__ = [
    "LEAST_CPU_SCALE",
    "WHOLE",
    "fit",
    "lower_cpu_limits",
    "lower_memory_limits",
    "overflow",
    "without_oversized_slots",
]

# Factors are whole ten-thousandths, so that the plan's rounded scale is the one that was applied.
WHOLE = 10_000
LEAST_CPU_SCALE = WHOLE // 20
LEAST_MEMORY_SCALE = WHOLE // 4


def overflow(demands: Sequence[Demand], basis: Basis, previous: Mapping[str, str]) -> tuple[Demand, ...]:
    """Move agents beyond their tier's request quota to the pool that takes the overflow.

    Priority decides who stays, then the catalogue's order; who had a place before (`previous`: instance -> pool)
    keeps it before anybody new gets one. Where requests are scaled down to the host, CPU drives nobody out: the
    factor is what makes room.
    """
    scales = basis.settings.fit is Fit.SCALE
    pools = {pool.name: pool for pool in basis.catalogue.pools}
    homes = {d.pool.name: d.pool for d in demands if _movable(d)}
    moved: dict[str, str] = {}
    for home in homes.values():
        target = home.overflows_to or home.name
        cpu, memory = _left(demands, home.name, home.tier, basis.quotas)
        members = [d for d in demands if _movable(d) and d.pool is home]
        for demand in sorted(members, key=lambda d: _claim(d, previous)):
            fits = (scales or demand.cpu <= cpu) and demand.memory <= memory
            if fits and previous.get(demand.instance) != target:
                cpu, memory = cpu - demand.cpu, memory - demand.memory
            else:
                moved[demand.instance] = target
    return tuple(replace(d, pool=pools[moved[d.instance]]) if d.instance in moved else d for d in demands)


def _left(demands: Sequence[Demand], home: str, tier: int, quotas: Quotas) -> tuple[int, int]:
    """Return what the tier's quota and the pool's memory leave to agents that can move: millicores and MiB."""
    fixed = [d for d in demands if d.resident and d.pool.tier == tier and not _movable(d)]
    in_tier = quotas.tiers[tier].request_memory - sum(d.memory for d in fixed)
    in_pool = quotas.pool_memory[home] - sum(d.memory for d in fixed if d.pool.name == home)
    return quotas.tiers[tier].request_cpu - sum(d.cpu for d in fixed), min(in_tier, in_pool)


def _movable(demand: Demand) -> bool:
    return demand.service.kind is Kind.AGENT and demand.pool.overflows_to is not None


def _claim(demand: Demand, previous: Mapping[str, str]) -> tuple[bool, int]:
    return demand.instance not in previous, -demand.service.priority.value_points


def fit(demands: Sequence[Demand], basis: Basis, most_cpu: int = WHOLE) -> tuple[tuple[Demand, ...], Scale]:
    """Scale all requests by one factor a dimension, where the stack's `fit` says so and they don't fit.

    `most_cpu` (ten-thousandths) bounds the CPU factor. Raises `PlanRefusedError` when a factor would be so small
    that services could not work.
    """
    if not basis.scales:
        return tuple(demands), Scale()
    # Foreign containers come and go: were they to shrink the requests, each would change every container here.
    budgets = list(request_budgets(demands, basis.alone))
    cpu = _factor([b for b in budgets if b.dimension == "cpu"], LEAST_CPU_SCALE, most_cpu)
    memory = _factor([b for b in budgets if b.dimension == "memory"], LEAST_MEMORY_SCALE, WHOLE)
    scaled = (d.scaled(cpu, memory, WHOLE) if d.resident else d for d in demands)
    return tuple(scaled), Scale(cpu=cpu / WHOLE, memory=memory / WHOLE)


def _factor(budgets: Sequence[Budget], least: int, most: int) -> int:
    factors = [_largest_factor(budget) for budget in budgets]
    if min(factors) < least:
        tightest = min(budgets, key=lambda budget: budget.limit / max(1, budget.used))
        raise PlanRefusedError([_starving(tightest, least)])
    return min(*factors, most)


def _largest_factor(budget: Budget) -> int:
    """Search by halves, since no request falls below the least that Docker takes; 0 where none is small enough."""
    amounts = Counter(charge.amount for charge in budget.charges)
    floor = LEAST_MILLICORES if budget.dimension == "cpu" else LEAST_MIB
    low, high = 0, WHOLE
    while low < high:
        middle = (low + high + 1) // 2
        total = sum(count * scaled_amount(amount, middle, WHOLE, floor) for amount, count in amounts.items())
        low, high = (middle, high) if total <= budget.limit else (low, middle - 1)
    return low


def _starving(budget: Budget, least: int) -> str:
    sums = f"{budget.used} MiB of {budget.limit} MiB"
    if budget.dimension == "cpu":
        sums = f"{format_cores(budget.used)} of {format_cores(budget.limit)} cores"
    part = budget.limit / budget.used if budget.used else 0
    return (
        f"{budget.scope} requests {sums}: scaling every request by {part:.3f} would starve the services "
        f"(at least {least / WHOLE}); {budget.way_out}, or use a larger host"
    )


def lower_memory_limits(demands: Sequence[Demand], basis: Basis) -> tuple[Demand, ...]:
    """Lower limits towards their requests where the stack scales and no pool cgroup holds their sums."""
    if not basis.scales or basis.host.pool_cgroups:
        return tuple(demands)
    kept = {pool.name: WHOLE for pool in basis.catalogue.pools}
    for ceiling in memory_ceilings(basis.alone):
        members = [d for d in demands if d.resident and d.pool.name in ceiling.pools]
        part = _part(ceiling.limit, [(_least_memory(d), d.memory_limit) for d in members])
        kept.update((name, min(kept[name], part)) for name in ceiling.pools)
    return tuple(
        replace(d, memory_limit=_between(_least_memory(d), d.memory_limit, kept[d.pool.name])) if d.resident else d
        for d in demands
    )


def _least_memory(demand: Demand) -> int:
    return max(LEAST_MIB, demand.memory)


def lower_cpu_limits(demands: Sequence[Demand], cores: Mapping[str, CoreSet], basis: Basis) -> tuple[Demand, ...]:
    """Lower CPU limits towards requests in tiers that could take more of their cores than their quota."""
    if not basis.scales:
        return tuple(demands)
    kept = dict.fromkeys(basis.quotas.tiers, WHOLE)
    for tier, quota in basis.quotas.tiers.items():
        members = [d for d in demands if d.resident and d.pool.tier == tier]
        distinct = {core for core_set in {cores[d.instance] for d in members} for core in core_set}
        if 1000 * len(distinct) > quota.limit_cpu:
            kept[tier] = _part(quota.limit_cpu, [(d.cpu, d.cpu_limit) for d in members])
    return tuple(
        replace(d, cpu_limit=_between(max(1, d.cpu), d.cpu_limit, kept[d.pool.tier])) if d.resident else d
        for d in demands
    )


def _part(limit: int, bounds: Sequence[tuple[int, int]]) -> int:
    """Return how much (ten-thousandths) of the way from the lower bounds to the upper ones `limit` allows."""
    lower = sum(bound[0] for bound in bounds)
    upper = sum(bound[1] for bound in bounds)
    if upper <= limit:
        return WHOLE
    return max(0, limit - lower) * WHOLE // (upper - lower) if upper > lower else 0


def _between(lower: int, upper: int, part: int) -> int:
    return lower + max(0, upper - lower) * part // WHOLE


def without_oversized_slots(
    demands: Sequence[Demand], basis: Basis
) -> tuple[tuple[Demand, ...], tuple[Disabled, ...]]:
    """Leave out slots that could never start on so small a host; a stack that doesn't scale is refused instead."""
    has = basis.quotas.pool_memory
    oversized = [d for d in demands if not d.resident and d.memory > has[d.pool.name]]
    if not basis.scales or not oversized:
        return tuple(demands), ()
    reasons = {
        d.service.name: f"requests {d.memory} MiB; pool {d.pool.name} has {has[d.pool.name]} MiB here"
        for d in oversized
    }
    disabled = tuple(Disabled(name=name, reason=reason) for name, reason in reasons.items())
    return tuple(d for d in demands if d.service.name not in reasons), disabled
