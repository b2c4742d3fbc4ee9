"""The history of one stack: numbered updates and their plans, beside the state.

A number is taken by creating its file, which succeeds for one of two that try. Pulumi's own backends number none.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator

from pydantic import ValidationError

from sutazai_infra.inputs.stackconfig import PROJECT
from sutazai_infra.model.errors import SutazaiError
from sutazai_infra.model.plan import Plan
from sutazai_infra.model.update import Update
from sutazai_infra.operations.statestore import StateStore

__all__ = ["Book", "HistoryError"]

_ATTEMPTS = 20


class HistoryError(SutazaiError):
    """There is no such update, or what is kept of it can't be read."""


class Book:
    """Reads and writes the history of one stack."""

    def __init__(self, store: StateStore, stack: str) -> None:
        self._store, self.stack = store, stack
        self._folder = f"history/{PROJECT}/{stack}"

    def numbers(self) -> tuple[int, ...]:
        """List the numbers that are taken, in order."""
        names = (path.rpartition("/")[2] for path in self._store.names(self._folder))
        return tuple(sorted(int(name[:-5]) for name in names if name.endswith(".json") and name[:-5].isdecimal()))

    def updates(self) -> tuple[Update, ...]:
        """Return all of them, oldest first."""
        return tuple(self.newest())[::-1]

    def newest(self) -> Iterator[Update]:
        """Yield them newest first, each read when it is asked for."""
        return (self.update(number) for number in reversed(self.numbers()))

    def update(self, number: int) -> Update:
        """Return one; raises `HistoryError`."""
        content = self._store.read(self._path(number))
        if content is None:
            raise HistoryError(self._unknown(number))
        try:
            return Update.model_validate_json(content)
        except ValidationError as error:
            raise HistoryError(
                f"{self._store.address}/{self._path(number)}: can't be read: {error.errors()[0]['msg']}"
            ) from error

    def plan(self, number: int) -> Plan:
        """Return the plan that an update put in force; raises `HistoryError`."""
        content = self._store.read(self._path(number, "plan.json.gz"))
        if content is None:
            raise HistoryError(f"update {number} of stack {self.stack}: no plan of it is kept")
        try:
            return Plan.model_validate_json(gzip.decompress(content))
        except (ValidationError, OSError, EOFError) as error:
            raise HistoryError(
                f"update {number} of stack {self.stack}: its plan can't be read by this version"
            ) from error

    def begin(self, make: Callable[[int], Update], plan: Plan) -> Update:
        """Take the next number for an update, and keep its plan; raises `HistoryError`."""
        number = max(self.numbers(), default=0)
        for _ in range(_ATTEMPTS):
            number += 1
            update = make(number)
            if self._store.create(self._path(number), _json(update)):
                # Compressed the same way each time, so without the time of day.
                packed = gzip.compress(plan.model_dump_json().encode(), mtime=0)
                self._store.write(self._path(number, "plan.json.gz"), packed)
                return update
        raise HistoryError(f"stack {self.stack}: no number for this update after {_ATTEMPTS} attempts; try again")

    def end(self, update: Update) -> None:
        """Keep how an update ended."""
        self._store.write(self._path(update.number), _json(update))

    def _path(self, number: int, suffix: str = "json") -> str:
        return f"{self._folder}/{number:06}.{suffix}"

    def _unknown(self, number: int) -> str:
        numbers = self.numbers()
        known = (
            f"it has {numbers[0]} to {numbers[-1]}" if numbers else "it has none yet; `sutazai up` makes the first"
        )
        return f"stack {self.stack} has no update {number}: {known}"


def _json(update: Update) -> bytes:
    return update.model_dump_json(indent=1).encode()
