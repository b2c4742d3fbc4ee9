"""When things happen: the order in which services start, and how their probes spread over time.

Docker starts a probe's clock when the container starts and offers no phase, so the spread is in the intervals:
services with the same base interval get different ones, in steps, from a fifth below the base to a fifth above it.
From a common start the first probes are spread over that stretch, and the later ones drift apart further. The steps
are geometric: equal ones make intervals that divide one another, and so coincide again and again.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from math import ceil

from sutazai_infra.model.errors import ConfigError
from sutazai_infra.model.plan import ProbePeak
from sutazai_infra.model.service import Service

__all__ = ["probe_intervals", "probe_peak", "start_stages"]

SLOTS = 64
SPREAD = 0.2
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
        _stage(name, needs, stages, ())
    return stages


def _stage(name: str, needs: Mapping[str, list[str]], stages: dict[str, int], chain: tuple[str, ...]) -> int:
    if name in chain:
        circle = " -> ".join((*chain[chain.index(name) :], name))
        raise ConfigError("catalogue", [f"services/{name}/depends_on: a circle: {circle}; remove one of them"])
    if name not in stages:
        below = [_stage(needed, needs, stages, (*chain, name)) for needed in needs[name]]
        stages[name] = 1 + max(below) if below else 0
    return stages[name]


def probe_intervals(bases: Mapping[str, int], previous: Mapping[str, int]) -> dict[str, int]:
    """Give each instance its interval in ms, from its base in seconds; one that it had before is kept."""
    taken: dict[int, Counter[int]] = defaultdict(Counter)
    result: dict[str, int] = {}
    for instance, base in bases.items():
        slot = _slot_of(previous.get(instance), base)
        if slot is not None:
            taken[base][slot] += 1
            result[instance] = previous[instance]
    for instance, base in bases.items():
        if instance not in result:
            slot = min(_SPREAD_ORDER, key=taken[base].__getitem__)
            taken[base][slot] += 1
            result[instance] = _interval_ms(base, slot)
    return result


def probe_peak(intervals_ms: Iterable[int], share: float) -> ProbePeak:
    """Count the probes of the busiest second in the first hour after a common start."""
    counts = Counter(intervals_ms)
    seconds: Counter[int] = Counter()
    for interval, services in counts.items():
        for moment in range(interval, _HORIZON_MS, interval):
            seconds[moment // 1000] += services
    total = sum(counts.values())
    return ProbePeak(probes=max(seconds.values(), default=0), services=total, allowed=max(1, ceil(share * total)))


def _interval_ms(base: int, slot: int) -> int:
    ratio = (1 + SPREAD) / (1 - SPREAD)
    return int(1000 * base * (1 - SPREAD) * ratio ** ((slot + 0.5) / SLOTS))


def _slot_of(interval_ms: int | None, base: int) -> int | None:
    if interval_ms is None:
        return None
    return next((slot for slot in range(SLOTS) if _interval_ms(base, slot) == interval_ms), None)


def _bit_reversed(index: int) -> int:
    return int(f"{index:06b}"[::-1], 2)


_SPREAD_ORDER = tuple(sorted(range(SLOTS), key=_bit_reversed))
