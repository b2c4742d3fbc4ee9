"""A container's identity, budget and state, from what the engine's listing and inspection say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

__all__ = ["Container", "Identity", "core_count"]

SHARES_PER_CORE = 1024
_STACK, _INSTANCE = "sutazai.stack", "sutazai.instance"


@dataclass(frozen=True)
class Identity:
    """Who a container of the stack is: what every one of its metrics is labelled with."""

    id: str
    container: str
    name: str
    service: str
    pool: str
    tier: str
    priority: str

    @classmethod
    def of(cls, listed: Mapping[str, Any], stack: str) -> Identity | None:
        """Identify a listed container; none where it is no service of the stack."""
        labels = listed.get("Labels") or {}
        if labels.get(_STACK) != stack or _INSTANCE not in labels:
            return None
        return cls(
            id=listed["Id"],
            container=(listed.get("Names") or ["/"])[0].lstrip("/"),
            name=labels[_INSTANCE],
            service=labels.get("sutazai.service", ""),
            pool=labels.get("sutazai.pool", ""),
            tier=labels.get("sutazai.tier", ""),
            priority=labels.get("sutazai.priority", ""),
        )

    @property
    def labels(self) -> tuple[str, ...]:
        """The values of the labels, in the order of `LABELS` of the metrics."""
        return (self.container, self.name, self.service, self.pool, self.tier, self.priority)


@dataclass(frozen=True)
class Container:
    """What was declared about a container, and what became of it. Cores, bytes and seconds since the epoch."""

    core_set: str
    image: str
    cores: int | None
    cpu_limit: float | None
    cpu_request: float
    memory_limit: int
    memory_request: int
    running: bool
    healthy: bool
    restarts: int
    oom_killed: bool
    started: float | None

    @classmethod
    def of(cls, inspected: Mapping[str, Any]) -> Container:
        """Read an inspection; raises `KeyError`, `ValueError`."""
        host, state = inspected["HostConfig"], inspected["State"]
        core_set = host.get("CpusetCpus", "")
        cores = core_count(core_set) if core_set else None
        running = bool(state["Running"])
        return cls(
            core_set=core_set,
            image=inspected["Config"]["Image"],
            cores=cores,
            cpu_limit=_cpu_limit(host, cores),
            cpu_request=host.get("CpuShares", 0) / SHARES_PER_CORE,
            memory_limit=host.get("Memory", 0),
            memory_request=host.get("MemoryReservation", 0),
            running=running,
            healthy=running and _healthy(state),
            restarts=inspected.get("RestartCount", 0),
            oom_killed=bool(state.get("OOMKilled")),
            started=_moment(state.get("StartedAt", "")),
        )


def core_count(core_set: str) -> int:
    """Count the cores of a set that is written as Docker writes it: `2-3,6` are 3. Raises `ValueError`."""
    cores: set[int] = set()
    for part in core_set.split(","):
        first, _, last = part.partition("-")
        cores.update(range(int(first), int(last or first) + 1))
    return len(cores)


def _cpu_limit(host: Mapping[str, Any], cores: int | None) -> float | None:
    """Return the smaller of quota and core set; none where there is neither."""
    quota = host.get("NanoCpus", 0) / 1e9
    if not quota and host.get("CpuQuota", 0) > 0:
        quota = host["CpuQuota"] / (host.get("CpuPeriod") or 100_000)
    given = [limit for limit in (quota, cores) if limit]
    return float(min(given)) if given else None


def _healthy(state: Mapping[str, Any]) -> bool:
    """Tell what the engine's probes found; what has none is taken for healthy while it runs."""
    status = (state.get("Health") or {}).get("Status", "none")
    return status in {"healthy", "none", ""}


def _moment(text: str) -> float | None:
    """Read the engine's time, which has nanoseconds; none where it is the year 1, for never."""
    if not text or text.startswith("0001-"):
        return None
    seconds, _, fraction = text.removesuffix("Z").partition(".")
    return datetime.fromisoformat(f"{seconds}+00:00").timestamp() + float(f"0.{fraction or 0}")
