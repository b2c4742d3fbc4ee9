"""An agent: registers, says every so often that it lives, fetches tasks, does them, reports.

It outlives its backend: what can't be reached is tried again, ever more slowly. One task at a time, in a thread,
so that the agent answers while it works.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

from workload.client import Http, Unreachable
from workload.tasks import TaskFailed

__all__ = ["Agent", "Counters", "Identity", "Timing", "backoff_seconds"]

_LOG = logging.getLogger("workload.agent")
_LONGEST_BACKOFF_S = 30.0
# Of the time to stop, what is left for saying goodbye.
_FAREWELL_S = 4.0

Work = Callable[[Mapping[str, Any]], dict[str, Any]]


@dataclass(frozen=True)
class Identity:
    """Who an agent is."""

    name: str
    type: str
    role: str = ""


@dataclass(frozen=True)
class Timing:
    """An agent's rhythm, in seconds."""

    idle_poll: float = 5.0
    heartbeat: float = 10.0
    shutdown: float = 30.0


@dataclass
class Counters:
    """What an agent has done so far."""

    done: int = 0
    failed: int = 0
    seconds: float = 0.0


def backoff_seconds(failures: int) -> float:
    """Wait 1, 2, 4 ... 30 s after that many failures in a row."""
    return min(_LONGEST_BACKOFF_S, 2.0 ** min(failures - 1, 10))


def _spread(seconds: float) -> float:
    """Keep agents that started together from asking together for ever."""
    return seconds * random.uniform(0.9, 1.1)  # noqa: S311 - nothing to guess here


