"""Waiting tasks in Redis: one stream a type of agent, read by its agents as one consumer group.

An entry is delivered to the agent that asks, pending while that one works on the task, and acknowledged and
deleted at the task's end. What a dead agent held is claimed by the next one who asks. The entry of each open task
is kept in a hash: so adding is safe to repeat, and a stream doesn't grow by the sweep, which adds all that waits.

Each step is one script, since a step that stopped in the middle would leave an entry that nobody knows.
"""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
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
_ENTRIES = "sutazai:entries"
_GROUP = "agents"
_ANONYMOUS = "anonymous"
T = TypeVar("T")

# Keys: the stream, the hash of entries. Arguments: group, least idle time in ms, ids of tasks.
# An entry that is pending although its task waits (or it wouldn't be added) has lost its agent: it is made old
# enough to be claimed, by a consumer that is nobody, and so keeps its turn.
_PUSH = """
if redis.call('EXISTS', KEYS[1]) == 0 then
  redis.call('XGROUP', 'CREATE', KEYS[1], ARGV[1], '0', 'MKSTREAM')
end
for i = 3, #ARGV do
  local entry = redis.call('HGET', KEYS[2], ARGV[i])
  if entry and #redis.call('XRANGE', KEYS[1], entry, entry) > 0 then
    if #redis.call('XPENDING', KEYS[1], ARGV[1], entry, entry, 1) > 0 then
      redis.call('XCLAIM', KEYS[1], ARGV[1], 'nobody', 0, entry, 'IDLE', ARGV[2], 'JUSTID')
    end
  else
    redis.call('HSET', KEYS[2], ARGV[i], redis.call('XADD', KEYS[1], '*', 'task', ARGV[i]))
  end
end
"""

# Key: the stream. Arguments: group, least idle time in ms, consumer. What was lost is older than what is new.
_POP = """
if redis.call('EXISTS', KEYS[1]) == 0 then
  return false
end
local cursor = '0-0'
repeat
  local claimed = redis.call('XAUTOCLAIM', KEYS[1], ARGV[1], ARGV[3], ARGV[2], cursor, 'COUNT', 1)
  if #claimed[2] > 0 then
    return claimed[2][1][2][2]
  end
  cursor = claimed[1]
until cursor == '0-0'
local read = redis.call('XREADGROUP', 'GROUP', ARGV[1], ARGV[3], 'COUNT', 1, 'STREAMS', KEYS[1], '>')
return read and read[1][2][1][2][2]
"""

# Keys: the stream, the hash of entries. Arguments: group, id of a task.
_DROP = """
local entry = redis.call('HGET', KEYS[2], ARGV[2])
if entry then
  redis.call('XACK', KEYS[1], ARGV[1], entry)
  redis.call('XDEL', KEYS[1], entry)
  redis.call('HDEL', KEYS[2], ARGV[2])
end
"""


class RedisQueue:
    """The `Queue` of `dispatch`; an entry that nobody has acknowledged for `idle_seconds` can be claimed."""

    def __init__(self, server: Server, idle_seconds: float) -> None:
        self._idle_ms = int(1000 * idle_seconds)
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
        for agent_type in sorted({task.type for task in tasks}):
            oldest_first = sorted((task for task in tasks if task.type == agent_type), key=lambda task: task.order)
            ids = [str(task.id) for task in oldest_first]
            await self._run(_PUSH, [_stream(agent_type), _ENTRIES], [_GROUP, self._idle_ms, *ids])

    async def pop(self, agent_type: str, agent: str | None) -> UUID | None:
        """See `Queue`."""
        arguments = [_GROUP, self._idle_ms, agent or _ANONYMOUS]
        task_id = await self._run(_POP, [_stream(agent_type)], arguments)
        return None if task_id is None else UUID(task_id)

    async def drop(self, agent_type: str, task_id: UUID) -> None:
        """See `Queue`."""
        await self._run(_DROP, [_stream(agent_type), _ENTRIES], [_GROUP, str(task_id)])

    async def ping(self) -> None:
        """See `Queue`."""
        await _done(self._redis.ping())

    async def _run(self, script: str, keys: Sequence[str], arguments: Sequence[str | int]) -> str | None:
        answer: Awaitable[str | None] = self._redis.eval(script, len(keys), *keys, *arguments)
        return await _done(answer)


def _stream(agent_type: str) -> str:
    return f"sutazai:tasks:{agent_type}"


async def _done(answer: Awaitable[T]) -> T:
    try:
        return await answer
    except (RedisError, OSError) as error:
        raise Unavailable(f"redis: {error}") from error
