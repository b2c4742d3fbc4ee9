"""Updates as a stack's history keeps them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sutazai_infra.model.update import Result, Source, Update

__all__ = ["START", "update"]

START = datetime(2026, 11, 1, 12, tzinfo=UTC)


def update(number: int, result: Result = Result.SUCCEEDED, **given: Any) -> Update:
    """Return an update of stack `lab`, an hour after the one before."""
    values: dict[str, Any] = {
        "number": number,
        "stack": "lab",
        "started": START + timedelta(hours=number),
        "by": "me@here",
        "source": Source(revision="a" * 40, commit="a" * 40),
        "result": result,
    }
    return Update(**(values | given))
