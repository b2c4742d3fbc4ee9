"""What a container used, from one sample of the engine's counters, on either version of cgroups."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["Usage", "working_set"]

_NS_PER_S = 1e9


@dataclass(frozen=True)
class Usage:
    """Counters since the container's start, and what it holds now. Seconds and bytes."""

    cpu_seconds: float
    periods: int
    throttled_periods: int
    throttled_seconds: float
    working_set: int
    memory_limit: int
    pids: int
    received: int
    transmitted: int
    online_cores: int

    @classmethod
    def of(cls, stats: Mapping[str, Any]) -> Usage | None:
        """Read a sample; none where the container had stopped, when the engine gives empty counters."""
        cpu, memory = stats.get("cpu_stats") or {}, stats.get("memory_stats") or {}
        if not memory.get("usage"):
            return None
        throttling = cpu.get("throttling_data") or {}
        networks = (stats.get("networks") or {}).values()
        return cls(
            cpu_seconds=cpu["cpu_usage"]["total_usage"] / _NS_PER_S,
            periods=throttling.get("periods", 0),
            throttled_periods=throttling.get("throttled_periods", 0),
            throttled_seconds=throttling.get("throttled_time", 0) / _NS_PER_S,
            working_set=working_set(memory),
            memory_limit=memory.get("limit", 0),
            pids=(stats.get("pids_stats") or {}).get("current", 0),
            received=sum(network["rx_bytes"] for network in networks),
            transmitted=sum(network["tx_bytes"] for network in networks),
            online_cores=cpu.get("online_cpus", 0),
        )


def working_set(memory: Mapping[str, Any]) -> int:
    """Return the memory that can't be had back without swapping: usage without inactive file pages.

    As `docker stats` and the kubelet have it. cgroup v1 counts a container's own pages and, with `total_`, those
    of all cgroups below it; v2 has only the latter, without the prefix.
    """
    details = memory.get("stats") or {}
    inactive = details.get("total_inactive_file", details.get("inactive_file", 0))
    usage = int(memory["usage"])
    return usage - int(inactive) if inactive < usage else usage
