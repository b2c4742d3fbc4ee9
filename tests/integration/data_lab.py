"""Asking the running databases of a stack, from inside their containers, without a password in arguments."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence

import httpx
from docker.models.containers import Container

from tests.integration.stack_lab import StackLab

__all__ = ["fed", "inside_postgres", "is_served", "opened_by", "over_tcp", "pooled", "redis_cli"]

# Python's own client of sockets, for images without any other. All at once: a refused packet is never answered.
_OPENS = """
import socket, sys
from concurrent.futures import ThreadPoolExecutor

def opens(target):
    host, _, port = target.rpartition(":")
    try:
        socket.create_connection((host, int(port)), 3).close()
    except OSError:
        return False
    return True

with ThreadPoolExecutor(len(sys.argv)) as pool:
    print(*(target for target, it_opens in zip(sys.argv[1:], pool.map(opens, sys.argv[1:])) if it_opens))
"""


def fed(container: Container, command: Sequence[str], text: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a container and give it a text to read."""
    return subprocess.run(
        ["docker", "exec", "-i", str(container.id), *command],
        input=text,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def inside_postgres(lab: StackLab, sql: str) -> str:
    """Ask PostgreSQL over its socket, where no password is wanted; fields are split by `=`."""
    done = fed(lab.container("postgres"), ["psql", "-XAtqF=", "-U", "sutazai", "-d", "sutazai"], sql)
    assert done.returncode == 0, done.stderr
    return done.stdout


def pooled(lab: StackLab, password: str, sql: str, database: str = "sutazai") -> str:
    """Ask through the pooler with a password; the answer, or what was said against it."""
    script = f"read -r PGPASSWORD; export PGPASSWORD; exec psql -XAtqF= -h 127.0.0.1 -p 6432 -U sutazai {database}"
    done = fed(lab.container("pgbouncer"), ["sh", "-c", script], f"{password}\n{sql}\n")
    return done.stdout if done.returncode == 0 else done.stderr


def over_tcp(lab: StackLab, password: str, sql: str) -> str:
    """Ask PostgreSQL itself over TCP, as the pooler does."""
    script = "read -r PGPASSWORD; export PGPASSWORD; exec psql -XAtqF= -h 127.0.0.1 -U sutazai sutazai"
    done = fed(lab.container("postgres"), ["sh", "-c", script], f"{password}\n{sql}\n")
    return done.stdout if done.returncode == 0 else done.stderr


def redis_cli(lab: StackLab, *commands: str, password: str | None = None) -> list[str]:
    """Give Redis commands with a password, the stack's own where none is given; the lines of its answers."""
    known = lab.secrets()["redis-password"] if password is None else password
    text = "".join(f"{line}\n" for line in (f"AUTH {known}", *commands))
    done = fed(lab.container("redis"), ["redis-cli"], text)
    assert done.returncode == 0, done.stderr
    first, *rest = done.stdout.splitlines()
    return rest if first == "OK" else [first]


def is_served(lab: StackLab) -> bool:
    """Whether the backend reaches both databases."""
    health = httpx.get(f"{lab.outputs()['urls']['backend']}/health", timeout=10)
    return bool(health.json() == {"status": "healthy", "postgres": "ok", "redis": "ok"})


def opened_by(container: Container, targets: Sequence[str]) -> set[str]:
    """Try to open sockets from a container, `host:port` each; those that opened."""
    done = fed(container, ["python3", "-c", _OPENS, *targets], "")
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())
