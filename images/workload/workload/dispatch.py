"""Who gets which task, and what becomes of a task whose agent dies.

The store is the truth and the queue a hint: a task lives in the store from the moment it is accepted, and
`sweep` puts whatever the store calls queued into the queue again. So a queue that is emptied, restarted or evicts
keys loses nothing, an id that is queued twice is handed out once, and an agent that dies only delays its task.

Each hand-out has a number, the attempt, which a report brings back. An agent that was wrongly thought dead can so
still say what it has done, if nobody did before, but it can't fail a task that another one has in hand by now.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol
from uuid import UUID, uuid4

from workload.errors import Unavailable
from workload.instruments import Instruments
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

__all__ = ["Dispatcher", "Ended", "Limits", "Outcome", "Queue", "Queued", "Store", "Swept"]

_LOG = logging.getLogger("workload.dispatch")

# What became of a report: kept; the task has an end already; the task is another attempt's by now.
Outcome = Literal["accepted", "already-complete", "superseded"]


@dataclass(frozen=True)
class Limits:
    """How much waits, how long a claim holds, how often a task is tried."""

    queued_per_type: int = 100
    visibility_seconds: float = 90.0
    attempts: int = 5
    agent_alive_seconds: float = 90.0
    kept_hours: float = 7 * 24.0


@dataclass(frozen=True)
class Queued:
    """A waiting task's place: `order` is the time of its creation, so a retried task keeps its turn."""

    id: UUID
    type: str
    order: float


@dataclass(frozen=True)
class Ended:
    """What became of a report; the type of a task that has ended, and how long it ran if that is news."""

    outcome: Outcome
    type: str | None = None
    ran_seconds: float | None = None


@dataclass(frozen=True)
class Swept:
    """What a sweep did."""

    requeued: int
    given_up: int


class Store(Protocol):
    """Where tasks and agents are kept; every method may raise `Unavailable`."""

    async def add_task(self, task_id: UUID, task: NewTask, limit: int) -> Queued:
        """Keep a new task, or find the one of its key.

        Raises `QueueFull` if `limit` tasks of its type are queued, `KeyReused` if its key came with another task.
        """
        ...

    async def claim(self, task_id: UUID, agent: str | None, visibility_seconds: float) -> Claim | None:
        """Give a queued task to an agent; None if it isn't queued any more."""
        ...

    async def complete(self, completion: Completion) -> Ended:
        """Keep a task's end: a failure of the newest attempt only, a success of any. Raises `Unknown`."""
        ...

    async def release(self, release: Release) -> Queued | None:
        """Queue a task again that its agent gives back; None if it isn't that agent's any more.

        Raises `Unknown`.
        """
        ...

    async def expire(self, attempts: int) -> Mapping[Status, int]:
        """Take back the tasks whose claim ran out, or whose agent fell silent.

        They are queued again, or failed after `attempts` tries.
        """
        ...

    async def queued(self) -> Sequence[Queued]:
        """List all waiting tasks."""
        ...

    async def counts(self) -> Mapping[tuple[str, Status], int]:
        """Count the tasks by type and status."""
        ...

    async def task(self, task_id: UUID) -> TaskRecord:
        """Find one task; raises `Unknown`."""
        ...

    async def recent(self, count: int, key_prefix: str = "") -> Sequence[TaskRecord]:
        """List the newest tasks: all, or those whose key begins like that; at most 16 MiB of what they carry."""
        ...

    async def register(self, registration: Registration) -> Sequence[Queued]:
        """Keep an agent, new or known; what it had, and doesn't name, is queued again and returned."""
        ...

    async def heartbeat(self, heartbeat: Heartbeat, visibility_seconds: float) -> None:
        """Note that an agent lives, and prolong its claims; raises `Unknown`."""
        ...

    async def agents(self, alive_seconds: float) -> Sequence[AgentRecord]:
        """List the agents by name; `alive_seconds` is for those that don't say how often they beat."""
        ...

    async def forget(self, hours: float) -> None:
        """Remove what ended, and who fell silent, before that many hours."""
        ...

    async def ping(self) -> None:
        """Raise `Unavailable` if the store isn't reached."""
        ...


