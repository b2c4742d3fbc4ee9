"""Which cores each group owns: a partition of the usable cores by the groups' requests.

Every group gets the cores that its requests need, at least one; each further core goes to the group whose cores
are asked for most. That keeps the busiest group's cores as idle as any partition can. Where there are too few
cores for that, neighbours share the core at their boundary: each group gets the cores that its stretch of the
line of cores touches, so that the requests still fit (the stretch is at least as long as the request).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from heapq import heapify, heappop, heappush
from math import ceil

from sutazai_infra.model.coreset import CoreSet

__all__ = ["Cap", "partition"]


@dataclass(frozen=True, slots=True)
class Cap:
    """The most cores that some groups may own together."""

    groups: frozenset[str]
    cores: int


def partition(requests: Mapping[str, int], cores: CoreSet, *, caps: Sequence[Cap] = ()) -> dict[str, CoreSet]:
    """Divide `cores` among groups by their requests (millicores), in the order given.

    Groups without a request count as one millicore. Ties go to the earlier group. Each cap names groups that no
    other cap names; where all caps are reached, cores are left over.
    """
    wanted = {name: max(1, request) for name, request in requests.items()}
    counts = {name: ceil(request / 1000) for name, request in wanted.items()}
    if sum(counts.values()) > len(cores):
        return _overlapping(wanted, cores)
    return _adjacent(_filled(wanted, counts, len(cores), caps), cores)


def _filled(
    wanted: Mapping[str, int], counts: Mapping[str, int], seats: int, caps: Sequence[Cap]
) -> dict[str, int]:
    filled = dict(counts)
    room = [cap.cores - sum(filled.get(name, 0) for name in cap.groups) for cap in caps]
    cap_of = {name: index for index, cap in enumerate(caps) for name in cap.groups}
    heap = [(-Fraction(wanted[name], filled[name]), place, name) for place, name in enumerate(wanted)]
    heapify(heap)
    free = seats - sum(filled.values())
    while free and heap:
        _, place, name = heappop(heap)
        index = cap_of.get(name)
        if index is not None and room[index] <= 0:
            continue
        filled[name] += 1
        free -= 1
        if index is not None:
            room[index] -= 1
        heappush(heap, (-Fraction(wanted[name], filled[name]), place, name))
    return filled


def _adjacent(counts: Mapping[str, int], cores: CoreSet) -> dict[str, CoreSet]:
    line = tuple(cores)
    result: dict[str, CoreSet] = {}
    start = 0
    for name, count in counts.items():
        result[name] = CoreSet(line[start : start + count])
        start += count
    return result


def _overlapping(wanted: Mapping[str, int], cores: CoreSet) -> dict[str, CoreSet]:
    line = tuple(cores)
    total = sum(wanted.values())
    result: dict[str, CoreSet] = {}
    before = 0
    for name, request in wanted.items():
        first = before * len(line) // total
        before += request
        last = -(-before * len(line) // total)
        result[name] = CoreSet(line[first : max(last, first + 1)])
    return result
