"""What the environment tells the exporter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Settings", "SettingsError"]


class SettingsError(Exception):
    """A setting or a plan that is missing or makes no sense."""


@dataclass(frozen=True)
class Settings:
    """Where the engine's proxy is, whose containers are meant, and how much may be asked at a time."""

    stack: str
    engine_url: str = "tcp://engine-proxy:2375"
    plan: Path = Path("/run/configs/plan.json")
    snapshots: Path = Path("/run/snapshots/snapshots.json")
    port: int = 9105
    workers: int = 128
    timeout_s: int = 4

    @classmethod
    def parse(cls, env: Mapping[str, str]) -> Settings:
        """Read them; raises `SettingsError`."""
        stack = env.get("STACK", "")
        if not stack:
            raise SettingsError("STACK: is not set")
        return cls(
            stack=stack,
            engine_url=env.get("ENGINE_URL", cls.engine_url),
            plan=Path(env.get("PLAN", str(cls.plan))),
            snapshots=Path(env.get("SNAPSHOTS", str(cls.snapshots))),
            port=_whole(env, "PORT", cls.port, 65535),
            workers=_whole(env, "WORKERS", cls.workers, 512),
            timeout_s=_whole(env, "ENGINE_TIMEOUT_SECONDS", cls.timeout_s, 60),
        )


def _whole(env: Mapping[str, str], key: str, default: int, most: int) -> int:
    text = env.get(key, str(default))
    if not text.isdecimal() or not 0 < int(text) <= most:
        raise SettingsError(f"{key}: must be a whole number from 1 to {most}, not {text!r}")
    return int(text)
