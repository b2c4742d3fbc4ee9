"""From catalogue, host and settings to the plan: select, admit, fit, lay out, place, check, schedule.

Pure and deterministic: the same inputs give the same plan, byte for byte. With the previous plan given, whoever
has a place that is still good keeps it; without one, or when keeping places would break a budget, all is placed
anew.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from sutazai_infra.model.catalogue import Catalogue
from sutazai_infra.model.errors import PlanRefusedError
from sutazai_infra.model.host import Host
from sutazai_infra.model.plan import GroupCores, Plan, PlannedService, PoolPlan, QosClass, Scale
from sutazai_infra.model.settings import Fit, Settings
from sutazai_infra.planning.arrangement import NOTHING_BEFORE, Arrangement, Before, arrange
from sutazai_infra.planning.demand import Demand, select
from sutazai_infra.planning.entries import Entry
from sutazai_infra.planning.fitting import (
    LEAST_CPU_SCALE,
    WHOLE,
    fit,
    lower_cpu_limits,
    lower_memory_limits,
    overflow,
    without_oversized_slots,
)
from sutazai_infra.planning.ledger import entries
from sutazai_infra.planning.links import networks_of
from sutazai_infra.planning.notes import eviction_order, notes
from sutazai_infra.planning.oversized import within_host
from sutazai_infra.planning.placed import Placed
from sutazai_infra.planning.placement import group_of
from sutazai_infra.planning.quotas import Basis
from sutazai_infra.planning.schedule import longest_base_ms, probe_intervals, probe_peak, start_stages

__all__ = ["plan"]

SHARES_PER_CORE = 1024
LEAST_SHARES = 2
_MOST_ROUNDS = 4


def plan(catalogue: Catalogue, host: Host, settings: Settings, previous: Plan | None = None) -> Plan:
    """Resolve everything, or raise: `ConfigError` for bad names, `PlanRefusedError` for what doesn't fit."""
    keeps = settings.stability == "keep"
    resolved = _from(catalogue, host, settings, previous if keeps else None)
    if settings.fit is Fit.SCALE and keeps:
        return _settled(catalogue, host, settings, resolved)
    return resolved


def _settled(catalogue: Catalogue, host: Host, settings: Settings, resolved: Plan) -> Plan:
    """Plan upon the plan until it stays: kept cores may leave room for larger requests than new ones did."""
    for _ in range(_MOST_ROUNDS):
        again = _from(catalogue, host, settings, resolved)
        if again == resolved:
            break
        resolved = again
    return resolved


def _from(catalogue: Catalogue, host: Host, settings: Settings, previous: Plan | None) -> Plan:
    """Plan around what was there; anew, where that would break a budget."""
    before = Before.of(previous, host)
    try:
        return _plan(catalogue, host, settings, before)
    except PlanRefusedError:
        if before is NOTHING_BEFORE:
            raise
        return _plan(catalogue, host, settings, NOTHING_BEFORE)


def _plan(catalogue: Catalogue, host: Host, settings: Settings, before: Before) -> Plan:
    selection = select(catalogue, settings)
    stages = start_stages(d.service for d in selection.demands)
    basis = Basis.of(catalogue, host, settings)
    wanted, too_large = without_oversized_slots(selection.demands, basis)
    admitted = overflow(wanted, basis, before.pools)
    placed, scale = _placed(within_host(admitted, basis), basis, before)
    intervals = _intervals(placed.residents, settings, before)
    peak = probe_peak(intervals.values(), settings.probe_share)
    ledger = entries(placed, peak)
    _refuse_broken(ledger)
    return Plan(
        host=host,
        scale=scale,
        groups=tuple(_group_cores(placed)),
        pools=tuple(_pool_plans(placed)),
        services=tuple(_rows(placed, stages, intervals)),
        ledger=tuple(entry.line for entry in ledger),
        probe_peak=peak,
        eviction_order=eviction_order(placed),
        disabled=(*selection.disabled, *too_large),
        notes=notes(placed, scale),
    )


