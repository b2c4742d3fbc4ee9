"""What a dashboard is made of. Plain values: what is asked can be read without Grafana's SDK."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

__all__ = ["SOURCE", "Draw", "Page", "Panel", "Unit"]

# The uid of the source that all panels ask.
SOURCE = "prometheus"


class Draw(StrEnum):
    """How a panel shows its series: over time, or their values now."""

    LINES = "timeseries"
    STACKED = "stacked"
    STATES = "state-timeline"
    BARS = "bargauge"
    NUMBER = "stat"
    TABLE = "table"


class Unit(StrEnum):
    """Grafana's names of units."""

    NONE = "none"
    SHARE = "percentunit"
    SECONDS = "s"
    BYTES = "bytes"
    BYTES_PER_SECOND = "Bps"
    REQUESTS_PER_SECOND = "reqps"


@dataclass(frozen=True)
class Panel:
    """One drawing: expressions and the legend of each. Above `most` it is red."""

    title: str
    queries: Mapping[str, str]
    unit: Unit = Unit.NONE
    draw: Draw = Draw.LINES
    description: str = ""
    most: float | None = None
    width: int = 8


@dataclass(frozen=True)
class Page:
    """One dashboard: its name in Grafana's addresses, and the panels below each heading."""

    name: str
    title: str
    sections: Mapping[str, tuple[Panel, ...]]

    @property
    def panels(self) -> tuple[Panel, ...]:
        """List all panels."""
        return tuple(panel for panels in self.sections.values() for panel in panels)

    @property
    def expressions(self) -> tuple[str, ...]:
        """List all that is asked."""
        return tuple(expression for panel in self.panels for expression in panel.queries)
