"""Key figures as tables, for a terminal of 80 columns and more."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import groupby

from rich.console import ConsoleRenderable, Group
from rich.table import Table
from rich.text import Text

from sutazai_infra.operations.kpi.figures import Unit
from sutazai_infra.operations.kpi.report import Measured, Report, ScopeUse
from sutazai_infra.render.bars import cores

__all__ = ["kpi_tables"]

_NOTHING = "-"


def kpi_tables(found: Report) -> ConsoleRenderable:
    """Lay it all out."""
    parts: list[ConsoleRenderable] = [Text(f"Stack {found.stack}, the last {found.window}", style="bold")]
    parts += [Text(remark, style="yellow") for remark in found.remarks]
    for section, figures in groupby(found.figures, key=lambda figure: figure.section):
        parts += [Text(f"\n{section}", style="bold"), _figures(figures)]
    if found.scopes:
        parts += [Text("\nUse and waste by pool and tier", style="bold"), _scopes(found.scopes)]
    return Group(*parts, *_reasons(found.figures))


def _reasons(figures: Iterable[Measured]) -> Iterator[Text]:
    """Say why there is no value, each reason once."""
    lacking = sorted((one for one in figures if one.reason), key=lambda one: one.reason)
    if lacking:
        yield Text("\nNot measured", style="bold")
    for reason, ones in groupby(lacking, key=lambda one: one.reason):
        yield Text(f"{'; '.join(one.title for one in ones)}: {reason}", style="dim")


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="dim")
    for number, column in enumerate(columns):
        table.add_column(column, justify="right" if number else "left")
    return table


def _figures(figures: Iterable[Measured]) -> Table:
    table = _table("", "now", "target", "")
    # The same in every section, so that they stand below one another.
    for column, width in zip(table.columns, (38, 9, 26), strict=False):
        column.min_width = width
    table.columns[2].justify = table.columns[3].justify = "left"
    for one in figures:
        table.add_row(one.title, _value(one), one.target or "", _verdict(one))
    return table


def _verdict(one: Measured) -> Text:
    if one.met is None:
        return Text()
    return Text("met", style="green") if one.met else Text("missed", style="bold red")


def _value(one: Measured) -> str:
    return _NOTHING if one.value is None else _WRITTEN[one.unit](one.value)


def _seconds(value: float) -> str:
    return f"{value * 1000:.0f} ms" if value < 1 else f"{value:.1f} s"


_WRITTEN: Mapping[Unit, Callable[[float], str]] = {
    Unit.SHARE: lambda value: f"{100 * value:.1f} %",
    Unit.SECONDS: _seconds,
    Unit.PER_MINUTE: lambda value: f"{value:.1f}/min",
    Unit.PER_SECOND: lambda value: f"{value:.1f}/s",
    Unit.COUNT: lambda value: f"{value:.0f}",
}


def _scopes(scopes: Iterable[ScopeUse]) -> Table:
    table = _table("", "CPU", "requested", "wasted", "MiB", "requested", "limits", "wasted")
    for one in scopes:
        table.add_row(
            one.scope,
            _number(one.cpu_used, cores),
            _number(one.cpu_requested, cores),
            _number(one.cpu_waste, _share),
            _number(one.memory_used_mib, _whole),
            _number(one.memory_requested_mib, _whole),
            _number(one.memory_limit_mib, _whole),
            _number(one.memory_waste, _share),
        )
    return table


def _number(value: float | None, written: Callable[[float], str]) -> str:
    return _NOTHING if value is None else written(value)


def _share(value: float) -> str:
    return f"{value:.0%}"


def _whole(value: float) -> str:
    return f"{value:.0f}"
