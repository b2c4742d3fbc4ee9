"""The messages between agents and backend, read from JSON and written to it.

Field names are those that the real system's agents send, and their variants. A message may carry more than is
read here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from workload import fields
from workload.errors import Invalid

__all__ = [
    "AgentRecord",
    "Claim",
    "Completion",
    "Heartbeat",
    "NewTask",
    "Registration",
    "Release",
    "Status",
    "TaskRecord",
]

Status = Literal["queued", "running", "done", "failed"]
_OUTCOMES: Mapping[str, Status] = {
    "completed": "done",
    "done": "done",
    "success": "done",
    "error": "failed",
    "failed": "failed",
}


@dataclass(frozen=True)
class Registration:
    """An agent says that it is there, how often it will say so (in seconds), and what it has in hand."""

    name: str
    type: str
    role: str
    heartbeat_seconds: float | None = None
    task_ids: tuple[UUID, ...] = ()

    @classmethod
    def parse(cls, body: Mapping[str, Any]) -> Registration:
        """Read it; raises `Invalid`."""
        return cls(
            fields.first_name(body, "agent_name", "name", "agent_id"),
            fields.first_name(body, "agent_type", "type"),
            fields.text(body.get("agent_role") or body.get("role") or "", 200),
            fields.seconds(body, "heartbeat_seconds"),
            fields.task_ids(body),
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
        name = fields.first_name(body, "agent_name", "name", "agent_id")
        return cls(name, fields.text(body.get("status") or "active", 50), fields.task_ids(body))


@dataclass(frozen=True)
class NewTask:
    """Somebody wants a task done by an agent of a type; sent again with the same `key`, it is the same task."""

    type: str
    payload: Mapping[str, Any]
    key: str | None = None

    @classmethod
    def parse(cls, body: Mapping[str, Any], key: str | None = None) -> NewTask:
        """Read it; raises `Invalid`."""
        if key is not None:
            fields.key(key, "idempotency-key")
        payload = body.get("payload", {})
        if not isinstance(payload, dict):
            raise Invalid(f"payload: must be an object, not {type(payload).__name__}")
        return cls(fields.first_name(body, "agent_type", "type"), payload, key)


@dataclass(frozen=True)
class Claim:
    """A task as it is handed to an agent."""

    id: UUID
    type: str
    payload: Mapping[str, Any]
    attempt: int
    waited_seconds: float = 0.0

    def as_json(self) -> dict[str, Any]:
        """Write it; `id` is what the agents read, `task_id` what they report."""
        key = str(self.id)
        return {"id": key, "task_id": key, "type": self.type, "payload": self.payload, "attempt": self.attempt}


@dataclass(frozen=True)
class Completion:
    """An agent says how a task ended, and in which attempt (which agents of other makers leave out)."""

    task_id: UUID
    agent: str | None
    status: Status
    result: Mapping[str, Any] | None
    error: str | None
    attempt: int | None = None

    @classmethod
    def parse(cls, body: Mapping[str, Any]) -> Completion:
        """Read it; raises `Invalid`."""
        outcome = _OUTCOMES.get(str(body.get("status", "completed")))
        if outcome is None:
            raise Invalid(f"status: must be one of {', '.join(_OUTCOMES)}, not {body['status']!r}")
        result = body.get("result")
        if result is not None and not isinstance(result, dict):
            result = {"value": result}
        agent = fields.first_name(body, "agent_name") if body.get("agent_name") else None
        error = body.get("error")
        text = None if error is None else fields.text(error)
        return cls(fields.task_id(body.get("task_id")), agent, outcome, result, text, fields.attempt(body))


@dataclass(frozen=True)
class Release:
    """An agent gives back a task that it won't end."""

    task_id: UUID
    agent: str | None
    attempt: int | None = None

    @classmethod
    def parse(cls, body: Mapping[str, Any]) -> Release:
        """Read it; raises `Invalid`."""
        agent = fields.first_name(body, "agent_name") if body.get("agent_name") else None
        return cls(fields.task_id(body.get("task_id")), agent, fields.attempt(body))


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


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _seconds(start: datetime | None, end: datetime | None) -> float | None:
    return None if start is None or end is None else round((end - start).total_seconds(), 3)
