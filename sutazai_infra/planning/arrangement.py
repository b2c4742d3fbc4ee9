"""The search for a placement whose requests fit: places are kept while they can be, rules give way one by one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sutazai_infra.model.catalogue import Catalogue, Pool
from sutazai_infra.model.coreset import CoreSet
from sutazai_infra.model.host import Host
from sutazai_infra.model.plan import Plan
from sutazai_infra.planning.demand import Demand
from sutazai_infra.planning.feasibility import Shortfall, shortfall
from sutazai_infra.planning.layout import Cap, partition
from sutazai_infra.planning.placement import PoolCores, Rules, group_of, place, pool_cores
from sutazai_infra.planning.quotas import Basis

__all__ = ["NOTHING_BEFORE", "Arrangement", "Before", "arrange"]


@dataclass(frozen=True, slots=True)
class Before:
    """What of the previous plan can be kept."""

    groups: Mapping[str, CoreSet]
    cores: Mapping[str, CoreSet]
    pools: Mapping[str, str]
    intervals: Mapping[str, int]

    @classmethod
    def of(cls, previous: Plan | None, host: Host) -> Before:
        """Read a plan; on other cores nothing has a place, but probes may keep their intervals."""
        if previous is None:
            return NOTHING_BEFORE
        residents = previous.residents
        intervals = {s.instance: s.probe_interval_ms for s in residents}
        if previous.host.usable_cores != host.usable_cores:
            return cls({}, {}, {}, intervals)
        return cls(
            groups={group.name: group.core_set for group in previous.groups},
            cores={s.instance: s.core_set for s in residents},
            pools={s.instance: s.pool for s in residents},
            intervals=intervals,
        )


NOTHING_BEFORE = Before({}, {}, {}, {})


@dataclass(frozen=True, slots=True)
class Arrangement:
    """Cores of groups, pools and replicas; the rules that they follow; and what doesn't fit, if anything."""

    groups: Mapping[str, CoreSet]
    pools: Mapping[str, PoolCores]
    cores: Mapping[str, CoreSet]
    rules: Rules
    shortfall: Shortfall | None


# In this order.
_RULES = (Rules(), Rules(pinned=False), Rules(apart=False), Rules(apart=False, pinned=False))


def arrange(demands: Sequence[Demand], basis: Basis, before: Before) -> Arrangement:
    """Find the first arrangement that fits; the last one tried, with its shortfall, where none does."""
    found: Arrangement | None = None
    for rules, groups, previous in _attempts(demands, basis, before):
        pools = pool_cores(basis.catalogue, groups, demands, basis.host.usable_cores)
        cores = place(demands, groups, pools, previous, rules)
        lacking = shortfall((cores[d.instance], d.cpu) for d in demands if d.resident)
        found = Arrangement(groups, pools, cores, rules, lacking)
        if lacking is None:
            break
    if found is None:
        raise AssertionError("there is always an attempt")
    return found


_Attempt = tuple[Rules, dict[str, CoreSet], Mapping[str, CoreSet]]


def _attempts(demands: Sequence[Demand], basis: Basis, before: Before) -> Iterator[_Attempt]:
    """For each set of rules: keep groups and places, then groups only, then nothing.

    A pool that outgrows its kept cores borrows, where it may, before others lose theirs.
    """
    requests = _group_requests(demands, basis.catalogue)
    fresh = partition(requests, basis.host.usable_cores, caps=list(_caps(demands, basis)))
    kept = _still_good(before.groups, requests, fresh)
    for rules in _RULES:
        if kept is not None:
            yield rules, kept, before.cores
            yield rules, kept, {}
        if kept != fresh:
            yield rules, fresh, {}


def _group_requests(demands: Sequence[Demand], catalogue: Catalogue) -> dict[str, int]:
    """Sum the requests of each group that has residents, in the catalogue's order of groups."""
    requests: Counter[str] = Counter()
    present: set[str] = set()
    for demand in demands:
        group = group_of(demand)
        if group is not None and demand.resident:
            requests[group] += demand.cpu
            present.add(group)
    return {group.name: requests[group.name] for group in catalogue.groups if group.name in present}


def _caps(demands: Sequence[Demand], basis: Basis) -> Iterator[Cap]:
    """A tier whose limits exceed its quota may not own more cores than the quota: the kernel would grant them."""
    limits: Counter[int] = Counter()
    for demand in demands:
        limits[demand.pool.tier] += demand.cpu_limit if demand.resident else 0
    for tier, quota in basis.quotas.tiers.items():
        if limits[tier] > quota.limit_cpu:
            owned = (name for pool in _of_tier(basis.catalogue, tier) for name in pool.groups)
            yield Cap(frozenset(owned), quota.limit_cpu // 1000)


def _of_tier(catalogue: Catalogue, tier: int) -> Iterator[Pool]:
    return (pool for pool in catalogue.pools if pool.tier == tier)


def _still_good(
    before: Mapping[str, CoreSet], requests: Mapping[str, int], fresh: Mapping[str, CoreSet]
) -> dict[str, CoreSet] | None:
    """Keep the earlier groups if they are the same ones and leave no more cores idle than anew."""
    kept = {name: before[name] for name in requests if name in before}
    if kept.keys() != requests.keys() or kept.keys() != before.keys():
        return None
    return kept if len(_union(kept)) == len(_union(fresh)) else None


def _union(groups: Mapping[str, CoreSet]) -> CoreSet:
    return CoreSet(core for cores in groups.values() for core in cores)
