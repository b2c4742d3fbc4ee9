"""A store and a queue in memory, with a clock that the test turns, and a backend that says what it is told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from workload.client import Reply, Unreachable
from workload.dispatch import Ended, Queued
from workload.errors import KeyReused, QueueFull, Unavailable, Unknown
from workload.protocol import (
    AgentRecord,
    Claim,
    Completion,
    Heartbeat,
    NewTask,
    Registration,
    Release,
    Status,
    TaskRecord,
)

START = datetime(2026, 1, 1, tzinfo=UTC)


class MemoryStore:
    def __init__(self) -> None:
        self.now = START
        self.reachable = True
        self.tasks: dict[UUID, TaskRecord] = {}
        self.deadlines: dict[UUID, datetime] = {}
        self.known: dict[str, AgentRecord] = {}
        self.beats: dict[str, float | None] = {}
        self.keys: dict[str, UUID] = {}

    def pass_time(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    async def add_task(self, task_id: UUID, task: NewTask, limit: int) -> Queued:
        await self.ping()
        if task.key in self.keys:
            known = self.tasks[self.keys[task.key]]
            if (known.type, known.payload) != (task.type, task.payload):
                raise KeyReused(f"idempotency-key {task.key} came with another task before")
            return _queued(known)
        waiting = sum(t.status == "queued" and t.type == task.type for t in self.tasks.values())
        if waiting >= limit:
            raise QueueFull(f"queue {task.type} holds {waiting} tasks of {limit}: try again later, or add agents")
        self.tasks[task_id] = TaskRecord(task_id, task.type, task.payload, "queued", 0, self.now)
        if task.key is not None:
            self.keys[task.key] = task_id
        return _queued(self.tasks[task_id])

    async def claim(self, task_id: UUID, agent: str | None, visibility_seconds: float) -> Claim | None:
        await self.ping()
        task = self.tasks.get(task_id)
        if task is None or task.status != "queued":
            return None
        attempts = task.attempts + 1
        self.tasks[task_id] = replace(task, status="running", attempts=attempts, agent=agent, claimed_at=self.now)
        self.deadlines[task_id] = self.now + timedelta(seconds=visibility_seconds)
        return Claim(task_id, task.type, task.payload, attempts, (self.now - task.created_at).total_seconds())

    async def complete(self, completion: Completion) -> Ended:
        task = await self.task(completion.task_id)
        if task.status in {"done", "failed"}:
            return Ended("already-complete", task.type)
        if completion.status == "failed" and not _newest(completion, task):
            return Ended("superseded")
        self.tasks[task.id] = replace(
            task,
            status=completion.status,
            result=completion.result,
            error=completion.error,
            agent=completion.agent or task.agent,
            finished_at=self.now,
        )
        return Ended(
            "accepted",
            task.type,
            None if task.claimed_at is None else (self.now - task.claimed_at).total_seconds(),
        )

    async def release(self, release: Release) -> Queued | None:
        task = await self.task(release.task_id)
        if task.status != "running" or not _newest(release, task):
            return None
        self.tasks[task.id] = replace(task, status="queued")
        return _queued(task)

    async def expire(self, attempts: int) -> Mapping[Status, int]:
        await self.ping()
        ended: Counter[Status] = Counter()
        for task in list(self.tasks.values()):
            if task.status == "running" and (self.deadlines[task.id] < self.now or self._silent(task)):
                status: Status = "queued" if task.attempts < attempts else "failed"
                self.tasks[task.id] = replace(task, status=status)
                ended[status] += 1
        return ended

    async def queued(self) -> Sequence[Queued]:
        await self.ping()
        return [_queued(task) for task in self.tasks.values() if task.status == "queued"]

    async def counts(self) -> Mapping[tuple[str, Status], int]:
        await self.ping()
        return Counter((task.type, task.status) for task in self.tasks.values())

    async def task(self, task_id: UUID) -> TaskRecord:
        await self.ping()
        if task_id not in self.tasks:
            raise Unknown(f"no such task: {task_id}")
        return self.tasks[task_id]

    async def recent(self, count: int, key_prefix: str = "") -> Sequence[TaskRecord]:
        await self.ping()
        keyed = {task_id for key, task_id in self.keys.items() if key.startswith(key_prefix)}
        found = [task for task in self.tasks.values() if not key_prefix or task.id in keyed]
        return found[-count:][::-1]

    async def register(self, registration: Registration) -> Sequence[Queued]:
        await self.ping()
        self.known[registration.name] = AgentRecord(
            registration.name, registration.type, registration.role, "active", self.now, self.now
        )
        self.beats[registration.name] = registration.heartbeat_seconds
        held = [
            task
            for task in self.tasks.values()
            if (task.status, task.agent) == ("running", registration.name) and task.id not in registration.task_ids
        ]
        self.tasks |= {task.id: replace(task, status="queued") for task in held}
        return [_queued(task) for task in held]

    async def heartbeat(self, heartbeat: Heartbeat, visibility_seconds: float) -> None:
        await self.ping()
        if heartbeat.name not in self.known:
            raise Unknown(f"agent {heartbeat.name} is not registered: register first")
        agent = self.known[heartbeat.name]
        self.known[agent.name] = replace(agent, last_heartbeat=self.now, status=heartbeat.status)
        for task_id in heartbeat.task_ids:
            self.deadlines[task_id] = self.now + timedelta(seconds=visibility_seconds)

    async def agents(self, alive_seconds: float) -> Sequence[AgentRecord]:
        await self.ping()
        oldest = self.now - timedelta(seconds=alive_seconds)
        return [replace(agent, alive=agent.last_heartbeat > oldest) for agent in self.known.values()]

    async def forget(self, hours: float) -> None:
        oldest = self.now - timedelta(hours=hours)
        self.known = {name: agent for name, agent in self.known.items() if agent.last_heartbeat > oldest}

    def _silent(self, task: TaskRecord) -> bool:
        beat = self.beats.get(task.agent or "")
        if beat is None or task.agent is None or task.claimed_at is None:
            return False
        heard = max(self.known[task.agent].last_heartbeat, task.claimed_at)
        return heard < self.now - timedelta(seconds=3 * beat)

    async def ping(self) -> None:
        if not self.reachable:
            raise Unavailable("postgres: connection refused")


def _queued(task: TaskRecord) -> Queued:
    return Queued(task.id, task.type, task.created_at.timestamp())


def _newest(said: Completion | Release, task: TaskRecord) -> bool:
    if said.attempt is not None:
        return said.attempt == task.attempts
    return said.agent is None or task.agent is None or said.agent == task.agent


class MemoryQueue:
    """Waiting and delivered ids by type; what was delivered is there until it is dropped."""

    def __init__(self) -> None:
        self.reachable = True
        self.ids: dict[str, dict[UUID, float]] = {}
        self.delivered: dict[UUID, str | None] = {}

    async def push(self, tasks: Sequence[Queued]) -> None:
        await self.ping()
        for task in tasks:
            self.ids.setdefault(task.type, {}).setdefault(task.id, task.order)
            self.delivered.pop(task.id, None)

    async def pop(self, agent_type: str, agent: str | None) -> UUID | None:
        await self.ping()
        waiting = {i: order for i, order in self.ids.get(agent_type, {}).items() if i not in self.delivered}
        if not waiting:
            return None
        oldest = min(waiting, key=lambda task_id: waiting[task_id])
        self.delivered[oldest] = agent
        return oldest

    async def drop(self, agent_type: str, task_id: UUID) -> None:
        await self.ping()
        self.ids.get(agent_type, {}).pop(task_id, None)
        self.delivered.pop(task_id, None)

    async def ping(self) -> None:
        if not self.reachable:
            raise Unavailable("redis: connection refused")


@dataclass
class ScriptedBackend:
    """Answers each path from its list, the last answer for ever; None stands for no answer at all."""

    answers: dict[str, list[Reply | None]]
    seen: list[tuple[str, object]] = field(default_factory=list)

    async def get(self, path: str) -> Reply:
        return self._answer(path, None)

    async def post(self, path: str, value: object) -> Reply:
        return self._answer(path, value)

    def posted(self, path: str) -> list[object]:
        return [value for seen, value in self.seen if seen == path]

    def _answer(self, path: str, value: object) -> Reply:
        self.seen.append((path, value))
        answers = self.answers[path.partition("?")[0]]
        reply = answers.pop(0) if len(answers) > 1 else answers[0]
        if reply is None:
            raise Unreachable(f"{path}: refused")
        return reply
