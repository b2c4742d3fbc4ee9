"""Which cores each group owns: a partition of the usable cores by the groups' requests.

Largest remainder over the requests, but no group gets fewer cores than its requests need. Where there are too
few cores for that, neighbours share the core at their boundary: each group gets the cores that its stretch of
the line of cores touches, so that the requests still fit (the stretch is at least as long as the request).
"""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil

from sutazai_infra.model.coreset import CoreSet

__all__ = ["partition"]


def partition(requests: Mapping[str, int], cores: CoreSet) -> dict[str, CoreSet]:
    """Divide `cores` among groups by their requests (millicores), in the order given.

    Groups without a request count as one millicore. The result is deterministic; ties go to the earlier group.
    """
    if not requests:
        return {}
    wanted = {name: max(1, request) for name, request in requests.items()}
    least = {name: ceil(request / 1000) for name, request in wanted.items()}
    if sum(least.values()) > len(cores):
        return _overlapping(wanted, cores)
    return _adjacent(_apportion(wanted, least, len(cores)), cores)


def _apportion(wanted: Mapping[str, int], least: Mapping[str, int], seats: int) -> dict[str, int]:
    """Largest remainder with a lower bound for each; who would fall below the bound gets just the bound."""
    fixed: dict[str, int] = {}
    while True:
        open_to = {name: request for name, request in wanted.items() if name not in fixed}
        shares = _largest_remainder(open_to, seats - sum(fixed.values()))
        below = {name: least[name] for name, share in shares.items() if share < least[name]}
        if not below:
            return {name: fixed.get(name, shares.get(name, 0)) for name in wanted}
        fixed.update(below)


def _largest_remainder(wanted: Mapping[str, int], seats: int) -> dict[str, int]:
    total = sum(wanted.values())
    shares = {name: request * seats // total for name, request in wanted.items()}
    remainders = {name: request * seats % total for name, request in wanted.items()}
    by_remainder = sorted(wanted, key=lambda name: -remainders[name])
    for name in by_remainder[: seats - sum(shares.values())]:
        shares[name] += 1
    return shares


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
