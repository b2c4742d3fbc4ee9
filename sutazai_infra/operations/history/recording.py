"""Writes an update of `sutazai up` into the stack's history: before its first change, and again at its end."""

from __future__ import annotations

import getpass
import os
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from sutazai_infra.inputs.previous import previous_plan
from sutazai_infra.inputs.stackconfig import PROJECT
from sutazai_infra.model.plan import Plan
from sutazai_infra.model.update import HealthResult, PolicyResult, Result, Source, Update
from sutazai_infra.operations.deploy.errors import StoppedError, UnhealthyError
from sutazai_infra.operations.deploy.events import Outcome
from sutazai_infra.operations.history.book import Book
from sutazai_infra.operations.history.git import keep, source_of
from sutazai_infra.operations.statestore import state_store

__all__ = ["NO_REASON", "Reason", "Recording", "recording_of", "who"]


@dataclass(frozen=True)
class Reason:
    """Why an update is made: what its author says, and which update it goes back to."""

    message: str = ""
    restores: int | None = None


NO_REASON = Reason()


@dataclass
class Recording:
    """One update, from its preview to its end. Raises `HistoryError` and `StateStoreError`.

    `source` is asked only where there is an update: it makes a commit of all files.
    """

    book: Book
    folder: Path
    source: Callable[[], Source]
    reason: Reason
    health: HealthResult | None = None
    _update: Update | None = None
    _began: float = 0.0

    @property
    def number(self) -> int | None:
        """The update's number; None where nothing was changed."""
        return self._update.number if self._update else None

    def begin(self, plan: Plan, preview: Outcome, previous: Plan | None) -> str:
        """Take a number and keep what is about to be done; the message for Pulumi's own history.

        `previous` is the plan in force, None where that isn't known: then it is looked for.
        """
        before = previous or previous_plan(PROJECT, self.book.stack)
        source, started = self.source(), datetime.now(UTC)

        def made(number: int) -> Update:
            return Update(
                number=number,
                stack=self.book.stack,
                started=started,
                by=who(os.environ),
                message=self.reason.message,
                restores=self.reason.restores,
                source=source,
                config=self._config(),
                plan_hash=plan.fingerprint,
                changes=preview.counted(),
                policy=PolicyResult(advice=_advice(preview)),
                ledger_before=before.ledger if before else (),
                ledger_after=plan.ledger,
            )

        self._began = time.monotonic()
        self._update = self.book.begin(made, plan)
        if source.commit is not None:
            keep(self.folder, source.commit, f"{self.book.stack}/{self._update.number}")
        return f"sutazai update {self._update.number}: {self.reason.message}".rstrip(": ")

    @contextmanager
    def ending(self, images: Callable[[], Mapping[str, str]]) -> Iterator[None]:
        """Keep how the block ends, which changes the stack and looks after its health."""
        try:
            yield
        except BaseException as error:
            self._end(_result(error), images, str(error) or type(error).__name__, getattr(error, "health", None))
            raise
        self._end(Result.SUCCEEDED, images, "", self.health)

    def _end(
        self, result: Result, images: Callable[[], Mapping[str, str]], error: str, health: HealthResult | None
    ) -> None:
        if self._update is None:
            return
        taken = time.monotonic() - self._began
        self._update = self._update.ended(result, taken, error=error, health=health, images=dict(images()))
        self.book.end(self._update)

    def _config(self) -> str:
        try:
            return (self.folder / f"Pulumi.{self.book.stack}.yaml").read_text(encoding="utf-8")
        except FileNotFoundError:
            return ""


def recording_of(folder: Path, stack: str, reason: Reason) -> Recording:
    """Open the stack's history for an update from this folder."""
    book = Book(state_store(), stack)

    def source() -> Source:
        if reason.restores is not None:
            return book.update(reason.restores).source
        return source_of(folder, version("sutazai-infra"))

    return Recording(book, folder, source, reason)


def who(environment: Mapping[str, str]) -> str:
    """Name who calls, also behind `sudo`, and the machine."""
    return f"{environment.get('SUDO_USER') or getpass.getuser()}@{socket.gethostname()}"


def _result(error: BaseException) -> Result:
    if isinstance(error, StoppedError | KeyboardInterrupt):
        return Result.INTERRUPTED
    return Result.UNHEALTHY if isinstance(error, UnhealthyError) else Result.FAILED


def _advice(outcome: Outcome) -> tuple[str, ...]:
    return tuple(f"{v.policy}: {v.message}" for v in outcome.violations if not v.is_ledger)
