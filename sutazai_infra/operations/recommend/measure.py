"""Ask Prometheus what every service of a stack used; the container exporter measures it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any, Protocol

from sutazai_infra.model.usage import Sample, ServiceUsage

__all__ = ["Asked", "Asker", "measure"]

_MIB = 1024 * 1024
_MOST_POINTS = 1440
_LEAST_STEP_S = 15
# Memory counts by its peaks: of a day, as in Kubernetes, or of an eighth of a shorter window.
_PEAKS = 8
_DAY_S = 24 * 3600


class Asker(Protocol):
    """As much of Prometheus as is asked: the `data` of a page below /api/v1/."""

    def get(self, path: str, **parameters: str) -> Any:
        """Ask."""


@dataclass(frozen=True)
class Asked:
    """A window that ends at `end_s` (seconds since 1970), and its steps, in seconds."""

    end_s: int
    window_s: int

    @property
    def step_s(self) -> int:
        """How far samples of CPU are apart."""
        return max(_LEAST_STEP_S, self.window_s // _MOST_POINTS)

    @property
    def peak_s(self) -> int:
        """How long an interval is whose peak of memory counts."""
        return max(self.step_s, min(_DAY_S, self.window_s // _PEAKS))


def measure(prometheus: Asker, asked: Asked) -> dict[str, ServiceUsage]:
    """Return the use of each service by name; replicas and their successors together."""
    rate_s = max(60, 2 * asked.step_s)
    cpu = _ranged(prometheus, asked, asked.step_s, f"rate(sutazai_container_cpu_seconds_total[{rate_s}s])")
    memory = _ranged(
        prometheus,
        asked,
        asked.peak_s,
        f"max_over_time(sutazai_container_memory_working_set_bytes[{asked.peak_s}s])",
    )
    kills = _now(prometheus, asked, f"increase(sutazai_container_oom_kills_total[{asked.window_s}s])")
    stopped = _now(
        prometheus, asked, f"increase(sutazai_container_cpu_throttled_periods_total[{asked.window_s}s])"
    )
    periods = _now(prometheus, asked, f"increase(sutazai_container_cpu_periods_total[{asked.window_s}s])")
    return {
        service: ServiceUsage(
            service=service,
            containers=len({name for name, _ in rows}),
            cpu=tuple(sample for _, samples in rows for sample in samples),
            memory=tuple(
                Sample(sample.age_s, sample.value / _MIB)
                for _, samples in memory.get(service, ())
                for sample in samples
            ),
            oom_kills=round(kills.get(service, 0)),
            throttled=stopped.get(service, 0) / periods[service] if periods.get(service) else 0.0,
        )
        for service, rows in sorted(cpu.items())
    }


Rows = list[tuple[str, tuple[Sample, ...]]]


def _ranged(prometheus: Asker, asked: Asked, step_s: int, expression: str) -> Mapping[str, Rows]:
    """Return samples by service, each row with its container's name."""
    # The first sample has a whole step before it, and the last is now.
    start = asked.end_s - (asked.window_s // step_s - 1) * step_s
    answer = prometheus.get(
        "query_range", query=expression, start=str(start), end=str(asked.end_s), step=str(step_s)
    )
    found: dict[str, Rows] = defaultdict(list)
    for labels, points in ((row["metric"], row["values"]) for row in answer["result"]):
        samples = tuple(Sample(asked.end_s - at, value) for at, value in _finite(points))
        if samples and "service" in labels:
            found[labels["service"]].append((labels.get("container", ""), samples))
    return found


def _now(prometheus: Asker, asked: Asked, expression: str) -> Mapping[str, float]:
    """Return a sum by service."""
    answer = prometheus.get("query", query=f"sum by (service) ({expression})", time=str(asked.end_s))
    return {
        row["metric"]["service"]: value
        for row in answer["result"]
        if "service" in row["metric"]
        for _, value in _finite([row["value"]])
    }


def _finite(points: Iterable[tuple[float, str]]) -> Iterator[tuple[float, float]]:
    return ((float(at), float(value)) for at, value in points if isfinite(float(value)))
