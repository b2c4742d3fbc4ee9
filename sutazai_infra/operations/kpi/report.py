"""Key figures as they are now: two questions to Prometheus, and what its answers mean.

The JSON form is a stable interface: fields may be added, none is renamed or removed within one `version`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime

from pydantic import Field

from sutazai_infra.model.base import Frozen
from sutazai_infra.operations.kpi.figures import FIGURES, Figure, Unit
from sutazai_infra.operations.prometheus import Prometheus, PrometheusError, Series
from sutazai_infra.render.recording import SCOPES

__all__ = ["Measured", "Report", "ScopeUse", "report"]

_MIB = 1024 * 1024
_FIGURE = "figure"
_KNOWN = "known"
_SCRAPED_EVERY_S = 30
# A tenth less than was asked for is what a window's edges cost.
_NEARLY = 0.9
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
# Of a scope's recorded figures; memory in MiB.
_USE: Mapping[str, tuple[str, float]] = {
    "cpu_used": ("cpu_cores:rate5m", 1),
    "cpu_requested": ("cpu_request_cores:sum", 1),
    "cpu_waste": ("cpu_waste:ratio", 1),
    "memory_used_mib": ("memory_bytes:sum", _MIB),
    "memory_requested_mib": ("memory_request_bytes:sum", _MIB),
    "memory_limit_mib": ("memory_limit_bytes:sum", _MIB),
    "memory_waste": ("memory_waste:ratio", 1),
}
_RECORDED = [(key, name) for key, (name, _) in _USE.items()]


class Measured(Frozen):
    """A figure; `value` is null where there is none, and `reason` says why."""

    key: str
    section: str
    title: str
    unit: Unit
    value: float | None = None
    target: str | None = None
    met: bool | None = Field(None, description="Null where the value can't be held to the target.")
    reason: str = ""


class ScopeUse(Frozen):
    """Mean use of a pool, a tier or the stack; null where it isn't known. Waste is a share of the requests."""

    scope: str
    cpu_used: float | None = None
    cpu_requested: float | None = None
    cpu_waste: float | None = None
    memory_used_mib: float | None = None
    memory_requested_mib: float | None = None
    memory_limit_mib: float | None = None
    memory_waste: float | None = None


class Report(Frozen):
    """Key figures over a window that ends now; `remarks` say what limits them."""

    version: int = 1
    stack: str
    window: str
    taken: datetime
    prometheus: str
    figures: tuple[Measured, ...]
    scopes: tuple[ScopeUse, ...]
    remarks: tuple[str, ...] = ()


def report(server: Prometheus, stack: str, window: str) -> Report:
    """Ask for everything within a window such as `1h`; raises `PrometheusError`, also where nothing is known."""
    found = {row.labels[_FIGURE]: row.value for row in server.query(_question(window))}
    if not found:
        raise PrometheusError(
            f"{server.url}: knows nothing of a stack within {window}; wait a minute, or name another Prometheus"
        )
    return Report(
        stack=stack,
        window=window,
        taken=datetime.now(UTC),
        prometheus=server.url,
        figures=tuple(_measured(found)),
        scopes=tuple(_scopes(server.query(_question_of_scopes(window)))),
        remarks=tuple(_remarks(found.get(_KNOWN, 0) * _SCRAPED_EVERY_S, window)),
    )


def _question(window: str) -> str:
    asked = {one.key: one.question for figures in FIGURES.values() for one in figures if one.question}
    asked[_KNOWN] = 'max(count_over_time(up{{job="prometheus"}}[{w}]))'
    return " or ".join(_named(key, question.format(w=window)) for key, question in asked.items())


def _question_of_scopes(window: str) -> str:
    means = (
        (of, key, f"avg_over_time(sutazai:{of}_{name}[{window}])") for of in SCOPES for key, name in _RECORDED
    )
    return " or ".join(f'label_replace({_named(key, mean)}, "of", "{of}", "", "")' for of, key, mean in means)


def _named(key: str, question: str) -> str:
    """Tell one answer from another: all are asked at once, of one moment."""
    return f'label_replace({question}, "{_FIGURE}", "{key}", "", "")'


def _measured(found: Mapping[str, float]) -> Iterator[Measured]:
    for section, figures in FIGURES.items():
        for one in figures:
            yield _one(section, one, found.get(one.key))


def _one(section: str, figure: Figure, value: float | None) -> Measured:
    target = figure.target
    return Measured(
        key=figure.key,
        section=section,
        title=figure.title,
        unit=figure.unit,
        value=value,
        target=target.text if target else None,
        met=target.met(value) if target and value is not None else None,
        reason="" if value is not None else figure.lacking,
    )


def _scopes(series: Iterable[Series]) -> Iterator[ScopeUse]:
    found: dict[tuple[int, str], dict[str, float]] = {}
    ranks = list(SCOPES)
    for row in series:
        of, figure = row.labels["of"], row.labels[_FIGURE]
        name = f"{of} {row.labels[of]}" if of in row.labels else of
        found.setdefault((ranks.index(of), name), {})[figure] = row.value / _USE[figure][1]
    for (_, name), values in sorted(found.items()):
        yield ScopeUse(scope=name, **values)


def _remarks(known_s: float, window: str) -> Iterator[str]:
    if known_s < _NEARLY * int(window[:-1]) * _SECONDS[window[-1]]:
        yield f"Prometheus knows the last {known_s / 60:.0f} min of {window} only."