class Agent:
    """One agent's state and its two loops."""

    def __init__(self, identity: Identity, backend: Http, timing: Timing, work: Work) -> None:
        self.identity = identity
        self.counters = Counters()
        self.registered = False
        self.backend_reachable = False
        self.abandoned = False
        self.task: Mapping[str, Any] | None = None
        self._backend = backend
        self._timing = timing
        self._work = work
        self._worker = ThreadPoolExecutor(1, "task")
        self._stopping = asyncio.Event()
        self._turned = time.monotonic()

    @property
    def task_id(self) -> str | None:
        """The id of the task in hand."""
        return None if self.task is None else str(self.task["id"])

    @property
    def loop_alive(self) -> bool:
        """Tell whether the loop has turned lately, or has a task in hand."""
        quiet_for = time.monotonic() - self._turned
        return self.task_id is not None or quiet_for < 2 * (_LONGEST_BACKOFF_S + self._timing.idle_poll)

    async def run(self) -> None:
        """Fetch and do tasks until `stop`; then finish the one in hand."""
        failures = 0
        while not self._stopping.is_set():
            self._turned = time.monotonic()
            try:
                await self._turn()
                failures, self.backend_reachable = 0, True
            except Exception as error:
                # Also what nobody thought of: an agent whose loop has ended would look alive and do nothing.
                failures, self.backend_reachable = failures + 1, False
                expected = isinstance(error, Unreachable)
                _LOG.warning("%s; again in %.0f s", error, backoff_seconds(failures), exc_info=not expected)
                await self._pause(backoff_seconds(failures))

    async def beat(self) -> None:
        """Send heartbeats until cancelled: also while the last task is finished."""
        while True:
            await asyncio.sleep(_spread(self._timing.heartbeat))
            with suppress(Unreachable):
                await self._heartbeat("stopping" if self._stopping.is_set() else "active")

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Run both loops; at the end, give the task in hand its time, else give it back."""
        tasks, heart = asyncio.create_task(self.run()), asyncio.create_task(self.beat())
        try:
            yield
        finally:
            self._stopping.set()
            await asyncio.wait([tasks], timeout=self._timing.shutdown)
            unfinished = self.task
            for loop in (tasks, heart):
                loop.cancel()
            await asyncio.gather(tasks, heart, return_exceptions=True)
            self._worker.shutdown(wait=False, cancel_futures=True)
            await self._leave(unfinished)

    async def execute(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        """Do one piece of work and count it; raises `TaskFailed`."""
        start = time.monotonic()
        try:
            result = await asyncio.get_running_loop().run_in_executor(self._worker, self._work, payload)
        except TaskFailed:
            self.counters.failed += 1
            raise
        except Exception as error:
            self.counters.failed += 1
            _LOG.exception("task")
            raise TaskFailed(f"{type(error).__name__}: {error}") from error
        finally:
            self.counters.seconds += time.monotonic() - start
        self.counters.done += 1
        return result

    async def _turn(self) -> None:
        if not self.registered:
            await self._register()
        reply = await self._backend.get(f"/api/tasks/next/{self.identity.type}?agent_name={self.identity.name}")
        if reply.status == 204:
            await self._pause(self._timing.idle_poll)
        elif reply.status == 200:
            await self._do(reply.json())
        else:
            raise Unreachable(f"next task: status {reply.status}")

    async def _do(self, task: Mapping[str, Any]) -> None:
        self.task = {"id": task["id"], "attempt": task.get("attempt")}
        try:
            await self._report(await self._outcome(task))
        finally:
            self.task = None

    async def _outcome(self, task: Mapping[str, Any]) -> dict[str, Any]:
        outcome = self._hold(task)
        start = time.monotonic()
        try:
            outcome |= {"status": "completed", "result": await self.execute(task["payload"]), "error": None}
        except TaskFailed as failure:
            outcome |= {"status": "failed", "result": None, "error": str(failure)}
        return outcome | {"processing_time": round(time.monotonic() - start, 6)}

    async def _report(self, outcome: Mapping[str, Any]) -> None:
        """Report until it is taken: work that is done must not be done again because of one lost message."""
        failures = 0
        while True:
            try:
                reply = await self._backend.post("/api/tasks/complete", outcome)
                if reply.status < 500:
                    break
                reason = f"status {reply.status}"
            except Unreachable as error:
                reason = str(error)
            failures += 1
            _LOG.warning("report of %s: %s", outcome["task_id"], reason)
            await asyncio.sleep(_spread(backoff_seconds(failures)))
        _LOG.info("task %s: %s, taken with status %d", outcome["task_id"], outcome["status"], reply.status)

    async def _leave(self, unfinished: Mapping[str, Any] | None) -> None:
        """Say that this agent stops, after giving back what it won't finish: nobody has to wait for it."""
        with suppress(Unreachable, TimeoutError):
            async with asyncio.timeout(_FAREWELL_S):
                if unfinished is not None:
                    self.abandoned = True
                    reply = await self._backend.post("/api/tasks/release", self._hold(unfinished))
                    _LOG.warning("task %s given back: status %d", unfinished["id"], reply.status)
                await self._heartbeat("stopped")

    def _hold(self, task: Mapping[str, Any]) -> dict[str, Any]:
        """Say which task this agent has, in which attempt: by that the backend knows who still has it."""
        return {"task_id": task["id"], "attempt": task.get("attempt"), "agent_name": self.identity.name}

    async def _register(self) -> None:
        identity = self.identity
        message = {
            "agent_name": identity.name,
            "agent_type": identity.type,
            "agent_role": identity.role,
            "heartbeat_seconds": self._timing.heartbeat,
            "task_ids": self._task_ids,
        }
        reply = await self._backend.post("/api/agents/register", message)
        if reply.status != 200:
            raise Unreachable(f"register: status {reply.status} {reply.body[:200].decode(errors='replace')}")
        self.registered = True
        _LOG.info("registered as %s of type %s", identity.name, identity.type)

    async def _heartbeat(self, status: str) -> None:
        message = {
            "agent_name": self.identity.name,
            "status": status,
            "tasks_processed": self.counters.done,
            "tasks_failed": self.counters.failed,
            "task_ids": self._task_ids,
        }
        reply = await self._backend.post("/api/agents/heartbeat", message)
        if reply.status == 404:
            self.registered = False

    @property
    def _task_ids(self) -> list[str]:
        return [self.task_id] if self.task_id else []

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), _spread(seconds))
