"""PostgreSQL, as the tables in it are asked and told.

Every statement may be repeated after a lost connection (see `Connections`), and works through a pooler in
transaction mode: no prepared statements, no session state, locks that end with their transaction.
"""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg.rows import DictRow, dict_row

from workload.connections import Connections
from workload.schema import LOCK, READY, SCHEMA
from workload.settings import BackendSettings, read_secret

__all__ = ["QUEUED", "Conn", "Database", "rows"]

Conn = psycopg.AsyncConnection[DictRow]
# The columns of a `Queued`.
QUEUED = "id, type, extract(epoch FROM created_at)::float8 AS order"


class Database:
    """A few connections to the backend's database, on which its tables are."""

    def __init__(self, settings: BackendSettings) -> None:
        self._settings = settings
        self._connections = Connections("postgres", self._connect, (psycopg.OperationalError,))

    async def close(self) -> None:
        """Give up the connections."""
        await self._connections.close()

    async def ping(self) -> None:
        """Raise `Unavailable` if the database isn't reached."""
        await self._query("SELECT 1")

    async def _query(self, sql: str, *values: Any, **named: Any) -> list[DictRow]:
        return await self._connections.run(lambda conn: rows(conn, sql, *values, **named))

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
        if not (await rows(conn, READY))[0]["ready"]:
            async with conn.transaction():
                await conn.execute(LOCK)
                await conn.execute(SCHEMA)
        return conn


async def rows(conn: Conn, sql: str, *values: Any, **named: Any) -> list[DictRow]:
    """Run one statement; what it returns."""
    cursor = await conn.execute(sql, named or list(values))
    return await cursor.fetchall()
