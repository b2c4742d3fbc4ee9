"""Anti-affinity: members of one set on cores of their own, where there are enough."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil

from sutazai_infra.model.coreset import CoreSet
from sutazai_infra.planning.layout import partition

__all__ = ["disjoint"]


def disjoint(members: Mapping[str, int], cores: CoreSet, previous: Mapping[str, CoreSet]) -> dict[str, CoreSet]:
    """Divide `cores` among members (instance -> millicores) without overlap; `previous` places are kept if good.

    With fewer cores than the members need, each gets the least loaded core where its request fits beside others,
    or all cores where it doesn't.
    """
    kept = _kept(members, cores, previous)
    free = cores - CoreSet(core for own in kept.values() for core in own)
    newcomers = {name: request for name, request in members.items() if name not in kept}
    if _needed(newcomers) <= len(free):
        return kept | partition(newcomers, free)
    if _needed(members) <= len(cores):
        return partition(members, cores)
    return _packed(members, cores, previous)


def _needed(members: Mapping[str, int]) -> int:
    return sum(max(1, ceil(request / 1000)) for request in members.values())


def _kept(members: Mapping[str, int], cores: CoreSet, previous: Mapping[str, CoreSet]) -> dict[str, CoreSet]:
    """Keep earlier places that are within the cores, wide enough, and nobody else's."""
    kept: dict[str, CoreSet] = {}
    taken = CoreSet()
    for name, request in members.items():
        before = previous.get(name)
        if before and before <= cores and not before & taken and request <= 1000 * len(before):
            kept[name] = before
            taken |= before
    return kept


def _packed(members: Mapping[str, int], cores: CoreSet, previous: Mapping[str, CoreSet]) -> dict[str, CoreSet]:
    """The largest first, each onto one core; who was on one before stays."""
    loads = dict.fromkeys(cores, 0)
    before = {name: _single(previous.get(name), cores) for name in members}
    result: dict[str, CoreSet] = {}
    for name in sorted(members, key=lambda name: (before[name] is None, -members[name], name)):
        core = before[name]
        if core is None:
            core = min(loads, key=lambda c: (loads[c], c))
        if loads[core] + members[name] > 1000:
            result[name] = cores
        else:
            loads[core] += members[name]
            result[name] = CoreSet([core])
    return result


def _single(before: CoreSet | None, cores: CoreSet) -> int | None:
    return next(iter(before)) if before is not None and len(before) == 1 and before <= cores else None
