"""PgBouncer's configuration: few connections to PostgreSQL for many clients."""

from __future__ import annotations

from collections.abc import Mapping

from sutazai_infra.render.view import HEADER, View

__all__ = ["pgbouncer"]

PORT = 6432
USERLIST = "/run/secrets/userlist.txt"


def pgbouncer(view: View) -> str:
    """Write pgbouncer.ini; the pool's sizes come from the database's limits."""
    postgres = view.catalogue.service("postgres")
    database, user = postgres.env["POSTGRES_DB"], postgres.env["POSTGRES_USER"]
    server = f"host={postgres.name} port={postgres.ports[0].container}"
    settings = {**_access(user), **_pool(view.tuned(), built=view.built), **_PATIENCE}
    lines = [f"{key} = {value}".rstrip() for key, value in settings.items()]
    return "\n".join([f"; {HEADER}", "[databases]", f"{database} = {server}", "", "[pgbouncer]", *lines, ""])


def _access(user: str) -> Mapping[str, object]:
    return {
        "listen_addr": "0.0.0.0",  # noqa: S104  # in a container, whose networks decide who reaches it
        "listen_port": PORT,
        # Empty: none. The root is read-only, and nobody else is in the container.
        "unix_socket_dir": "",
        "auth_type": "scram-sha-256",
        "auth_file": USERLIST,
        # May look (SHOW POOLS), not change.
        "stats_users": user,
        # Sent by drivers written in Java and Go; without effect on what a transaction does.
        "ignore_startup_parameters": "extra_float_digits",
    }


def _pool(tuned: Mapping[str, str], *, built: bool) -> Mapping[str, str]:
    # Debian's 1.18 ends at a parameter that it doesn't know; prepared statements came with 1.21.
    return {key: value for key, value in tuned.items() if key != "max_prepared_statements" or not built}


_PATIENCE: Mapping[str, object] = {
    # A restarted database is found again within two seconds instead of fifteen.
    "server_login_retry": 2,
    "server_connect_timeout": 5,
    "query_wait_timeout": 30,
    # Whoever forgets to end a transaction holds one of few connections.
    "idle_transaction_timeout": 60,
    # A line for each connection of 70 agents' probes says nothing.
    "log_connections": 0,
    "log_disconnections": 0,
}
