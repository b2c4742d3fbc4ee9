"""Whether CPU requests fit on overlapping core sets: sums can lie where sets overlap, a flow can't.

Each distinct core set is a source of demand, each core a sink of one core. Demands are placed most confined
first, moving what was placed before along augmenting paths. When one can't be placed, the cores that it
reaches are all full of demand that can't leave them: by Hall's condition the culprits are what is confined to
them.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Mapping
from itertools import pairwise

from sutazai_policy.core_set import core_numbers
from sutazai_policy.units import CORE

__all__ = ["overloaded"]


def overloaded(demands: Mapping[int, int]) -> list[int]:
    """Return the core sets whose confined demands (mask -> CPU units) exceed their cores, smallest first."""
    flow = _Flow()
    found = {full for mask in sorted(demands, key=_size) if mask and (full := flow.place(mask, demands[mask]))}
    return sorted(found, key=_size)


def _size(mask: int) -> tuple[int, int]:
    return mask.bit_count(), mask


class _Flow:
    def __init__(self) -> None:
        self._free: defaultdict[int, int] = defaultdict(lambda: CORE)
        self._placed: defaultdict[int, dict[int, int]] = defaultdict(dict)
        self._full = 0
        # Disjoint core sets that are known to be overloaded: nothing more goes in there, or moves out.
        self._closed: list[int] = []

    def place(self, mask: int, demand: int) -> int:
        """Place a demand; returns 0, or the overloaded core set that keeps a part of it out."""
        while demand > 0:
            path, reach = self._search(mask)
            if not path:
                return self._close(reach)
            demand -= self._push(path, demand)
        return 0

    def _search(self, mask: int) -> tuple[list[tuple[int, int]], int]:
        """Find a way to a core with room, as (demand's mask, its core) steps, and all that was reached."""
        reach, closed = 0, sum(self._closed)
        came_from = {mask: (0, 0)}
        queue = deque([mask])
        while queue:
            owner = queue.popleft()
            new = owner & ~(reach | closed)
            reach |= owner
            if room := new & ~self._full:
                return _steps(owner, (room & -room).bit_length() - 1, came_from), reach
            for core in core_numbers(new):
                others = [other for other in self._placed[core] if other not in came_from]
                came_from.update(dict.fromkeys(others, (owner, core)))
                queue.extend(others)
        return [], reach

    def _push(self, path: list[tuple[int, int]], demand: int) -> int:
        """Place as much as the way carries: each step's demand moves on from the core of the step before."""
        moves = [(core, owner) for (_, core), (owner, _) in pairwise(path)]
        last = path[-1][1]
        amount = min(demand, self._free[last], *(self._placed[core][owner] for core, owner in moves))
        for owner, core in path:
            self._placed[core][owner] = self._placed[core].get(owner, 0) + amount
        for core, owner in moves:
            self._placed[core][owner] -= amount
            if not self._placed[core][owner]:
                del self._placed[core][owner]
        self._free[last] -= amount
        if not self._free[last]:
            self._full |= 1 << last
        return amount

    def _close(self, reach: int) -> int:
        touched = [full for full in self._closed if full & reach]
        whole = reach
        for full in touched:
            whole |= full
        self._closed = [full for full in self._closed if full not in touched] + [whole]
        return whole


def _steps(owner: int, core: int, came_from: Mapping[int, tuple[int, int]]) -> list[tuple[int, int]]:
    steps = []
    while owner:
        steps.append((owner, core))
        owner, core = came_from[owner]
    return steps[::-1]
