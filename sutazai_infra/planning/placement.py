"""Which cores each replica is pinned to, within what its pool owns or borrows.

- Members of one `separate` set (databases) get disjoint cores of their group, where there are enough of them.
- Agents are spread: each is pinned to as few cores as its limit needs, the least loaded ones.
- Everything else runs on its whole group, so that an idle neighbour's time isn't lost.
Who has a place that is still good keeps it; newcomers are placed around them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from itertools import groupby
from math import ceil

from sutazai_infra.model.catalogue import Borrow, Catalogue
from sutazai_infra.model.coreset import CoreSet
from sutazai_infra.model.service import Kind
from sutazai_infra.planning.demand import Demand
from sutazai_infra.planning.layout import partition

__all__ = ["PoolCores", "group_of", "place", "pool_cores"]


@dataclass(frozen=True, slots=True)
class PoolCores:
    """What a pool may run on: cores that its groups own, and cores that it borrows."""

    owned: CoreSet
    borrowed: CoreSet

    @property
    def all(self) -> CoreSet:
        """Every core that a member may be pinned to."""
        return self.owned | self.borrowed


def pool_cores(
    catalogue: Catalogue, groups: Mapping[str, CoreSet], demands: Sequence[Demand]
) -> dict[str, PoolCores]:
    """Derive each pool's cores; a pool that outgrew its own expands onto those that it may."""
    result: dict[str, PoolCores] = {}
    for pool in catalogue.pools:
        owned = _union(groups.get(name, CoreSet()) for name in pool.groups)
        request = sum(d.cpu for d in demands if d.resident and d.pool.name == pool.name)
        borrowed = _borrowed(pool.borrows, groups)
        if owned and request > 1000 * len(owned):
            borrowed |= _borrowed(pool.expands, groups)
        result[pool.name] = PoolCores(owned, borrowed - owned)
    return result


def _borrowed(borrows: Iterable[Borrow], groups: Mapping[str, CoreSet]) -> CoreSet:
    return _union(_part(borrow, groups.get(borrow.group, CoreSet())) for borrow in borrows)


def _part(borrow: Borrow, cores: CoreSet) -> CoreSet:
    return cores.last(borrow.cores if borrow.cores is not None else ceil(len(cores) * (borrow.share or 0)))


def _union(sets: Iterable[CoreSet]) -> CoreSet:
    return CoreSet(core for cores in sets for core in cores)


@dataclass(slots=True)
class _Loads:
    """Load on each core, in millicores; the number of placed agents breaks ties."""

    by_core: dict[int, float] = field(default_factory=dict)
    placed: dict[int, int] = field(default_factory=dict)

    def add(self, cores: CoreSet, request: int) -> None:
        for core in cores:
            self.by_core[core] = self.by_core.get(core, 0.0) + request / len(cores)

    def key(self, core: int) -> tuple[float, int, int]:
        return round(self.by_core.get(core, 0.0), 6), self.placed.get(core, 0), core


def place(
    demands: Sequence[Demand],
    groups: Mapping[str, CoreSet],
    pools: Mapping[str, PoolCores],
    previous: Mapping[str, CoreSet],
) -> dict[str, CoreSet]:
    """Pin each replica: instance -> cores. `previous` holds the places of the last plan."""
    result: dict[str, CoreSet] = {}
    loads = _Loads()
    agents = [d for d in demands if d.service.kind is Kind.AGENT]
    for demand in demands:
        if demand.service.kind is not Kind.AGENT:
            result[demand.instance] = _home(demand, groups, pools)
    result.update(_separated(demands, groups, pools, previous))
    for demand in demands:
        if demand.resident and demand.instance in result:
            loads.add(result[demand.instance], demand.cpu)
    for pool, members in groupby(sorted(agents, key=lambda d: d.pool.name), key=lambda d: d.pool):
        result.update(_spread(list(members), pools[pool.name].all, loads, previous))
    return result


_NOWHERE = CoreSet([2**16])


def _home(demand: Demand, groups: Mapping[str, CoreSet], pools: Mapping[str, PoolCores]) -> CoreSet:
    group = group_of(demand)
    return groups[group] if group is not None and group in groups else pools[demand.pool.name].all


def group_of(demand: Demand) -> str | None:
    """Name the core group that a demand is charged to; none for pools that only borrow."""
    return demand.service.group or next(iter(demand.pool.groups), None) if demand.pool.groups else None


def _separated(
    demands: Sequence[Demand],
    groups: Mapping[str, CoreSet],
    pools: Mapping[str, PoolCores],
    previous: Mapping[str, CoreSet],
) -> dict[str, CoreSet]:
    sets: dict[tuple[str, str], list[Demand]] = {}
    for demand in demands:
        if demand.service.separate is not None and demand.resident:
            sets.setdefault((demand.service.separate, group_of(demand) or demand.pool.name), []).append(demand)
    result: dict[str, CoreSet] = {}
    for members in sets.values():
        cores = _home(members[0], groups, pools)
        result.update(_disjoint(members, cores, previous))
    return result


def _disjoint(members: Sequence[Demand], cores: CoreSet, previous: Mapping[str, CoreSet]) -> dict[str, CoreSet]:
    kept = {d.instance: previous[d.instance] for d in members if previous.get(d.instance, _NOWHERE) <= cores}
    taken = _union(kept.values())
    newcomers = {d.instance: d.cpu for d in members if d.instance not in kept}
    free = cores - taken
    if sum(map(len, kept.values())) == len(taken) and len(newcomers) <= len(free):
        return {**kept, **partition(newcomers, free)}
    if len(members) <= len(cores):
        return partition({d.instance: d.cpu for d in members}, cores)
    return _packed(members, cores)


def _packed(members: Sequence[Demand], cores: CoreSet) -> dict[str, CoreSet]:
    """Too few cores for one each: the largest request first, each onto the least loaded core."""
    loads = _Loads()
    result: dict[str, CoreSet] = {}
    for demand in sorted(members, key=lambda d: (-d.cpu, d.instance)):
        core = CoreSet([min(cores, key=loads.key)])
        loads.add(core, demand.cpu)
        result[demand.instance] = core
    return result


def _spread(
    agents: Sequence[Demand], cores: CoreSet, loads: _Loads, previous: Mapping[str, CoreSet]
) -> dict[str, CoreSet]:
    result: dict[str, CoreSet] = {}
    for demand in agents:
        before = previous.get(demand.instance)
        if before is not None and before <= cores and len(before) == _width(demand, cores):
            result[demand.instance] = before
            _settle(loads, before, demand.cpu)
    heap = [loads.key(core) for core in cores]
    heapify(heap)
    for demand in agents:
        if demand.instance not in result:
            chosen = CoreSet(heappop(heap)[2] for _ in range(_width(demand, cores)))
            _settle(loads, chosen, demand.cpu)
            for core in chosen:
                heappush(heap, loads.key(core))
            result[demand.instance] = chosen
    return result


def _settle(loads: _Loads, cores: CoreSet, request: int) -> None:
    loads.add(cores, request)
    for core in cores:
        loads.placed[core] = loads.placed.get(core, 0) + 1


def _width(demand: Demand, cores: CoreSet) -> int:
    return min(len(cores), -(-demand.cpu_limit // 1000))
