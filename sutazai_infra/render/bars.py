"""Amounts as people read them, and bars that also work in a pipe and without colour."""

from __future__ import annotations

from rich.text import Text

from sutazai_infra.model.plan import LedgerLine
from sutazai_infra.model.quantities import format_cores

__all__ = ["amounts", "bar", "cores", "gib", "percent"]

_WIDTH = 10
_NEAR = 0.9


def cores(count: float) -> str:
    """Write cores, as short as exact to the millicore."""
    return format_cores(round(count * 1000))


def gib(mib: float) -> str:
    """Write memory in GiB with two digits, and less than one GiB in MiB."""
    return f"{mib / 1024:.2f} GiB" if mib >= 1024 else f"{mib:.0f} MiB"


def amounts(line: LedgerLine) -> str:
    """Write used and limit of a ledger line, with one unit for both."""
    if line.unit == "MiB":
        return f"{line.used / 1024:.2f} / {line.limit / 1024:.2f} GiB"
    if line.unit == "count":
        return f"{line.used:.0f} / {line.limit:.0f}"
    return f"{cores(line.used)} / {cores(line.limit)} cores"


def percent(line: LedgerLine) -> float:
    """What part of its limit a line uses; all of it where the limit is nothing and something is used."""
    if line.limit:
        return line.used / line.limit
    return 1.0 if line.used else 0.0


def bar(part: float, *, held: bool = True, width: int = _WIDTH, plain: bool = False) -> Text:
    """Draw a part of one: green, yellow when nearly all is used, red when it is broken."""
    filled = min(width, round(max(0.0, part) * width))
    full, empty = ("#", ".") if plain else ("█", "░")
    style = "red" if not held else "yellow" if part >= _NEAR else "green"
    return Text(full * filled, style=style) + Text(empty * (width - filled), style="dim")
