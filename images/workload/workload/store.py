"""Tasks in PostgreSQL."""

# ruff: noqa: S608 - only lists of columns are put into statements; values are always bound

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

import psycopg
from psycopg.types.json import Jsonb

from workload.agent_table import AgentTable
from workload.database import QUEUED, Conn, rows
from workload.dispatch import Ended, Queued
from workload.errors import Invalid, KeyReused, QueueFull, Unknown
from workload.protocol import Claim, Completion, NewTask, Release, Status, TaskRecord

__all__ = ["PostgresStore"]

_RECORD = "id, type, payload, status, attempts, created_at, claimed_at, finished_at, agent, result, error"
# Whatever tasks carry, to list them takes neither all of the memory nor so long that the database seems away.
_LISTED_BYTES = 16 * 1024 * 1024
_LISTED_AT_ONCE = 20
# The report is the newest attempt's; where it brings no number, its agent's name has to do.
_NEWEST = "coalesce(%(attempt)s = attempts, %(agent)s = agent, true)"


class PostgresStore(AgentTable):
    """The `Store` of `dispatch`."""

    async def add_task(self, task_id: UUID, task: NewTask, limit: int) -> Queued:
        """See `Store`."""

        async def work(conn: Conn) -> Queued:
            async with conn.transaction():
                # One at a time a type, or two requests would both take the last free place.
                await conn.execute(
                    "SELECT pg_advisory_xact_lock(hashtext('sutazai-queue'), hashtext(%s))", [task.type]
                )
                # What was accepted stays accepted, however full the queue is by now.
                return await _known(conn, task_id, task) or await _added(conn, task_id, task, limit)

        try:
            return await self._connections.run(work)
        except psycopg.errors.UniqueViolation:
            raise _reused(task) from None
        except psycopg.DataError as error:
            raise Invalid(f"payload: the database refuses it: {error}") from None

    async def claim(self, task_id: UUID, agent: str | None, visibility_seconds: float) -> Claim | None:
        """See `Store`."""
        found = await self._query(
            "UPDATE tasks SET status = 'running', agent = %s, attempts = attempts + 1, claimed_at = now(),"
            " deadline = now() + make_interval(secs => %s) WHERE id = %s AND status = 'queued'"
            " RETURNING id, type, payload, attempts AS attempt,"
            " extract(epoch FROM now() - created_at)::float8 AS waited_seconds",
            agent,
            visibility_seconds,
            task_id,
        )
        return Claim(**found[0]) if found else None

    async def complete(self, completion: Completion) -> Ended:
        """See `Store`."""
        result = None if completion.result is None else Jsonb(completion.result)
        try:
            ended = await self._query(
                "UPDATE tasks SET status = %(status)s, result = %(result)s, error = %(error)s,"
                " agent = coalesce(%(agent)s, agent), finished_at = now(), deadline = NULL"
                " WHERE id = %(id)s AND status IN ('queued', 'running')"
                f" AND (%(status)s = 'done' OR {_NEWEST})"
                " RETURNING type, extract(epoch FROM now() - claimed_at)::float8 AS ran_seconds",
                status=completion.status,
                result=result,
                error=completion.error,
                agent=completion.agent,
                attempt=completion.attempt,
                id=completion.task_id,
            )
        except psycopg.DataError as error:
            raise Invalid(f"result: the database refuses it: {error}") from None
        if ended:
            return Ended("accepted", **ended[0])
        task = await self.task(completion.task_id)
        return Ended("already-complete", task.type) if task.finished_at else Ended("superseded")

    async def release(self, release: Release) -> Queued | None:
        """See `Store`."""
        given_back = await self._query(
            "UPDATE tasks SET status = 'queued', deadline = NULL"
            f" WHERE id = %(id)s AND status = 'running' AND {_NEWEST} RETURNING {QUEUED}",
            id=release.task_id,
            agent=release.agent,
            attempt=release.attempt,
        )
        if not given_back:
            await self.task(release.task_id)
            return None
        return Queued(**given_back[0])

    async def queued(self) -> Sequence[Queued]:
        """See `Store`."""
        found = await self._query(f"SELECT {QUEUED} FROM tasks WHERE status = 'queued' ORDER BY created_at")
        return [Queued(**row) for row in found]

    async def counts(self) -> Mapping[tuple[str, Status], int]:
        """See `Store`."""
        found = await self._query("SELECT type, status, count(*) AS count FROM tasks GROUP BY type, status")
        return {(row["type"], row["status"]): row["count"] for row in found}

    async def task(self, task_id: UUID) -> TaskRecord:
        """See `Store`."""
        found = await self._query(f"SELECT {_RECORD} FROM tasks WHERE id = %s", task_id)
        if not found:
            raise Unknown(f"no such task: {task_id}")
        return TaskRecord(**found[0])

    async def recent(self, count: int, key_prefix: str = "") -> Sequence[TaskRecord]:
        """See `Store`."""
        statement = (
            f"SELECT {_RECORD}, octet_length(concat(payload, result, error)) AS size FROM tasks"
            " WHERE %(prefix)s = '' OR starts_with(idempotency_key, %(prefix)s)"
            " ORDER BY created_at DESC LIMIT %(count)s"
        )

        async def work(conn: Conn) -> list[TaskRecord]:
            found: list[TaskRecord] = []
            left = _LISTED_BYTES
            # Read a few at a time, and no more than there is room for.
            async with conn.transaction(), conn.cursor(name="recent") as cursor:
                cursor.itersize = _LISTED_AT_ONCE
                await cursor.execute(statement, {"prefix": key_prefix, "count": count})
                async for row in cursor:
                    left -= row.pop("size")
                    if left < 0 and found:
                        break
                    found.append(TaskRecord(**row))
            return found

        return await self._connections.run(work)

    async def forget(self, hours: float) -> None:
        """See `Store`."""
        await self._query(
            "WITH silent AS (DELETE FROM agents WHERE last_heartbeat < now() - make_interval(secs => %(seconds)s))"
            " DELETE FROM tasks WHERE finished_at < now() - make_interval(secs => %(seconds)s) RETURNING id",
            seconds=hours * 3600,
        )


async def _known(conn: Conn, task_id: UUID, task: NewTask) -> Queued | None:
    """Find the task of this id (the statement is a repeated one) or of this key (the request is)."""
    found = await rows(
        conn,
        f"SELECT {QUEUED}, type = %(type)s AND payload = %(payload)s AS same FROM tasks"
        " WHERE id = %(id)s OR idempotency_key = %(key)s",
        id=task_id,
        type=task.type,
        payload=Jsonb(task.payload),
        key=task.key,
    )
    if not found:
        return None
    if not found[0].pop("same"):
        raise _reused(task)
    return Queued(**found[0])


async def _added(conn: Conn, task_id: UUID, task: NewTask, limit: int) -> Queued:
    counted = await rows(
        conn, "SELECT count(*) AS waiting FROM tasks WHERE status = 'queued' AND type = %s", task.type
    )
    if (waiting := counted[0]["waiting"]) >= limit:
        raise QueueFull(f"queue {task.type} holds {waiting} tasks of {limit}: try again later, or add agents")
    added = await rows(
        conn,
        f"INSERT INTO tasks (id, type, payload, idempotency_key) VALUES (%s, %s, %s, %s) RETURNING {QUEUED}",
        task_id,
        task.type,
        Jsonb(task.payload),
        task.key,
    )
    return Queued(**added[0])


def _reused(task: NewTask) -> KeyReused:
    return KeyReused(f"idempotency-key {task.key} came with another task before: take a new key for a new task")
