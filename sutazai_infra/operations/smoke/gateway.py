"""A client of the stack's gateway: HTTP/2, and trust in the stack's own authority alone."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Self

import httpx

from sutazai_infra.model.errors import SutazaiError
from sutazai_infra.operations.smoke.jobs import Job
from sutazai_infra.operations.smoke.verdict import Record, Traffic

__all__ = ["Gateway"]

_TIMEOUT_S = 15.0
_PAUSE_S = 0.3
_FULL = 429
# What a gateway says of a backend that is away for the moment.
_AWAY = frozenset({502, 503, 504})
_MOST = 10_000


class Gateway:
    """Asks the backend through the gateway, and again until a deadline: parts of the stack are being killed."""

    def __init__(self, client: httpx.AsyncClient, deadline: float) -> None:
        self._client = client
        self._deadline = deadline
        self._counted = Counter[str]()
        self._seconds: list[float] = []
        self._protocols: set[str] = set()

    @classmethod
    @asynccontextmanager
    async def opened(cls, url: str, authority: str, seconds: float) -> AsyncIterator[Self]:
        """Yield a client of `https://host:port` that gives up after some seconds."""
        context = ssl.create_default_context(cadata=authority)
        async with httpx.AsyncClient(base_url=url, http2=True, verify=context, timeout=_TIMEOUT_S) as client:
            yield cls(client, time.monotonic() + seconds)

    @property
    def late(self) -> bool:
        """Whether the deadline has passed."""
        return time.monotonic() > self._deadline

    @property
    def traffic(self) -> Traffic:
        """How posting went so far."""
        return Traffic(
            protocols=tuple(sorted(self._protocols)),
            seconds=tuple(self._seconds),
            queue_full=self._counted["full"],
            sent_again=self._counted["again"],
        )

    async def post(self, job: Job) -> str | None:
        """Post a task until it is accepted; its id, or None after the deadline."""
        body = {"type": job.type, "payload": dict(job.payload)}
        while not self.late:
            start = time.monotonic()
            answer = await self._asked("POST", "/api/v1/tasks", json=body, headers={"Idempotency-Key": job.key})
            if answer is not None and answer.is_success:
                self._seconds.append(time.monotonic() - start)
                return str(answer.json()["id"])
            self._counted["full" if answer is not None and answer.status_code == _FULL else "again"] += 1
            await asyncio.sleep(_PAUSE_S)
        return None

    async def records(self, prefix: str) -> list[Record]:
        """Return all tasks whose key begins like that; nothing if nobody answers before the deadline."""
        answer = await self._insisted("/api/v1/tasks", {"key_prefix": prefix, "limit": _MOST})
        return [Record.model_validate(_read(task)) for task in answer["tasks"]] if answer else []

    async def agents(self) -> dict[str, str]:
        """Return the types of the agents that are alive, by name."""
        answer = await self._insisted("/api/v1/agents", {})
        return {agent["name"]: agent["type"] for agent in answer["agents"] if agent["alive"]} if answer else {}

    async def until(self, prefix: str, done: Callable[[list[Record]], bool]) -> list[Record]:
        """Read the record until it is as it should be, or the deadline has passed; the last that was read."""
        records = await self.records(prefix)
        while not done(records) and not self.late:
            await asyncio.sleep(1)
            records = await self.records(prefix) or records
        return records

    async def _insisted(self, path: str, query: dict[str, Any]) -> Any:
        while True:
            answer = await self._asked("GET", path, params=query)
            if answer is not None and answer.is_success:
                return answer.json()
            if self.late:
                return None
            await asyncio.sleep(_PAUSE_S)

    async def _asked(self, method: str, path: str, **options: Any) -> httpx.Response | None:
        """Ask once; None where nobody answered who could have. Raises `SutazaiError` at any other refusal."""
        try:
            answer = await self._client.request(method, path, **options)
        except httpx.TransportError:
            return None
        self._protocols.add(answer.http_version)
        if answer.is_error and answer.status_code not in _AWAY | {_FULL}:
            raise SutazaiError(f"{method} {answer.url}: {answer.status_code} {answer.text[:200]}")
        return answer


def _read(task: dict[str, Any]) -> dict[str, Any]:
    return {name: task[name] for name in Record.model_fields}
