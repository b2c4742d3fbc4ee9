"""Waiting tasks in Redis: one sorted set a type, ordered by the time of creation.

A sorted set rather than a list, because adding is then safe to repeat: the sweep adds everything that waits.
"""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from itertools import groupby
from typing import TypeVar
from uuid import UUID

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeoutError

from workload.dispatch import Queued
from workload.errors import Unavailable
from workload.settings import Server, read_secret

__all__ = ["RedisQueue"]

_TIMEOUT_S = 3.0
_LOST: list[type[RedisError]] = [RedisConnectionError, RedisTimeoutError]
T = TypeVar("T")


class RedisQueue:
    """The `Queue` of `dispatch`."""

    def __init__(self, server: Server) -> None:
        self._redis = Redis(
            host=server.host,
            port=server.port,
            password=read_secret(server.password_file),
            socket_timeout=_TIMEOUT_S,
            socket_connect_timeout=_TIMEOUT_S,
            # A kept connection shows only when used that the server has restarted: once more, on a new one.
            retry=Retry(NoBackoff(), 1),
            retry_on_error=_LOST,
            decode_responses=True,
        )

    async def close(self) -> None:
        """Give up the connections."""
        await self._redis.close()

    async def push(self, tasks: Sequence[Queued]) -> None:
        """See `Queue`."""
        by_type = groupby(sorted(tasks, key=lambda task: task.type), key=lambda task: task.type)
        for agent_type, group in by_type:
            await _done(self._redis.zadd(_key(agent_type), {str(task.id): task.order for task in group}, nx=True))

    async def pop(self, agent_type: str) -> UUID | None:
        """See `Queue`."""
        popped = await _done(self._redis.zpopmin(_key(agent_type)))
        return UUID(popped[0][0]) if popped else None

    async def ping(self) -> None:
        """See `Queue`."""
        await _done(self._redis.ping())


def _key(agent_type: str) -> str:
    return f"sutazai:queue:{agent_type}"


async def _done(answer: Awaitable[T]) -> T:
    try:
        return await answer
    except (RedisError, OSError) as error:
        raise Unavailable(f"redis: {error}") from error
