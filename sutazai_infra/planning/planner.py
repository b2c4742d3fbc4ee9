"""From catalogue, host and settings to the plan: select, admit, fit, lay out, place, check, schedule.

Pure and deterministic: the same inputs give the same plan, byte for byte. With the previous plan given, whoever
has a place that is still good keeps it; without one, or when keeping places would break a budget, all is placed
anew.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sutazai_infra.model.catalogue import Catalogue
from sutazai_infra.model.coreset import CoreSet
from sutazai_infra.model.errors import PlanRefusedError
from sutazai_infra.model.host import Host
from sutazai_infra.model.plan import GroupCores, Plan, PlannedService, PoolPlan, QosClass
from sutazai_infra.model.settings import Settings
from sutazai_infra.planning.demand import Demand, select
from sutazai_infra.planning.feasibility import shortfall
from sutazai_infra.planning.fitting import fit, fit_cpu_limits, overflow
from sutazai_infra.planning.layout import partition
from sutazai_infra.planning.ledger import Entry, Placed, entries
from sutazai_infra.planning.links import networks_of
from sutazai_infra.planning.notes import eviction_order, notes
from sutazai_infra.planning.placement import group_of, place, pool_cores
from sutazai_infra.planning.quotas import quotas_for
from sutazai_infra.planning.schedule import longest_base_ms, probe_intervals, probe_peak, start_stages

__all__ = ["plan"]

SHARES_PER_CORE = 1024
LEAST_SHARES = 2


def plan(catalogue: Catalogue, host: Host, settings: Settings, previous: Plan | None = None) -> Plan:
    """Resolve everything, or raise: `ConfigError` for bad names, `PlanRefusedError` for what doesn't fit."""
    before = _Before.of(previous if settings.stability == "keep" else None)
    try:
        return _plan(catalogue, host, settings, before)
    except PlanRefusedError:
        if before is _NOTHING_BEFORE:
            raise
        return _plan(catalogue, host, settings, _NOTHING_BEFORE)


@dataclass(frozen=True, slots=True)
class _Before:
    """What of the previous plan can be kept."""

    groups: Mapping[str, CoreSet]
    cores: Mapping[str, CoreSet]
    pools: Mapping[str, str]
    intervals: Mapping[str, int]

    @classmethod
    def of(cls, previous: Plan | None) -> _Before:
        if previous is None:
            return _NOTHING_BEFORE
        residents = previous.residents
        return cls(
            groups={group.name: group.core_set for group in previous.groups},
            cores={s.instance: s.core_set for s in residents},
            pools={s.instance: s.pool for s in residents},
            intervals={s.instance: s.probe_interval_ms for s in residents},
        )


_NOTHING_BEFORE = _Before({}, {}, {}, {})


def _plan(catalogue: Catalogue, host: Host, settings: Settings, before: _Before) -> Plan:
    selection = select(catalogue, settings)
    quotas = quotas_for(catalogue, host, settings)
    stages = start_stages(d.service for d in selection.demands)
    admitted = overflow(selection.demands, catalogue, quotas, before.pools)
    demands, scale = fit(admitted, catalogue, host, quotas, settings)
    groups = _groups(catalogue, demands, host, before)
    pools = pool_cores(catalogue, groups, demands)
    cores = place(demands, groups, pools, before.cores)
    demands = fit_cpu_limits(demands, cores, quotas, settings)
    placed = Placed(catalogue, host, settings, quotas, demands, cores, groups, pools)
    intervals = _intervals(demands, settings, before)
    peak = probe_peak((i for i in intervals.values() if i), settings.probe_share)
    ledger = entries(placed, peak)
    _refuse_broken(ledger)
    return Plan(
        host=host,
        scale=scale,
        groups=tuple(_group_cores(name, cores_of, demands) for name, cores_of in groups.items()),
        pools=tuple(_pool_plans(placed)),
        services=tuple(_row(d, placed, stages, intervals) for d in demands),
        ledger=tuple(entry.line for entry in ledger),
        probe_peak=peak,
        eviction_order=eviction_order(placed),
        disabled=selection.disabled,
        notes=notes(placed, scale),
    )


def _refuse_broken(ledger: Sequence[Entry]) -> None:
    broken = [entry.refusal for entry in ledger if not entry.line.held]
    if broken:
        raise PlanRefusedError(broken)


def _groups(catalogue: Catalogue, demands: Sequence[Demand], host: Host, before: _Before) -> dict[str, CoreSet]:
    """Give each group that has residents its cores: the previous ones while they are good, else anew."""
    requests: dict[str, int] = {}
    for demand in demands:
        group = group_of(demand)
        if group is not None and demand.resident:
            requests[group] = requests.get(group, 0) + demand.cpu
    ordered = {group.name: requests[group.name] for group in catalogue.groups if group.name in requests}
    kept = {name: cores for name, cores in before.groups.items() if name in ordered}
    if _still_good(kept, ordered, host):
        return {name: kept[name] for name in ordered}
    return partition(ordered, host.usable_cores)


def _still_good(kept: Mapping[str, CoreSet], requests: Mapping[str, int], host: Host) -> bool:
    """Cores that a group left behind count as a change, too: they would lie idle."""
    covered = CoreSet(core for cores in kept.values() for core in cores)
    return (
        kept.keys() == requests.keys()
        and covered == host.usable_cores
        and shortfall((kept[name], request) for name, request in requests.items()) is None
    )


def _intervals(demands: Sequence[Demand], settings: Settings, before: _Before) -> dict[str, int]:
    cap = longest_base_ms(1000 * settings.probe_interval_max) if settings.probe_interval_max else None
    bases: dict[str, int] = {}
    for demand in demands:
        probe = demand.service.probe
        if probe is None or not demand.resident:
            continue
        base = 1000 * max(1, probe.interval or demand.pool.probe_interval)
        bases[demand.instance] = min(base, cap or base)
    return probe_intervals(bases, before.intervals)


def _group_cores(name: str, cores: CoreSet, demands: Sequence[Demand]) -> GroupCores:
    request = sum(d.cpu for d in demands if d.resident and group_of(d) == name)
    return GroupCores(name=name, core_set=cores, cpu_request=request / 1000)


def _pool_plans(placed: Placed) -> list[PoolPlan]:
    return [
        PoolPlan(
            name=pool.name,
            tier=pool.tier,
            core_set=placed.pools[pool.name].all,
            borrowed=placed.pools[pool.name].borrowed,
            weight=pool.weight,
            pids=pool.pids,
            memory_mib=placed.quotas.pool_memory[pool.name],
        )
        for pool in placed.catalogue.pools
    ]


def _row(
    demand: Demand, placed: Placed, stages: Mapping[str, int], intervals: Mapping[str, int]
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
        cpu_quota=min(demand.cpu_limit, 1000 * placed.host.cores) / 1000,
        memory_request_mib=demand.memory,
        memory_limit_mib=demand.memory_limit,
        weight=max(LEAST_SHARES, round(demand.cpu * SHARES_PER_CORE / 1000)),
        qos=_qos(demand),
        stage=stages[service.name],
        depends_on=tuple(n for n in (*service.depends_on, *service.after) if n in placed.present),
        networks=networks_of(service.name, demand.pool.name, placed.links),
        probe_interval_ms=intervals.get(demand.instance, 0),
    )


def _qos(demand: Demand) -> QosClass:
    if demand.cpu == demand.cpu_limit and demand.memory == demand.memory_limit:
        return QosClass.GUARANTEED
    return QosClass.BURSTABLE if demand.cpu or demand.memory else QosClass.BEST_EFFORT