class Queue(Protocol):
    """The waiting tasks' ids by type, the oldest first; every method may raise `Unavailable`."""

    async def push(self, tasks: Sequence[Queued]) -> None:
        """Add what isn't there yet; what is there and was delivered can be had again."""
        ...

    async def pop(self, agent_type: str, agent: str | None) -> UUID | None:
        """Deliver the oldest to an agent: nobody else has it until it is pushed again, or long not dropped."""
        ...

    async def drop(self, agent_type: str, task_id: UUID) -> None:
        """Take out what needs no agent any more."""
        ...

    async def ping(self) -> None:
        """Raise `Unavailable` if the queue isn't reached."""
        ...


class Dispatcher:
    """The life of a task."""

    def __init__(self, store: Store, queue: Queue, limits: Limits) -> None:
        self.store = store
        self.queue = queue
        self.limits = limits
        self.instruments = Instruments()

    async def submit(self, task: NewTask) -> UUID:
        """Accept a task; raises `QueueFull`, `Unavailable`."""
        task_id = uuid4()
        queued = await self.store.add_task(task_id, task, self.limits.queued_per_type)
        if queued.id == task_id:
            self.instruments.tasks.add("submitted")
        await self._hint(queued)
        return queued.id

    async def next(self, agent_type: str, agent: str | None) -> Claim | None:
        """Hand out the oldest waiting task of a type; None if there is none."""
        while (task_id := await self.queue.pop(agent_type, agent)) is not None:
            claim = await self.store.claim(task_id, agent, self.limits.visibility_seconds)
            if claim is not None:
                if claim.attempt == 1:
                    self.instruments.wait.observe(claim.waited_seconds)
                return claim
            # It has ended, or somebody has it whose claim still holds.
            await self.queue.drop(agent_type, task_id)
        return None

    async def register(self, registration: Registration) -> None:
        """Keep an agent; a process that starts has nothing in hand but what it names."""
        held = await self.store.register(registration)
        self.instruments.tasks.add("requeued", len(held))
        await self._hint(*held)

    async def complete(self, completion: Completion) -> Outcome:
        """Keep a task's end; the first one counts. Raises `Unknown`."""
        ended = await self.store.complete(completion)
        if ended.outcome == "accepted":
            self.instruments.tasks.add(completion.status)
        if ended.type is not None:
            await self._forget(ended.type, completion.task_id)
        if ended.ran_seconds is not None:
            self.instruments.duration.observe(ended.ran_seconds, status=completion.status)
        return ended.outcome

    async def release(self, release: Release) -> Literal["released", "superseded"]:
        """Hand a task to the next one who asks; its agent won't end it."""
        queued = await self.store.release(release)
        if queued is None:
            return "superseded"
        self.instruments.tasks.add("requeued")
        await self._hint(queued)
        return "released"

    async def sweep(self) -> Swept:
        """Take back expired claims, and bring the queue in line with the store."""
        expired = await self.store.expire(self.limits.attempts)
        swept = Swept(expired.get("queued", 0), expired.get("failed", 0))
        self.instruments.tasks.add("requeued", swept.requeued)
        self.instruments.tasks.add("failed", swept.given_up)
        await self.queue.push(await self.store.queued())
        return swept

    async def _forget(self, agent_type: str, task_id: UUID) -> None:
        try:
            await self.queue.drop(agent_type, task_id)
        except Unavailable:
            # The end is kept; whoever is delivered the entry finds that there is nothing to do.
            _LOG.warning("task %s has ended, but the queue isn't reached", task_id)

    async def _hint(self, *queued: Queued) -> None:
        try:
            await self.queue.push(queued)
        except Unavailable:
            # The tasks are kept; the next sweep puts them into the queue.
            _LOG.warning("%d tasks are stored, but the queue isn't reached", len(queued))
