"""Which cores each replica is pinned to, within what its pool owns or borrows.

- Members of one `separate` set (databases) get disjoint cores of their group, where there are enough of them.
- Agents are spread: each is pinned to as few cores as its limit needs, the least loaded ones. The busiest core is
  then within one agent's request of the best that is possible.
- Everything else runs on its whole group, so that an idle neighbour's time isn't lost.
Who has a place that is still good keeps it; newcomers are placed around them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from heapq import heapify, heappop, heappush
from math import ceil

from sutazai_infra.model.catalogue import Borrow, Catalogue
from sutazai_infra.model.coreset import CoreSet
from sutazai_infra.model.service import Kind
from sutazai_infra.planning.demand import Demand
from sutazai_infra.planning.separation import disjoint

__all__ = ["PoolCores", "Rules", "group_of", "place", "pool_cores"]


@dataclass(frozen=True, slots=True)
class PoolCores:
    """What a pool may run on: cores that its groups own, and cores that it borrows."""

    owned: CoreSet
    borrowed: CoreSet

    @property
    def all(self) -> CoreSet:
        """Every core that a member may be pinned to."""
        return self.owned | self.borrowed


@dataclass(frozen=True, slots=True)
class Rules:
    """What placement insists on: databases apart, agents pinned to as few cores as they need."""

    apart: bool = True
    pinned: bool = True


def pool_cores(
    catalogue: Catalogue, groups: Mapping[str, CoreSet], demands: Sequence[Demand], usable: CoreSet
) -> dict[str, PoolCores]:
    """Derive each pool's cores; a pool that outgrew its own expands onto those that it may.

    A pool none of whose groups is in the stack borrows from everybody.
    """
    requests: Counter[str] = Counter()
    for demand in demands:
        requests[demand.pool.name] += demand.cpu if demand.resident else 0
    result: dict[str, PoolCores] = {}
    for pool in catalogue.pools:
        owned = _union(groups.get(name, CoreSet()) for name in pool.groups)
        borrowed = _borrowed(pool.borrows, groups)
        if owned and requests[pool.name] > 1000 * len(owned):
            borrowed |= _borrowed(pool.expands, groups)
        result[pool.name] = PoolCores(owned, borrowed - owned if owned | borrowed else usable)
    return result


def _borrowed(borrows: Iterable[Borrow], groups: Mapping[str, CoreSet]) -> CoreSet:
    return _union(_borrowed_part(borrow, groups.get(borrow.group, CoreSet())) for borrow in borrows)


def _borrowed_part(borrow: Borrow, cores: CoreSet) -> CoreSet:
    share = Fraction(str(borrow.share or 0))
    return cores.last(borrow.cores if borrow.cores is not None else ceil(len(cores) * share))


def _union(sets: Iterable[CoreSet]) -> CoreSet:
    return CoreSet(core for cores in set(sets) for core in cores)


def group_of(demand: Demand) -> str | None:
    """Name the core group that a demand is charged to; none for pools that only borrow."""
    if not demand.pool.groups:
        return None
    return demand.service.group or demand.pool.groups[0]


def place(
    demands: Sequence[Demand],
    groups: Mapping[str, CoreSet],
    pools: Mapping[str, PoolCores],
    previous: Mapping[str, CoreSet],
    rules: Rules,
) -> dict[str, CoreSet]:
    """Pin each replica: instance -> cores. `previous` holds the places of the last plan."""
    whole = {name: pool.all for name, pool in pools.items()}
    result = {d.instance: _home(d, groups, whole) for d in demands}
    if rules.apart:
        result.update(_separated(demands, result, previous))
    if rules.pinned:
        result.update(_spread_agents(demands, result, whole, previous))
    return result


def _home(demand: Demand, groups: Mapping[str, CoreSet], whole: Mapping[str, CoreSet]) -> CoreSet:
    group = group_of(demand)
    if group is None or group not in groups or demand.service.kind is Kind.AGENT:
        return whole[demand.pool.name]
    return groups[group]


def _separated(
    demands: Sequence[Demand], homes: Mapping[str, CoreSet], previous: Mapping[str, CoreSet]
) -> dict[str, CoreSet]:
    sets: dict[tuple[str, CoreSet], dict[str, int]] = {}
    for demand in demands:
        if demand.service.separate is not None and demand.resident:
            members = sets.setdefault((demand.service.separate, homes[demand.instance]), {})
            members[demand.instance] = demand.cpu
    result: dict[str, CoreSet] = {}
    for (_, cores), members in sets.items():
        result.update(disjoint(members, cores, previous))
    return result


def _spread_agents(
    demands: Sequence[Demand],
    homes: Mapping[str, CoreSet],
    whole: Mapping[str, CoreSet],
    previous: Mapping[str, CoreSet],
) -> dict[str, CoreSet]:
    loads = _Loads()
    agents: dict[str, list[Demand]] = {}
    spread: Counter[CoreSet] = Counter()
    for demand in demands:
        if demand.service.kind is Kind.AGENT:
            agents.setdefault(demand.pool.name, []).append(demand)
        elif demand.resident:
            spread[homes[demand.instance]] += demand.cpu
    for cores, request in spread.items():
        loads.add(cores, request)
    result: dict[str, CoreSet] = {}
    for pool, cores in whole.items():
        # The largest first: what is left then evens the loads out.
        members = sorted(agents.get(pool, ()), key=lambda d: -d.cpu)
        result.update(_spread(members, cores, loads, previous))
    return result


@dataclass(slots=True)
class _Loads:
    """Load on each core, in millionths; the number of placed agents breaks ties."""

    by_core: Counter[int] = field(default_factory=Counter)
    placed: Counter[int] = field(default_factory=Counter)

    def add(self, cores: CoreSet, request: int, agents: int = 0) -> None:
        part = request * 1000 // len(cores)
        for core in cores:
            self.by_core[core] += part
            self.placed[core] += agents

    def key(self, core: int) -> tuple[int, int, int]:
        return self.by_core[core], self.placed[core], core


def _spread(
    agents: Sequence[Demand], cores: CoreSet, loads: _Loads, previous: Mapping[str, CoreSet]
) -> dict[str, CoreSet]:
    result: dict[str, CoreSet] = {}
    for demand in agents:
        before = previous.get(demand.instance)
        if before is not None and len(before) == _width(demand, cores) and before <= cores:
            result[demand.instance] = before
            loads.add(before, demand.cpu, agents=1)
    heap = [loads.key(core) for core in cores]
    heapify(heap)
    for demand in agents:
        if demand.instance not in result:
            chosen = CoreSet([heappop(heap)[2] for _ in range(_width(demand, cores))])
            loads.add(chosen, demand.cpu, agents=1)
            for core in chosen:
                heappush(heap, loads.key(core))
            result[demand.instance] = chosen
    return result


def _width(demand: Demand, cores: CoreSet) -> int:
    return min(len(cores), -(-demand.cpu_limit // 1000))
