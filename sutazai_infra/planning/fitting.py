"""Admission to pools, and scaling of requests: what happens before anything gets a core."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sutazai_infra.model.catalogue import Catalogue
from sutazai_infra.model.coreset import CoreSet
from sutazai_infra.model.errors import PlanRefusedError
from sutazai_infra.model.host import Host
from sutazai_infra.model.plan import Scale
from sutazai_infra.model.service import Kind
from sutazai_infra.model.settings import Fit, Settings
from sutazai_infra.planning.budgets import Budget, request_budgets
from sutazai_infra.planning.demand import Demand
from sutazai_infra.planning.quotas import Quotas

__all__ = ["fit", "fit_cpu_limits", "overflow"]

LEAST_CPU_SCALE = 0.05
LEAST_MEMORY_SCALE = 0.25


def overflow(
    demands: Sequence[Demand], catalogue: Catalogue, quotas: Quotas, previous: Mapping[str, str]
) -> tuple[Demand, ...]:
    """Move agents beyond their tier's request quota to the pool that takes the overflow.

    Priority decides who stays, then the catalogue's order; who had a place before (`previous`: instance -> pool)
    keeps it before anybody new gets one.
    """
    pools = {pool.name: pool for pool in catalogue.pools}
    movable = [d for d in demands if _movable(d)]
    moved: dict[str, str] = {}
    for home in {d.pool.name: d.pool for d in movable}.values():
        quota = quotas.tiers[home.tier]
        fixed = [d for d in demands if d.resident and d.pool.tier == home.tier and not _movable(d)]
        cpu = quota.request_cpu - sum(d.cpu for d in fixed)
        memory = min(
            quota.request_memory - sum(d.memory for d in fixed),
            quotas.pool_memory[home.name] - sum(d.memory for d in fixed if d.pool is home),
        )
        for demand in sorted((d for d in movable if d.pool is home), key=lambda d: _claim(d, previous)):
            stays = (
                demand.cpu <= cpu
                and demand.memory <= memory
                and previous.get(demand.instance) in {None, home.name}
            )
            if stays:
                cpu, memory = cpu - demand.cpu, memory - demand.memory
            else:
                moved[demand.instance] = home.overflows_to or home.name
    return tuple(replace(d, pool=pools[moved[d.instance]]) if d.instance in moved else d for d in demands)


def _movable(demand: Demand) -> bool:
    return demand.service.kind is Kind.AGENT and demand.pool.overflows_to is not None


def _claim(demand: Demand, previous: Mapping[str, str]) -> tuple[bool, int]:
    return demand.instance not in previous, -demand.service.priority.value_points


def fit(
    demands: Sequence[Demand], catalogue: Catalogue, host: Host, quotas: Quotas, settings: Settings
) -> tuple[tuple[Demand, ...], Scale]:
    """Scale all requests by one factor a dimension, where the stack's `fit` says so and they don't fit.

    Raises `PlanRefusedError` when the factor would be so small that services could not work.
    """
    if settings.fit is Fit.REFUSE:
        return tuple(demands), Scale()
    own = host.model_copy(update={"foreign": ()})
    budgets = list(request_budgets(demands, catalogue, own, quotas))
    cpu = _factor([b for b in budgets if b.dimension == "cpu"], LEAST_CPU_SCALE, "m")
    memory = _factor([b for b in budgets if b.dimension == "memory"], LEAST_MEMORY_SCALE, " MiB")
    scaled = [d.scaled(cpu, memory) if d.resident else d for d in demands]
    return tuple(_limited(scaled, catalogue, host, quotas)), Scale(cpu=round(cpu, 4), memory=round(memory, 4))


def _factor(budgets: Sequence[Budget], least: float, unit: str) -> float:
    tightest = min(budgets, key=_ratio)
    factor = min(1.0, _ratio(tightest))
    if factor < least:
        raise PlanRefusedError(
            [
                f"{tightest.scope} {tightest.dimension} requests {tightest.used}{unit} of {tightest.limit}{unit}: "
                f"scaling every request by {factor:.3f} would starve the services (at least {least}); "
                f"{tightest.way_out}, or use a larger host"
            ]
        )
    return factor


def _ratio(budget: Budget) -> float:
    return budget.limit / budget.used if budget.used else float("inf")


def _limited(demands: Sequence[Demand], catalogue: Catalogue, host: Host, quotas: Quotas) -> Sequence[Demand]:
    """Lower memory limits where no cgroup holds them."""
    memory = {pool.name: 1.0 for pool in catalogue.pools}
    if not host.pool_cgroups:
        whole = _scale(quotas.share_memory, [d for d in demands if d.resident])
        memory = {name: min(whole, _pool_limit_scale(demands, name, catalogue, quotas)) for name in memory}
    return [
        replace(
            d,
            memory_limit=max(d.memory, 6, int(d.memory_limit * memory[d.pool.name])),
        )
        if d.resident
        else d
        for d in demands
    ]


def fit_cpu_limits(
    demands: Sequence[Demand], cores: Mapping[str, CoreSet], quotas: Quotas, settings: Settings
) -> tuple[Demand, ...]:
    """Lower the CPU limits of a tier whose members reach more cores than its quota, where the stack scales."""
    if settings.fit is Fit.REFUSE:
        return tuple(demands)
    scales = {
        tier: _cpu_limit_scale(demands, cores, tier, quota.limit_cpu) for tier, quota in quotas.tiers.items()
    }
    return tuple(
        replace(d, cpu_limit=max(d.cpu, 1, int(d.cpu_limit * scales[d.pool.tier]))) if d.resident else d
        for d in demands
    )


def _cpu_limit_scale(demands: Sequence[Demand], cores: Mapping[str, CoreSet], tier: int, quota: int) -> float:
    members = [d for d in demands if d.resident and d.pool.tier == tier]
    distinct = {core for d in members for core in cores[d.instance]}
    total = sum(d.cpu_limit for d in members)
    return quota / total if min(total, 1000 * len(distinct)) > quota else 1.0


def _pool_limit_scale(demands: Sequence[Demand], name: str, catalogue: Catalogue, quotas: Quotas) -> float:
    pool = catalogue.pool(name)
    in_pool = _scale(quotas.pool_memory[name], [d for d in demands if d.resident and d.pool.name == name])
    tier = [d for d in demands if d.resident and d.pool.tier == pool.tier]
    return min(in_pool, _scale(quotas.tiers[pool.tier].limit_memory, tier))


def _scale(budget: int, demands: Sequence[Demand]) -> float:
    total = sum(d.memory_limit for d in demands)
    return min(1.0, budget / total) if total else 1.0
