"""What the environment tells each command; secrets are named by file, never by value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from workload.dispatch import Limits

__all__ = ["AgentSettings", "BackendSettings", "FrontendSettings", "Server", "SettingsError", "read_secret"]


class SettingsError(Exception):
    """A setting that is missing or makes no sense."""


@dataclass(frozen=True)
class Server:
    """Where a database server listens, and the file that holds the password for it."""

    host: str
    port: int
    password_file: str | None


@dataclass(frozen=True)
class BackendSettings:
    """The backend's settings."""

    port: int
    postgres: Server
    user: str
    database: str
    redis: Server
    limits: Limits
    sweep_seconds: float
    drain_seconds: float

    @classmethod
    def parse(cls, env: Mapping[str, str]) -> BackendSettings:
        """Read them; raises `SettingsError`."""
        defaults = Limits()
        visibility = number(env, "VISIBILITY_TIMEOUT_SECONDS", defaults.visibility_seconds)
        user = env.get("POSTGRES_USER", "sutazai")
        return cls(
            port=port(env, "PORT", 8000),
            postgres=_server(env, "POSTGRES", 5432),
            user=user,
            database=env.get("POSTGRES_DB", user),
            redis=_server(env, "REDIS", 6379),
            limits=Limits(
                queued_per_type=int(number(env, "QUEUE_LIMIT", defaults.queued_per_type)),
                visibility_seconds=visibility,
                attempts=int(number(env, "MAX_ATTEMPTS", defaults.attempts)),
                agent_alive_seconds=number(env, "AGENT_ALIVE_SECONDS", defaults.agent_alive_seconds),
                kept_hours=number(env, "TASK_RETENTION_HOURS", defaults.kept_hours),
            ),
            sweep_seconds=min(5.0, visibility / 4),
            # Each half is two of the gateway's checks, and a second.
            drain_seconds=number(env, "DRAIN_SECONDS", 10.0),
        )


@dataclass(frozen=True)
class FrontendSettings:
    """The front end's settings."""

    port: int
    backend_url: str

    @classmethod
    def parse(cls, env: Mapping[str, str]) -> FrontendSettings:
        """Read them; raises `SettingsError`."""
        return cls(port(env, "PORT", 8501), env.get("BACKEND_URL", "http://backend:8000"))


@dataclass(frozen=True)
class AgentSettings:
    """An agent's settings."""

    port: int
    backend_url: str
    name: str
    type: str
    role: str
    idle_poll_seconds: float
    heartbeat_seconds: float
    shutdown_seconds: float

    @classmethod
    def parse(cls, env: Mapping[str, str]) -> AgentSettings:
        """Read them; raises `SettingsError`."""
        return cls(
            port=port(env, "PORT", 8080),
            backend_url=env.get("BACKEND_URL", "http://backend:8000"),
            name=_required(env, "AGENT_NAME"),
            type=_required(env, "AGENT_TYPE"),
            role=env.get("AGENT_ROLE", ""),
            idle_poll_seconds=number(env, "AGENT_IDLE_POLL_SECONDS", 5.0),
            heartbeat_seconds=number(env, "AGENT_HEARTBEAT_SECONDS", 10.0),
            shutdown_seconds=number(env, "AGENT_SHUTDOWN_SECONDS", 30.0),
        )


def read_secret(path: str | None) -> str | None:
    """Read a secret when it is needed, so that a changed file is seen; raises `OSError`."""
    return None if path is None else Path(path).read_text().rstrip("\r\n")


def number(env: Mapping[str, str], key: str, default: float) -> float:
    """Read a positive number; raises `SettingsError`."""
    text = env.get(key, str(default))
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise SettingsError(f"{key}: must be a number above 0, not {text!r}")
    return value


def port(env: Mapping[str, str], key: str, default: int) -> int:
    """Read a port; raises `SettingsError`."""
    text = env.get(key, str(default))
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise SettingsError(f"{key}: must be a port from 1 to 65535, not {text!r}")
    return int(text)


def _server(env: Mapping[str, str], prefix: str, default_port: int) -> Server:
    return Server(
        host=env.get(f"{prefix}_HOST", prefix.lower()),
        port=port(env, f"{prefix}_PORT", default_port),
        password_file=env.get(f"{prefix}_PASSWORD_FILE") or None,
    )


def _required(env: Mapping[str, str], key: str) -> str:
    value = env.get(key, "")
    if not value:
        raise SettingsError(f"{key}: is not set")
    return value
