"""One update of a stack, as its history keeps it: who, when, why, from what, and what became of it.

The JSON form is read by later versions, and by older ones that are rolled back to: fields may be added with a
default, none is renamed or removed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Self

from pydantic import ConfigDict, Field

from sutazai_infra.model.base import Frozen
from sutazai_infra.model.plan import LedgerLine

__all__ = ["HealthResult", "PolicyResult", "Result", "Source", "Update"]


class _Kept(Frozen):
    """A value of a history that a newer version may have written: what it doesn't know it leaves."""

    model_config = ConfigDict(extra="ignore", str_strip_whitespace=False)


class Result(StrEnum):
    """How an update ended; `running` stays where its process was killed."""

    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    UNHEALTHY = "unhealthy"
    INTERRUPTED = "interrupted"


class Source(_Kept):
    """Which program, catalogue and settings. `commit` holds exactly what was deployed, uncommitted edits too."""

    revision: str | None = Field(None, description="HEAD of the git repository; None outside of one.")
    branch: str | None = None
    dirty: bool = Field(False, description="Whether files differed from the revision.")
    commit: str | None = Field(None, description="A commit of all files as they were; kept from git's clean-up.")
    version: str = ""


class PolicyResult(_Kept):
    """What the policy pack said at the preview; nothing mandatory, or there would have been no update."""

    advice: tuple[str, ...] = ()


class HealthResult(_Kept):
    """How many containers were healthy at the end, and which were not."""

    healthy: int = Field(ge=0)
    wanted: int = Field(ge=0)
    sick: tuple[str, ...] = ()


class Update(_Kept):
    """One update. Times in UTC, duration in seconds; the plan is kept beside it, under the same number."""

    version: int = 1
    number: int = Field(ge=1)
    stack: str
    started: datetime
    seconds: float | None = Field(None, ge=0)
    by: str
    message: str = ""
    source: Source
    config: str = Field("", description="The text of Pulumi.STACK.yaml; secrets in it are encrypted.")
    plan_hash: str = ""
    images: Mapping[str, str] = Field({}, description="By instance: the engine's own id of its image.")
    changes: Mapping[str, int] = Field({}, description="How many resources were created, updated, ...")
    policy: PolicyResult | None = None
    health: HealthResult | None = None
    ledger_before: tuple[LedgerLine, ...] = ()
    ledger_after: tuple[LedgerLine, ...] = ()
    result: Result = Result.RUNNING
    error: str = ""
    restores: int | None = Field(None, description="The update whose program and settings it put in force again.")

    def ended(self, result: Result, seconds: float, **found: object) -> Self:
        """Return it with how it ended."""
        return self.model_copy(update={"result": result, "seconds": round(seconds, 1), **found})

    @property
    def good(self) -> bool:
        """Whether it can be gone back to."""
        return self.result is Result.SUCCEEDED
