"""Prometheus' text format, as far as it is needed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Literal

__all__ = ["CONTENT_TYPE", "Counted", "Family", "Histogram", "gauge", "render"]

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

Labels = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Family:
    """One metric with its samples: labels and value."""

    name: str
    kind: Literal["counter", "gauge"]
    help: str
    samples: tuple[tuple[Mapping[str, str], float], ...]

    def lines(self) -> Iterable[str]:
        """Write the samples."""
        return (_line(self.name, labels, value) for labels, value in self.samples)


class Counted:
    """A counter that is kept in memory; a series whose value is named from the start is there from the start."""

    kind: Literal["counter"] = "counter"

    def __init__(self, name: str, help_text: str, label: str, values: Sequence[str] = ()) -> None:
        self.name = name
        self.help = help_text
        self._label = label
        self._counts = Counter(dict.fromkeys(values, 0))

    def add(self, value: str, count: int = 1) -> None:
        """Count."""
        self._counts[value] += count

    def lines(self) -> Iterable[str]:
        """Write the samples."""
        return (_line(self.name, {self._label: value}, count) for value, count in self._counts.items())


class Histogram:
    """Observations, counted by upper bounds."""

    kind: Literal["histogram"] = "histogram"

    def __init__(self, name: str, help_text: str, bounds: Sequence[float]) -> None:
        self.name = name
        self.help = help_text
        self._bounds = (*bounds, float("inf"))
        self._counts: dict[Labels, list[int]] = defaultdict(lambda: [0] * len(self._bounds))
        self._sums: dict[Labels, float] = defaultdict(float)

    def observe(self, value: float, **labels: str) -> None:
        """Count an observation in its series."""
        series = tuple(labels.items())
        self._counts[series][next(i for i, bound in enumerate(self._bounds) if value <= bound)] += 1
        self._sums[series] += value

    def lines(self) -> Iterable[str]:
        """Write the samples."""
        for series, counts in self._counts.items():
            labels, total = dict(series), sum(counts)
            for bound, below in zip(self._bounds, accumulate(counts), strict=True):
                yield _line(f"{self.name}_bucket", labels | {"le": _bound(bound)}, below)
            yield _line(f"{self.name}_sum", labels, self._sums[series])
            yield _line(f"{self.name}_count", labels, total)


def gauge(name: str, help_text: str, value: float) -> Family:
    """Make a gauge of one sample without labels."""
    return Family(name, "gauge", help_text, (({}, value),))


def render(families: Iterable[Family | Counted | Histogram]) -> str:
    """Write the families as Prometheus reads them."""
    return "".join(_head(family) + "".join(family.lines()) for family in families)


def _head(family: Family | Counted | Histogram) -> str:
    return f"# HELP {family.name} {family.help}\n# TYPE {family.name} {family.kind}\n"


def _line(name: str, labels: Mapping[str, str], value: float) -> str:
    return f"{name}{_labels(labels)} {_number(value)}\n"


def _labels(labels: Mapping[str, str]) -> str:
    if not labels:
        return ""
    return "{" + ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items()) + "}"


def _bound(value: float) -> str:
    return "+Inf" if value == float("inf") else _number(value)


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(value)


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
