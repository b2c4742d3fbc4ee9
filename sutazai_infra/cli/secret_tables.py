"""A stack's secrets as a table."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from rich.table import Table

from sutazai_infra.operations.secrets.listing import SecretRow

__all__ = ["secret_table"]


def secret_table(stack: str, rows: Sequence[SecretRow], now: datetime) -> Table:
    """Lay out one secret a row."""
    table = Table(title=f"Secrets of {stack}", title_justify="left", box=None, padding=(0, 2, 0, 0))
    for title in ("secret", "version", "state", "read by"):
        table.add_column(title, no_wrap=title == "secret", overflow="fold")
    for row in rows:
        table.add_row(row.name, str(row.version or "-"), _state(row, now), _readers(row))
    return table


def _state(row: SecretRow, now: datetime) -> str:
    if row.version == 0:
        return "not made yet"
    if row.interrupted:
        return "interrupted; rotate again"
    if row.expires is not None:
        return f"until {row.expires:%Y-%m-%d}, {(row.expires - now).days} days"
    return "can't be rotated" if row.fixed else "in force"


def _readers(row: SecretRow) -> str:
    return ", ".join([*row.replaced, *([f"{row.told} (told)"] if row.told else [])]) or "-"