def _placed(demands: Sequence[Demand], basis: Basis, before: Before) -> tuple[Placed, Scale]:
    """Fit and arrange; where sums fit but the cores don't, a stack that scales shrinks its requests further."""
    most = WHOLE
    while True:
        fitted, scale = fit(demands, basis, most)
        found = arrange(fitted, basis, before)
        most = _next_scale(scale, found)
        if found.shortfall is None or not basis.scales or most < LEAST_CPU_SCALE:
            break
    limited = lower_cpu_limits(lower_memory_limits(fitted, basis), found.cores, basis)
    return Placed(basis, limited, found), scale


def _next_scale(scale: Scale, found: Arrangement) -> int:
    """Shrink by what is lacking, but by a twentieth at least: requests at Docker's least don't shrink at all."""
    part = round(scale.cpu * WHOLE)
    if found.shortfall is None:
        return part
    return min(part * found.shortfall.available // found.shortfall.requested, part * 19 // 20)


def _refuse_broken(ledger: Sequence[Entry]) -> None:
    broken = [entry.refusal for entry in ledger if not entry.line.held]
    if broken:
        raise PlanRefusedError(broken)


def _intervals(residents: Sequence[Demand], settings: Settings, before: Before) -> dict[str, int]:
    cap = longest_base_ms(1000 * settings.probe_interval_max) if settings.probe_interval_max else None
    bases: dict[str, int] = {}
    for demand in residents:
        probe = demand.service.probe
        if probe is not None:
            base = 1000 * max(1, probe.interval or demand.pool.probe_interval)
            bases[demand.instance] = min(base, cap or base)
    return probe_intervals(bases, before.intervals)


def _group_cores(placed: Placed) -> Iterator[GroupCores]:
    requests: Counter[str | None] = Counter()
    for demand in placed.residents:
        requests[group_of(demand)] += demand.cpu
    for name, cores in placed.groups.items():
        yield GroupCores(name=name, core_set=cores, cpu_request=requests[name] / 1000)


def _pool_plans(placed: Placed) -> list[PoolPlan]:
    return [
        PoolPlan(
            name=pool.name,
            tier=pool.tier,
            core_set=placed.pools[pool.name].all,
            borrowed=placed.pools[pool.name].borrowed,
            weight=pool.weight,
            pids=pool.pids,
            memory_mib=placed.basis.quotas.pool_memory[pool.name],
        )
        for pool in placed.basis.catalogue.pools
    ]


def _rows(placed: Placed, stages: Mapping[str, int], intervals: Mapping[str, int]) -> Iterator[PlannedService]:
    joined: dict[tuple[str, str], tuple[str, ...]] = {}
    for demand in placed.demands:
        key = demand.service.name, demand.pool.name
        if key not in joined:
            joined[key] = networks_of(demand.service, demand.pool.name, placed.links)
        yield _row(demand, placed, stages[demand.service.name], joined[key], intervals.get(demand.instance, 0))


def _row(
    demand: Demand, placed: Placed, stage: int, networks: tuple[str, ...], probe_interval_ms: int
) -> PlannedService:
    service, cores = demand.service, placed.cores[demand.instance]
    return PlannedService(
        name=service.name,
        instance=demand.instance,
        kind=service.kind,
        pool=demand.pool.name,
        tier=demand.pool.tier,
        priority=service.priority.value_points,
        priority_class=service.priority,
        replica=demand.replica,
        state="resident" if demand.resident else "slot",
        group=group_of(demand),
        core_set=cores,
        borrowed=not cores <= placed.pools[demand.pool.name].owned,
        cpu_request=demand.cpu / 1000,
        cpu_limit=min(demand.cpu_limit, 1000 * len(cores)) / 1000,
        cpu_quota=min(demand.cpu_limit, 1000 * placed.basis.host.cores) / 1000,
        memory_request_mib=demand.memory,
        memory_limit_mib=demand.memory_limit,
        weight=max(LEAST_SHARES, demand.cpu * SHARES_PER_CORE // 1000),
        qos=_qos(demand),
        stage=stage,
        depends_on=tuple(n for n in (*service.depends_on, *service.after) if n in placed.present),
        networks=networks,
        probe_interval_ms=probe_interval_ms,
    )


def _qos(demand: Demand) -> QosClass:
    if demand.cpu == demand.cpu_limit and demand.memory == demand.memory_limit:
        return QosClass.GUARANTEED
    declared = demand.service.requests
    return QosClass.BURSTABLE if declared.cpu or declared.memory else QosClass.BEST_EFFORT
