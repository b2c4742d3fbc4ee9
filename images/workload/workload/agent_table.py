"""Agents in PostgreSQL, and what their coming, going and silence does to the tasks that they have."""

# ruff: noqa: S608 - only lists of columns are put into statements; values are always bound

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from workload.database import QUEUED, Database
from workload.dispatch import Queued
from workload.errors import Unknown
from workload.protocol import AgentRecord, Heartbeat, Registration, Status

__all__ = ["AgentTable"]

# Longer than an agent waits for an answer: what it doesn't have by then never reached it.
_DELIVERY_S = 15.0
# Three heartbeats are missed before an agent counts as dead.
_ALIVE = (
    "status <> 'stopped' AND last_heartbeat > now() - make_interval(secs => coalesce(3 * heartbeat_seconds, %s))"
)


class AgentTable(Database):
    """The agents' part of the `Store` of `dispatch`."""

    async def register(self, registration: Registration) -> Sequence[Queued]:
        """See `Store`."""
        held = await self._query(
            "WITH registered AS (INSERT INTO agents (name, type, role, heartbeat_seconds)"
            "  VALUES (%(name)s, %(type)s, %(role)s, %(beat)s) ON CONFLICT (name) DO UPDATE SET"
            "  type = excluded.type, role = excluded.role, heartbeat_seconds = excluded.heartbeat_seconds,"
            "  status = 'active', registered_at = now(), last_heartbeat = now())"
            " UPDATE tasks SET status = 'queued', deadline = NULL"
            f" WHERE status = 'running' AND agent = %(name)s AND NOT id = ANY(%(tasks)s) RETURNING {QUEUED}",
            name=registration.name,
            type=registration.type,
            role=registration.role,
            beat=registration.heartbeat_seconds,
            tasks=list(registration.task_ids),
        )
        return [Queued(**row) for row in held]

    async def heartbeat(self, heartbeat: Heartbeat, visibility_seconds: float) -> None:
        """See `Store`."""
        known = await self._query(
            "WITH prolonged AS (UPDATE tasks SET deadline = now() + make_interval(secs => %(seconds)s)"
            "  WHERE id = ANY(%(tasks)s) AND status = 'running' AND agent = %(name)s),"
            # Handed out, and the answer got lost. Who doesn't name its tasks is no proof of that.
            " undelivered AS (UPDATE tasks SET deadline = now()"
            "  WHERE NOT id = ANY(%(tasks)s) AND status = 'running' AND agent = %(name)s"
            "  AND claimed_at < now() - make_interval(secs => %(delivery)s)"
            "  AND (SELECT heartbeat_seconds IS NOT NULL FROM agents WHERE name = %(name)s))"
            " UPDATE agents SET last_heartbeat = now(), status = %(status)s WHERE name = %(name)s RETURNING name",
            seconds=visibility_seconds,
            tasks=list(heartbeat.task_ids),
            delivery=_DELIVERY_S,
            name=heartbeat.name,
            status=heartbeat.status,
        )
        if not known:
            raise Unknown(f"agent {heartbeat.name} is not registered: register first")

    async def agents(self, alive_seconds: float) -> Sequence[AgentRecord]:
        """See `Store`."""
        rows = await self._query(
            f"SELECT name, type, role, status, registered_at, last_heartbeat, {_ALIVE} AS alive"
            " FROM agents ORDER BY name",
            alive_seconds,
        )
        return [AgentRecord(**row) for row in rows]

    async def expire(self, attempts: int) -> Mapping[Status, int]:
        """See `Store`."""
        rows = await self._query(
            "UPDATE tasks SET deadline = NULL,"
            " status = CASE WHEN attempts < %(most)s THEN 'queued' ELSE 'failed' END,"
            " finished_at = CASE WHEN attempts < %(most)s THEN NULL ELSE now() END,"
            " error = CASE WHEN attempts < %(most)s THEN NULL"
            "   ELSE format('given up: %%s agents took it and none reported an end', attempts) END"
            " WHERE status = 'running' AND (deadline <= now() OR EXISTS (SELECT FROM agents WHERE name = agent"
            # Only where an agent said how often it beats: one that never does isn't dead for that.
            "   AND greatest(last_heartbeat, claimed_at) < now() - make_interval(secs => 3 * heartbeat_seconds)))"
            " RETURNING status",
            most=attempts,
        )
        return Counter(row["status"] for row in rows)
