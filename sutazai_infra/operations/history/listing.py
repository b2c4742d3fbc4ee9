"""A stack's updates in one list: numbered ones, and those of plain Pulumi in between."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from pydantic import Field

from sutazai_infra.model.base import Frozen
from sutazai_infra.model.update import Update
from sutazai_infra.operations.history.plain import PlainUpdate

__all__ = ["HistoryRow", "history_rows"]


class HistoryRow(Frozen):
    """One update, in short. Its fields are those of the JSON."""

    number: int | None = Field(None, description="None where plain Pulumi made it: there is no going back to it.")
    started: datetime
    seconds: float | None
    by: str
    message: str
    revision: str | None
    dirty: bool
    changes: Mapping[str, int]
    result: str
    restores: int | None = None


def history_rows(updates: Iterable[Update], plain: Iterable[PlainUpdate]) -> tuple[HistoryRow, ...]:
    """Merge both by time, newest first."""
    rows = [*map(_numbered, updates), *map(_unnumbered, plain)]
    return tuple(sorted(rows, key=lambda row: row.started, reverse=True))


def _numbered(update: Update) -> HistoryRow:
    return HistoryRow(
        number=update.number,
        started=update.started,
        seconds=update.seconds,
        by=update.by,
        message=update.message,
        revision=update.source.revision,
        dirty=update.source.dirty,
        changes=update.changes,
        result=update.result.value,
        restores=update.restores,
    )


def _unnumbered(update: PlainUpdate) -> HistoryRow:
    return HistoryRow(
        started=update.started,
        seconds=update.seconds,
        by=update.by,
        message=update.message if update.kind == "update" else f"({update.kind}) {update.message}".strip(),
        revision=update.revision,
        dirty=update.dirty,
        changes=update.changes,
        result=update.result,
    )
