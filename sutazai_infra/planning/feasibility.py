"""Whether CPU requests fit on overlapping core sets: a maximum flow, since sums alone can lie.

By Hall's condition the requests fit exactly when no set of cores is asked for more than it has by the services
that may run nowhere else. The flow finds such a set where there is one; that set is the explanation.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sutazai_infra.model.coreset import CoreSet

__all__ = ["Shortfall", "shortfall"]

MILLICORES_PER_CORE = 1000


@dataclass(frozen=True, slots=True)
class Shortfall:
    """Cores that are asked for more than they have, by services confined to them. In millicores."""

    cores: CoreSet
    requested: int
    available: int


def shortfall(requests: Iterable[tuple[CoreSet, int]]) -> Shortfall | None:
    """Find cores that can't serve the requests (millicores) confined to them; None when everything fits.

    Cost: linear in the requests, then a flow between the distinct core sets of two or more cores and the cores
    that these see alike; pinned single cores are settled beforehand.
    """
    by_set: dict[CoreSet, int] = defaultdict(int)
    for core_set, request in requests:
        by_set[core_set] += request
    pinned = {next(iter(cores)): request for cores, request in by_set.items() if len(cores) == 1}
    for core, request in sorted(pinned.items()):
        if request > MILLICORES_PER_CORE:
            return Shortfall(CoreSet([core]), request, MILLICORES_PER_CORE)
    wide = {cores: request for cores, request in by_set.items() if len(cores) > 1 and request}
    cut = _unserved(wide, pinned)
    return _explain(cut, by_set) if cut else None


def _unserved(wide: Mapping[CoreSet, int], pinned: Mapping[int, int]) -> CoreSet:
    """Return the cores of a violated cut, empty when every wide request is served."""
    sets = list(wide)
    seen_by: dict[int, list[int]] = defaultdict(list)
    for index, cores in enumerate(sets):
        for core in cores:
            seen_by[core].append(index)
    left: dict[tuple[int, ...], int] = defaultdict(int)
    members: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for core, seen in seen_by.items():
        left[tuple(seen)] += MILLICORES_PER_CORE - pinned.get(core, 0)
        members[tuple(seen)].append(core)
    flow: dict[tuple[int, ...], dict[int, int]] = {key: defaultdict(int) for key in left}
    for index, cores in enumerate(sets):
        reached = _push(index, wide[cores], left, flow)
        if reached is not None:
            return CoreSet(core for key in reached for core in members[key])
    return CoreSet()


def _push(
    source: int, amount: int, left: dict[tuple[int, ...], int], flow: dict[tuple[int, ...], dict[int, int]]
) -> set[tuple[int, ...]] | None:
    """Send `amount` from core set `source`; return the core classes reached when not all of it can be sent."""
    while amount:
        path, reached = _augmenting_path(source, left, flow)
        if path is None:
            return reached
        amount -= _augment(path, amount, left, flow)
    return None


_Step = tuple[int, tuple[int, ...]]


def _augmenting_path(
    source: int, left: Mapping[tuple[int, ...], int], flow: Mapping[tuple[int, ...], Mapping[int, int]]
) -> tuple[list[_Step] | None, set[tuple[int, ...]]]:
    """Search breadth first: core set -> class that it sees -> core set whose flow there can be moved on."""
    came_from: dict[int, _Step | None] = {source: None}
    reached: set[tuple[int, ...]] = set()
    queue = deque([source])
    while queue:
        index = queue.popleft()
        for key in left:
            if key in reached or index not in key:
                continue
            reached.add(key)
            if left[key] > 0:
                return _trace(index, key, came_from), reached
            for other, carried in flow[key].items():
                if carried and other not in came_from:
                    came_from[other] = (index, key)
                    queue.append(other)
    return None, reached


def _trace(index: int, key: tuple[int, ...], came_from: Mapping[int, _Step | None]) -> list[_Step]:
    path = [(index, key)]
    step = came_from[index]
    while step is not None:
        path.append(step)
        step = came_from[step[0]]
    return path


def _augment(
    path: list[_Step], amount: int, left: dict[tuple[int, ...], int], flow: dict[tuple[int, ...], dict[int, int]]
) -> int:
    """Move as much as the path's end takes and its reroutings allow; the path runs from sink to source."""
    movable = min([amount, left[path[0][1]], *(flow[path[i][1]][path[i - 1][0]] for i in range(1, len(path)))])
    left[path[0][1]] -= movable
    for i, (index, key) in enumerate(path):
        flow[key][index] += movable
        if i:
            flow[key][path[i - 1][0]] -= movable
    return movable


def _explain(cores: CoreSet, by_set: Mapping[CoreSet, int]) -> Shortfall:
    requested = sum(request for core_set, request in by_set.items() if core_set <= cores)
    return Shortfall(cores, requested, MILLICORES_PER_CORE * len(cores))
