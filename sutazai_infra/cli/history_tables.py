"""A stack's history as tables and pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from sutazai_infra.model.update import Result, Update
from sutazai_infra.operations.history.listing import HistoryRow
from sutazai_infra.planning.comparison import Comparison, LedgerChange, compare_ledgers

__all__ = ["comparison_page", "history_table", "update_page"]

_STYLES = {Result.SUCCEEDED: "green", Result.RUNNING: "yellow", Result.INTERRUPTED: "yellow"}
_SHORT = 12


def history_table(stack: str, rows: Sequence[HistoryRow]) -> RenderableType:
    """Lay out one update a row."""
    if not rows:
        return Text(f"stack {stack} has had no update; `sutazai up --stack {stack}` makes the first")
    table = Table(box=None, padding=(0, 2, 0, 0))
    for title in ("update", "when (UTC)", "took", "by", "source", "changes", "result", "why"):
        table.add_column(title, no_wrap=title in {"update", "when (UTC)", "took"}, overflow="fold")
    for row in rows:
        table.add_row(
            str(row.number or "-"),
            f"{row.started:%Y-%m-%d %H:%M}",
            _took(row.seconds),
            row.by,
            _source(row.revision, dirty=row.dirty),
            _counted(row.changes),
            Text(row.result, style=_style(row.result)),
            _why(row.message, row.restores),
        )
    return table


def update_page(update: Update) -> RenderableType:
    """Lay out one update in full."""
    facts = Table.grid(padding=(0, 2, 0, 0))
    for title, value in _facts(update):
        facts.add_row(Text(title, style="dim"), value)
    ledger = _ledger_table(compare_ledgers(update.ledger_before, update.ledger_after))
    return Group(facts, Text(), ledger) if ledger.row_count else facts


def comparison_page(before: int, after: int, found: Comparison) -> RenderableType:
    """Lay out what differs between two updates."""
    if found.same:
        return Text(f"updates {before} and {after} put the same plan in force")
    table = Table.grid(padding=(0, 2, 0, 0))
    for name in found.added:
        table.add_row(Text("+", style="green"), name, "")
    for name in found.removed:
        table.add_row(Text("-", style="red"), name, "")
    for one in found.differences:
        what = f"{one.field}: {_short(one.before)} -> {_short(one.after)}"
        table.add_row(Text("~", style="yellow"), one.name, what)
    ledger = _ledger_table(found.ledger)
    return Group(table, Text(), ledger) if ledger.row_count else table


def _facts(update: Update) -> Iterable[tuple[str, RenderableType]]:
    yield "update", f"{update.number} of stack {update.stack}"
    yield "result", Text(update.result.value, style=_style(update.result))
    if update.error:
        yield "error", update.error
    yield "why", _why(update.message, update.restores) or "-"
    yield "by", update.by
    yield "when", f"{update.started:%Y-%m-%d %H:%M:%S} UTC, took {_took(update.seconds)}"
    yield "source", _source(update.source.revision, dirty=update.source.dirty)
    if update.source.commit is not None:
        yield "files as deployed", f"git show {update.source.commit[:_SHORT]}"
    yield "plan", update.plan_hash
    yield "changes", _counted(update.changes)
    if update.policy is not None:
        yield "policy", "accepted" + "".join(f"\nadvice: {text}" for text in update.policy.advice)
    if update.health is not None:
        sick = f"; not healthy: {', '.join(update.health.sick)}" if update.health.sick else ""
        yield "health", f"{update.health.healthy} of {update.health.wanted} containers healthy{sick}"
    if update.images:
        yield "images", "\n".join(f"{name} {_short(image)}" for name, image in sorted(update.images.items()))


def _ledger_table(changes: Iterable[LedgerChange]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for title in ("budget", "used before", "after", "limit before", "after"):
        table.add_column(title, justify="left" if title == "budget" else "right")
    for one in changes:
        numbers = (one.used_before, one.used_after, one.limit_before, one.limit_after)
        table.add_row(f"{one.scope} / {one.dimension} ({one.unit})", *map(_number, numbers))
    return table


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:g}"


def _source(revision: str | None, *, dirty: bool) -> str:
    return "-" if revision is None else revision[:_SHORT] + (" + edits" if dirty else "")


def _counted(changes: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {operation}" for operation, count in changes.items()) or "-"


def _why(message: str, restores: int | None) -> str:
    back = f"back to {restores}" if restores is not None else ""
    return "; ".join(filter(None, (back, message)))


def _took(seconds: float | None) -> str:
    return "-" if seconds is None else f"{seconds:.0f} s"


def _style(result: str) -> str:
    return _STYLES.get(Result(result), "red") if result in set(Result) else "red"


def _short(value: str | None) -> str:
    text = value or "-"
    return text.removeprefix("sha256:")[:_SHORT] if text.startswith("sha256:") else text
