"""The messages between agents and backend, read from JSON and written to it.

Field names are those that the real system's agents send, and their variants. A message may carry more than is
read here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from workload.errors import Invalid

__all__ = ["AgentRecord", "Claim", "Completion", "Heartbeat", "NewTask", "Registration", "Status", "TaskRecord"]

Status = Literal["queued", "running", "done", "failed"]
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")
_OUTCOMES: Mapping[str, Status] = {
    "completed": "done",
    "done": "done",
    "success": "done",
    "error": "failed",
    "failed": "failed",
}


@dataclass(frozen=True)
class Registration:
    """An agent says that it is there."""

    name: str
    type: str
    role: str

    @classmethod
    def parse(cls, body: Mapping[str, Any]) -> Registration:
        """Read it; raises `Invalid`."""
        return cls(
            _name(body, "agent_name", "name", "agent_id"),
            _name(body, "agent_type", "type"),
            str(body.get("agent_role") or body.get("role") or "")[:200],
        )


@dataclass(frozen=True)
class Heartbeat:
    """An agent says that it is still there, and which claimed tasks it still works on."""

    name: str
    status: str
    task_ids: tuple[UUID, ...] = ()

    @classmethod
    def parse(cls, body: Mapping[str, Any]) -> Heartbeat:
        """Read it; raises `Invalid`."""
        ids = body.get("task_ids") or []
        if not isinstance(ids, list):
            raise Invalid("task_ids: must be a list")
        name = _name(body, "agent_name", "name", "agent_id")
        return cls(name, str(body.get("status") or "active")[:50], tuple(task_id(value) for value in ids))


@dataclass(frozen=True)
class NewTask:
    """Somebody wants a task done by an agent of a type."""

    type: str
    payload: Mapping[str, Any]

    @classmethod
    def parse(cls, body: Mapping[str, Any]) -> NewTask:
        """Read it; raises `Invalid`."""
        payload = body.get("payload", {})
        if not isinstance(payload, dict):
            raise Invalid(f"payload: must be an object, not {type(payload).__name__}")
        return cls(_name(body, "agent_type", "type"), payload)


@dataclass(frozen=True)
class Claim:
    """A task as it is handed to an agent."""

    id: UUID
    type: str
    payload: Mapping[str, Any]
    attempt: int

    def as_json(self) -> dict[str, Any]:
        """Write it; `id` is what the agents read, `task_id` what they report."""
        key = str(self.id)
        return {"id": key, "task_id": key, "type": self.type, "payload": self.payload, "attempt": self.attempt}


@dataclass(frozen=True)
class Completion:
    """An agent says how a task ended."""

    task_id: UUID
    agent: str | None
    status: Status
    result: Mapping[str, Any] | None
    error: str | None

    @classmethod
    def parse(cls, body: Mapping[str, Any]) -> Completion:
        """Read it; raises `Invalid`."""
        outcome = _OUTCOMES.get(str(body.get("status", "completed")))
        if outcome is None:
            raise Invalid(f"status: must be one of {', '.join(_OUTCOMES)}, not {body['status']!r}")
        result = body.get("result")
        if result is not None and not isinstance(result, dict):
            result = {"value": result}
        agent = _name(body, "agent_name") if body.get("agent_name") else None
        error = body.get("error")
        return cls(task_id(body.get("task_id")), agent, outcome, result, None if error is None else str(error))


@dataclass(frozen=True)
class TaskRecord:
    """A task and all that happened to it."""

    id: UUID
    type: str
    payload: Mapping[str, Any]
    status: Status
    attempts: int
    created_at: datetime
    claimed_at: datetime | None = None
    finished_at: datetime | None = None
    agent: str | None = None
    result: Mapping[str, Any] | None = None
    error: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Write it, with the time that it waited and the time that it ran."""
        return {
            **vars(self),
            "id": str(self.id),
            "created_at": self.created_at.isoformat(),
            "claimed_at": _iso(self.claimed_at),
            "finished_at": _iso(self.finished_at),
            "waited_seconds": _seconds(self.created_at, self.claimed_at),
            "ran_seconds": _seconds(self.claimed_at, self.finished_at),
        }


@dataclass(frozen=True)
class AgentRecord:
    """An agent as the backend last heard of it."""

    name: str
    type: str
    role: str
    status: str
    registered_at: datetime
    last_heartbeat: datetime
    alive: bool = field(default=False)

    def as_json(self) -> dict[str, Any]:
        """Write it."""
        return {
            **vars(self),
            "registered_at": self.registered_at.isoformat(),
            "last_heartbeat": self.last_heartbeat.isoformat(),
        }


def name(value: object, key: str) -> str:
    """Check one name of an agent or type; raises `Invalid`."""
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise Invalid(f"{key}: must be 1 to 100 letters, digits, dots, dashes or underscores, not {value!r}")
    return value


def task_id(value: object) -> UUID:
    """Read a task's id; raises `Invalid`."""
    try:
        return UUID(str(value))
    except ValueError:
        raise Invalid(f"task_id: must be a UUID, not {value!r}") from None


def _name(body: Mapping[str, Any], *keys: str) -> str:
    for key in keys:
        if key in body:
            return name(body[key], key)
    raise Invalid(f"{keys[0]}: is missing")


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _seconds(start: datetime | None, end: datetime | None) -> float | None:
    return None if start is None or end is None else round((end - start).total_seconds(), 3)
