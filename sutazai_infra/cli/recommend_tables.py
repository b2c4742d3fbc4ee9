"""Recommendations as tables: who should request and may take how much, and what that does to the plan."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from rich.console import ConsoleRenderable, Group
from rich.table import Table
from rich.text import Text

from sutazai_infra.model.quantities import format_cores
from sutazai_infra.model.usage import Bounds, Figure, Recommendation
from sutazai_infra.operations.recommend import Effect, Report
from sutazai_infra.operations.recommend.effect import Waste
from sutazai_infra.planning.rightsizing import TEMPLATE

__all__ = ["recommend_tables"]

_DAY_S = 24 * 3600


def recommend_tables(report: Report) -> ConsoleRenderable:
    """Lay out the whole report but its patch."""
    heading = f"Stack {report.stack}: use of the last {_duration(report.window_s)}"
    parts: list[ConsoleRenderable] = [Text(heading, style="bold"), _figures(report)]
    if report.measured_s < _DAY_S * 0.9:
        parts.append(
            Text(f"{_duration(report.measured_s)} were measured: less than a day says little of a busy one")
        )
    if report.unmeasured:
        parts.append(Text(f"not measured: {', '.join(report.unmeasured)}", style="dim"))
    return Group(*parts, *_effect(report.effect))


def _duration(seconds: int) -> str:
    return f"{seconds // 3600} h" if seconds and seconds % 3600 == 0 else f"{seconds // 60} min"


def _figures(report: Report) -> Table:
    table = _table("entry", "CPU request", "of", "limit", "MiB request", "of", "limit", "", right=range(1, 7))
    for one in report.recommendations:
        table.add_row(*_row(one))
    return table


def _row(one: Recommendation) -> list[Text]:
    entry = f"{one.containers} agents" if one.entry == TEMPLATE else one.entry
    return [
        Text(entry),
        _moved(one.cpu_request, format_cores),
        _range(one.cpu, lambda amount: f"{amount / 1000:.3f}"),
        _moved(one.cpu_limit, format_cores),
        _moved(one.memory_request, str),
        _range(one.memory, lambda amount: f"{amount:.0f}"),
        _moved(one.memory_limit, str),
        Text("; ".join(one.notes), style="dim"),
    ]


def _moved(figure: Figure, written: Callable[[int], str]) -> Text:
    if not figure.changed:
        return Text(written(figure.now), style="dim")
    return Text(f"{written(figure.now)} -> {written(figure.advised)}", style="bold")


def _range(found: Bounds | None, written: Callable[[float], str]) -> Text:
    return Text("" if found is None else f"{written(found.lower)}..{written(found.upper)}", style="dim")


def _effect(effect: Effect) -> Iterator[ConsoleRenderable]:
    yield Text("\nEffect", style="bold")
    if effect.refused:
        yield Text(f"the plan would be refused: {effect.refused}", style="red")
    if effect.ledger:
        table = _table("scope", "what", "before", "after", "of", right=range(2, 5))
        for line in effect.ledger:
            amounts = (f"{value:g}" for value in (line.before, line.after, line.limit))
            table.add_row(line.scope, f"{line.dimension} [{line.unit}]", *amounts)
        yield table
    yield Text(_waste("CPU", effect.cpu_before, effect.cpu_after, "cores"))
    yield Text(_waste("memory", effect.memory_before, effect.memory_after, "MiB"))


def _waste(what: str, before: Waste, after: Waste | None, unit: str) -> str:
    requested = f"{before.requested:.4g}" + (f" -> {after.requested:.4g}" if after else "")
    share = f"{before.share:.0%}" + (f" -> {after.share:.0%}" if after else "")
    return f"{what}: {requested} {unit} requested, {before.used:.4g} used; waste {share}"


def _table(*columns: str, right: range) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for number, column in enumerate(columns):
        table.add_column(column, justify="right" if number in right else "left")
    return table
