"""When things happen: the order in which services start, and how their probes spread over time.

Docker starts a probe's clock when the container starts and offers no phase, so the spread is in the intervals:
each is its base or somewhat longer, by at most a quarter, or 15 s, or half of a short one. Whoever comes takes the
interval whose probes, from a common start, meet the fewest others for an hour; by then the clocks have drifted.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from math import ceil

from sutazai_infra.model.errors import ConfigError
from sutazai_infra.model.plan import ProbePeak
from sutazai_infra.model.service import Service

__all__ = ["LEAST_ALLOWED", "longest_base_ms", "probe_intervals", "probe_peak", "start_stages"]

SLOTS = 64
# A share of few services is less than one probe, and a handful of probes at once does no harm.
LEAST_ALLOWED = 4
# Beyond so many of one base interval they are dealt out evenly: choosing for each would take too long.
_CHOSEN_SINGLY = 4 * SLOTS
_WINDOW_MS = 15_000
_HORIZON_MS = 3_600_000


def start_stages(services: Iterable[Service]) -> dict[str, int]:
    """Return each service's longest chain of dependencies; raises `ConfigError` on a circle, naming it."""
    present = {service.name: service for service in services}
    needs = {
        name: [n for n in (*service.depends_on, *service.after) if n in present]
        for name, service in present.items()
    }
    stages: dict[str, int] = {}
    for name in needs:
        _walk(name, needs, stages)
    return stages


def _walk(first: str, needs: Mapping[str, Sequence[str]], stages: dict[str, int]) -> None:
    """Go down depth first, without recursion: a chain may be longer than Python's stack."""
    chain: dict[str, Iterator[str]] = {} if first in stages else {first: iter(needs[first])}
    while chain:
        name = next(reversed(chain))
        below = next((n for n in chain[name] if n not in stages), None)
        if below is None:
            stages[name] = max((stages[n] + 1 for n in needs[name]), default=0)
            del chain[name]
        elif below in chain:
            raise _circle(below, list(chain))
        else:
            chain[below] = iter(needs[below])


def _circle(name: str, chain: Sequence[str]) -> ConfigError:
    circle = " -> ".join((*chain[chain.index(name) :], name))
    return ConfigError("catalogue", [f"services/{name}/depends_on: a circle: {circle}; remove one of them"])


def longest_base_ms(cap_ms: int) -> int:
    """Return the longest base whose longest interval is still within `cap_ms`."""
    return max(1, min(cap_ms * 4 // 5, max(cap_ms * 2 // 3, cap_ms - _WINDOW_MS)))


def probe_intervals(bases_ms: Mapping[str, int], previous: Mapping[str, int]) -> dict[str, int]:
    """Give each instance its interval in ms, from its base; one that it had before and that still fits is kept."""
    hour = _Hour()
    kept = {i: previous[i] for i, base in bases_ms.items() if previous.get(i, 0) in _slots(base)}
    for interval, count in Counter(kept.values()).items():
        hour.add(interval, count)
    newcomers: dict[int, list[str]] = defaultdict(list)
    for instance, base in bases_ms.items():
        if instance not in kept:
            newcomers[base].append(instance)
    chosen = {i: ms for base, instances in newcomers.items() for i, ms in _chosen(instances, base, hour)}
    return {instance: kept.get(instance) or chosen[instance] for instance in bases_ms}


def _chosen(instances: Sequence[str], base: int, hour: _Hour) -> Iterator[tuple[str, int]]:
    slots = _slots(base)
    dealt = max(0, len(instances) - _CHOSEN_SINGLY) // SLOTS * SLOTS
    for interval in slots if dealt else ():
        hour.add(interval, dealt // SLOTS)
    yield from ((instance, slots[n % SLOTS]) for n, instance in enumerate(instances[:dealt]))
    for instance in instances[dealt:]:
        interval = min(slots, key=hour.cost)
        hour.add(interval, 1)
        yield instance, interval


def probe_peak(intervals_ms: Iterable[int], share: float) -> ProbePeak:
    """Count the probes of the busiest second in the first hour after a common start."""
    counts = Counter(intervals_ms)
    hour = _Hour()
    for interval, services in counts.items():
        hour.add(interval, services)
    total = sum(counts.values())
    allowed = max(LEAST_ALLOWED, ceil(Fraction(str(share)) * total))
    return ProbePeak(probes=max(hour.probes), services=total, allowed=allowed)


@dataclass(slots=True)
class _Hour:
    """How many probes there are in each second of an hour, and on each interval."""

    probes: list[int] = field(default_factory=lambda: [0] * (_HORIZON_MS // 1000))
    taken: Counter[int] = field(default_factory=Counter)

    def add(self, interval: int, services: int) -> None:
        self.taken[interval] += services
        for second in _seconds(interval):
            self.probes[second] += services

    def cost(self, interval: int) -> tuple[int, int, int]:
        busiest = max(map(self.probes.__getitem__, _seconds(interval)), default=0)
        return busiest, self.taken[interval], interval


@lru_cache(maxsize=1024)
def _seconds(interval: int) -> tuple[int, ...]:
    return tuple(moment // 1000 for moment in range(interval, _HORIZON_MS, interval))


@lru_cache(maxsize=64)
def _slots(base: int) -> tuple[int, ...]:
    window = max(base // 4, min(base // 2, _WINDOW_MS))
    return tuple(base + window * slot // SLOTS for slot in range(SLOTS))
