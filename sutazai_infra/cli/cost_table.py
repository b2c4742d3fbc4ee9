"""What an update costs, for a person: sums before and after, who is replaced, and for how long nobody answers."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from sutazai_infra.model.plan import Plan
from sutazai_infra.operations.deploy.cost import Away, ServiceCost
from sutazai_infra.planning.comparison import LedgerChange, compare_ledgers

__all__ = ["show_costs"]

_DIMENSIONS = ("cpu requests", "memory requests", "memory limits")
_NAMED = 4


def show_costs(console: Console, before: Plan | None, after: Plan, costs: tuple[ServiceCost, ...]) -> None:
    """Print both; nothing of a stack that is new, where all of it is cost."""
    if before is None:
        return
    tables = [table for table in (_services(costs), _sums(before, after)) if table.row_count]
    if tables:
        console.print(Text("what it costs:", style="dim"))
    for table in tables:
        console.print(Padding(table, (0, 0, 0, 2)))


def _sums(before: Plan, after: Plan) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    for change in compare_ledgers(before.ledger, after.ledger):
        if change.dimension in _DIMENSIONS and change.scope.startswith(("pool ", "stack")):
            table.add_row(change.scope, change.dimension, _moved(change))
    return table


def _moved(change: LedgerChange) -> str:
    before, after = change.used_before or 0, change.used_after or 0
    return f"{before:g} -> {after:g} {change.unit} ({after - before:+g})"


def _services(costs: tuple[ServiceCost, ...]) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    for cost in costs:
        if cost.sort != "new":
            table.add_row(Text(cost.sort, style=_STYLES[cost.sort]), _who(cost), "; ".join(_what(cost)))
    return table


_STYLES = {"replaced": "magenta", "removed": "red", "in place": "yellow"}


def _who(cost: ServiceCost) -> str:
    named = ", ".join(cost.instances[:_NAMED])
    return f"{named} and {len(cost.instances) - _NAMED} more" if len(cost.instances) > _NAMED else named


def _what(cost: ServiceCost) -> Iterator[str]:
    if cost.because:
        yield f"because of {', '.join(cost.because)}"
    if cost.away is not None:
        yield _interrupted(cost.away)
    elif cost.sort == "replaced":
        yield "one after the other, the rest answers"
    elif cost.sort == "in place":
        yield "not interrupted"
    if cost.data:
        yield f"its data stays in {', '.join(cost.data)}"


def _interrupted(away: Away) -> str:
    return f"away for some {away.expected_s:.0f} s, {away.most_s:.0f} s at most"
