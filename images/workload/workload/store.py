"""Tasks and agents in PostgreSQL.

Every method may be repeated after a lost connection (see `Connections`), and works through a pooler in transaction
mode: no prepared statements, no session state, locks that end with their transaction.
"""

# ruff: noqa: S608 - only lists of columns are put into statements; values are always bound

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import DictRow, dict_row
from psycopg.types.json import Jsonb

from workload.connections import Connections
from workload.dispatch import Queued
from workload.errors import Invalid, QueueFull, Unknown
from workload.protocol import AgentRecord, Claim, Completion, Heartbeat, NewTask, Registration, Status, TaskRecord
from workload.schema import LOCK, SCHEMA
from workload.settings import BackendSettings, read_secret

__all__ = ["PostgresStore"]

Conn = psycopg.AsyncConnection[DictRow]
_RECORD = "id, type, payload, status, attempts, created_at, claimed_at, finished_at, agent, result, error"
_QUEUED = "id, type, extract(epoch FROM created_at)::float8 AS order"


class PostgresStore:
    """The `Store` of `dispatch`."""

    def __init__(self, settings: BackendSettings) -> None:
        self._settings = settings
        self._connections = Connections("postgres", self._connect, (psycopg.OperationalError,))

    async def close(self) -> None:
        """Give up the connections."""
        await self._connections.close()

    async def add_task(self, task_id: UUID, task: NewTask, limit: int) -> Queued:
        """See `Store`."""

        async def work(conn: Conn) -> Queued:
            async with conn.transaction():
                # One at a time a type, or two requests would both take the last free place.
                await conn.execute(
                    "SELECT pg_advisory_xact_lock(hashtext('sutazai-queue'), hashtext(%s))", [task.type]
                )
                waiting = await _value(
                    conn, "SELECT count(*) FROM tasks WHERE status = 'queued' AND type = %s", task.type
                )
                if waiting >= limit:
                    raise QueueFull(
                        f"queue {task.type} holds {waiting} tasks of {limit}: try again later, or add agents"
                    )
                await conn.execute(
                    "INSERT INTO tasks (id, type, payload) VALUES (%s, %s, %s) ON CONFLICT (id) DO NOTHING",
                    [task_id, task.type, Jsonb(task.payload)],
                )
                rows = await _rows(conn, f"SELECT {_QUEUED} FROM tasks WHERE id = %s", task_id)
                return Queued(**rows[0])

        try:
            return await self._connections.run(work)
        except psycopg.DataError as error:
            raise Invalid(f"payload: the database refuses it: {error}") from None

    async def claim(self, task_id: UUID, agent: str | None, visibility_seconds: float) -> Claim | None:
        """See `Store`."""
        rows = await self._query(
            "UPDATE tasks SET status = 'running', agent = %s, attempts = attempts + 1, claimed_at = now(),"
            " deadline = now() + make_interval(secs => %s) WHERE id = %s AND status = 'queued'"
            " RETURNING id, type, payload, attempts AS attempt",
            agent,
            visibility_seconds,
            task_id,
        )
        return Claim(**rows[0]) if rows else None

    async def complete(self, completion: Completion) -> bool:
        """See `Store`."""
        result = None if completion.result is None else Jsonb(completion.result)
        try:
            ended = await self._query(
                "UPDATE tasks SET status = %s, result = %s, error = %s, agent = coalesce(%s, agent),"
                " finished_at = now(), deadline = NULL"
                " WHERE id = %s AND status IN ('queued', 'running') RETURNING id",
                completion.status,
                result,
                completion.error,
                completion.agent,
                completion.task_id,
            )
        except psycopg.DataError as error:
            raise Invalid(f"result: the database refuses it: {error}") from None
        if not ended:
            await self.task(completion.task_id)
        return bool(ended)

    async def expire(self, attempts: int) -> Mapping[Status, int]:
        """See `Store`."""
        rows = await self._query(
            "UPDATE tasks SET deadline = NULL,"
            " status = CASE WHEN attempts < %(most)s THEN 'queued' ELSE 'failed' END,"
            " finished_at = CASE WHEN attempts < %(most)s THEN NULL ELSE now() END,"
            " error = CASE WHEN attempts < %(most)s THEN NULL"
            "   ELSE format('given up: %%s agents took it and none reported an end', attempts) END"
            " WHERE status = 'running' AND deadline < now() RETURNING status",
            most=attempts,
        )
        return Counter(row["status"] for row in rows)

    async def queued(self) -> Sequence[Queued]:
        """See `Store`."""
        rows = await self._query(f"SELECT {_QUEUED} FROM tasks WHERE status = 'queued' ORDER BY created_at")
        return [Queued(**row) for row in rows]

    async def counts(self) -> Mapping[tuple[str, Status], int]:
        """See `Store`."""
        rows = await self._query("SELECT type, status, count(*) AS count FROM tasks GROUP BY type, status")
        return {(row["type"], row["status"]): row["count"] for row in rows}

    async def task(self, task_id: UUID) -> TaskRecord:
        """See `Store`."""
        rows = await self._query(f"SELECT {_RECORD} FROM tasks WHERE id = %s", task_id)
        if not rows:
            raise Unknown(f"no such task: {task_id}")
        return TaskRecord(**rows[0])

    async def recent(self, count: int) -> Sequence[TaskRecord]:
        """See `Store`."""
        rows = await self._query(f"SELECT {_RECORD} FROM tasks ORDER BY created_at DESC LIMIT %s", count)
        return [TaskRecord(**row) for row in rows]

    async def register(self, registration: Registration) -> None:
        """See `Store`."""
        await self._query(
            "INSERT INTO agents (name, type, role) VALUES (%s, %s, %s) ON CONFLICT (name) DO UPDATE SET"
            " type = excluded.type, role = excluded.role, status = 'active', registered_at = now(),"
            " last_heartbeat = now() RETURNING name",
            registration.name,
            registration.type,
            registration.role,
        )

    async def heartbeat(self, heartbeat: Heartbeat, visibility_seconds: float) -> None:
        """See `Store`."""
        known = await self._query(
            "WITH prolonged AS (UPDATE tasks SET deadline = now() + make_interval(secs => %(seconds)s)"
            "  WHERE id = ANY(%(tasks)s) AND status = 'running' AND agent = %(name)s)"
            " UPDATE agents SET last_heartbeat = now(), status = %(status)s WHERE name = %(name)s RETURNING name",
            seconds=visibility_seconds,
            tasks=list(heartbeat.task_ids),
            name=heartbeat.name,
            status=heartbeat.status,
        )
        if not known:
            raise Unknown(f"agent {heartbeat.name} is not registered: register first")

    async def agents(self, alive_seconds: float) -> Sequence[AgentRecord]:
        """See `Store`."""
        rows = await self._query(
            "SELECT name, type, role, status, registered_at, last_heartbeat,"
            " status <> 'stopped' AND last_heartbeat > now() - make_interval(secs => %s) AS alive"
            " FROM agents ORDER BY name",
            alive_seconds,
        )
        return [AgentRecord(**row) for row in rows]

    async def forget(self, hours: float) -> None:
        """See `Store`."""
        await self._query(
            "WITH silent AS (DELETE FROM agents WHERE last_heartbeat < now() - make_interval(secs => %(seconds)s))"
            " DELETE FROM tasks WHERE finished_at < now() - make_interval(secs => %(seconds)s) RETURNING id",
            seconds=hours * 3600,
        )

    async def ping(self) -> None:
        """See `Store`."""
        await self._query("SELECT 1")

    async def _query(self, sql: str, *values: Any, **named: Any) -> list[DictRow]:
        return await self._connections.run(lambda conn: _rows(conn, sql, *values, **named))

    async def _connect(self) -> Conn:
        server = self._settings.postgres
        conn = await psycopg.AsyncConnection.connect(
            host=server.host,
            port=server.port,
            user=self._settings.user,
            dbname=self._settings.database,
            password=read_secret(server.password_file),
            application_name="backend",
            autocommit=True,
            prepare_threshold=None,
            row_factory=dict_row,
        )
        async with conn.transaction():
            await conn.execute(LOCK)
            await conn.execute(SCHEMA)
        return conn


async def _rows(conn: Conn, sql: str, *values: Any, **named: Any) -> list[DictRow]:
    cursor = await conn.execute(sql, named or list(values))
    return await cursor.fetchall()


async def _value(conn: Conn, sql: str, *values: Any) -> Any:
    rows = await _rows(conn, sql, *values)
    return next(iter(rows[0].values()))
