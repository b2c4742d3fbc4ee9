"""A preview for a person: what is to become of which resource, and what the policies say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from sutazai_infra.operations.deploy.events import Change, Outcome, Violation

__all__ = ["show_changes", "show_violations", "summary"]

_SIGNS = {
    "create": ("+", "green"),
    "update": ("~", "yellow"),
    "delete": ("-", "red"),
    "replace": ("+-", "magenta"),
}
_NOUNS = {"create": "to create", "update": "to update", "delete": "to delete", "replace": "to replace"}
_FOLDED = frozenset({"create", "delete"})


def summary(outcome: Outcome) -> str:
    """Say in a few words what an update does."""
    if outcome.refused:
        return "refused by policy"
    counted = [f"{count} {_NOUNS.get(operation, operation)}" for operation, count in outcome.counted().items()]
    return ", ".join(counted) or "no changes"


def show_changes(console: Console, outcome: Outcome) -> None:
    """Print changes: what is new or goes in one line a kind, what is changed with old and new values."""
    table = Table.grid(padding=(0, 1, 0, 0))
    for sign, text in _rows(outcome.changes):
        table.add_row(sign, text)
    if outcome.changes and outcome.unchanged:
        table.add_row("", Text(f"{outcome.unchanged} unchanged", style="dim"))
    if table.row_count:
        console.print(Padding(table, (0, 0, 0, 2)))
    for warning in outcome.warnings:
        console.print(Text(f"  warning: {warning}", style="yellow"))


def show_violations(console: Console, violations: Sequence[Violation]) -> None:
    """Print what policies say, each with its way out."""
    for violation in sorted(violations, key=lambda one: one.is_ledger):
        if violation.is_ledger:
            _show_ledger(console, violation)
            continue
        level = ("refused", "bold red") if violation.mandatory else ("advice", "yellow")
        message = violation.message.replace("\n", "\n  ")
        console.print(Text.assemble(level, f" by policy {violation.policy}: {message}"), soft_wrap=True)


def _show_ledger(console: Console, violation: Violation) -> None:
    """Print what was checked; the first line is the rule's own description."""
    lines = violation.message.splitlines()[1:]
    console.print(Text("checked by the policy pack:", style="dim"))
    for line in lines:
        console.print(Text(f"  {line}", style="dim"), soft_wrap=True)


def _rows(changes: Sequence[Change]) -> Iterator[tuple[Text, str]]:
    folded: dict[tuple[str, str], list[str]] = {}
    for change in changes:
        if change.operation in _FOLDED:
            folded.setdefault((change.operation, change.kind), []).append(change.name)
    for (operation, kind), names in folded.items():
        plural = "s" if len(names) > 1 else ""
        yield _sign(operation), f"{len(names)} {kind}{plural}: {', '.join(names)}"
    for change in changes:
        if change.operation not in _FOLDED:
            details = f": {', '.join(change.details)}" if change.details else ""
            yield _sign(change.operation), f"{change.kind} {change.name}{details}"


def _sign(operation: str) -> Text:
    return Text(*_SIGNS.get(operation, ("*", "")))
