"""Answers of real engines, cut down to what is read: 20.10 on cgroup v1, and what newer ones write on v2."""

from __future__ import annotations

from typing import Any

from exporter.engine import ENGINE_ERRORS, Engine, GoneError

__all__ = ["STATS_V1", "STATS_V2", "FakeEngine", "inspected", "listed", "plan"]

STATS_V1: dict[str, Any] = {
    "pids_stats": {"current": 1},
    "cpu_stats": {
        "cpu_usage": {"total_usage": 230717224, "usage_in_kernelmode": 0, "usage_in_usermode": 220000000},
        "system_cpu_usage": 69368310000000,
        "online_cpus": 2,
        "throttling_data": {"periods": 23, "throttled_periods": 21, "throttled_time": 1883942719},
    },
    "memory_stats": {
        "usage": 2433024,
        "max_usage": 3813376,
        # Its own, and with those below it: what runs in a cgroup below counts too.
        "stats": {"inactive_file": 1000000, "rss": 57344, "total_inactive_file": 1982464, "total_rss": 57344},
        "limit": 67108864,
    },
    "networks": {"eth0": {"rx_bytes": 736, "tx_bytes": 40}, "eth1": {"rx_bytes": 4, "tx_bytes": 2}},
}
STATS_V2: dict[str, Any] = {
    "pids_stats": {"current": 3, "limit": 4096},
    "cpu_stats": {
        "cpu_usage": {"total_usage": 1500000000, "usage_in_kernelmode": 1, "usage_in_usermode": 2},
        "system_cpu_usage": 1,
        "online_cpus": 12,
        "throttling_data": {"periods": 0, "throttled_periods": 0, "throttled_time": 0},
    },
    "memory_stats": {
        "usage": 50000000,
        "stats": {"active_file": 5, "anon": 30000000, "file": 15000000, "inactive_file": 12000000},
        "limit": 268435456,
    },
    "networks": {"eth0": {"rx_bytes": 1, "tx_bytes": 2}},
}
LABELS = {
    "sutazai.stack": "dev",
    "sutazai.service": "api",
    "sutazai.instance": "api-2",
    "sutazai.pool": "infrastructure",
    "sutazai.tier": "1",
    "sutazai.priority": "critical",
}
_HOST = {
    "CpuShares": 512,
    "Memory": 67108864,
    "MemoryReservation": 33554432,
    "NanoCpus": 100000000,
    "CpuQuota": 0,
    "CpuPeriod": 0,
    "CpusetCpus": "0-1",
}
_STATE = {
    "Running": True,
    "OOMKilled": False,
    "StartedAt": "2026-11-25T06:39:50.923782949Z",
    "Health": {"Status": "healthy"},
}


def listed(
    container: str = "1f", *, labels: dict[str, str] | None = None, state: str = "running"
) -> dict[str, Any]:
    """Write a line of the engine's listing."""
    found = LABELS if labels is None else labels
    return {"Id": container, "Names": ["/sutazai-dev-api-2"], "State": state, "Labels": found}


def inspected(host: dict[str, Any] | None = None, **state: Any) -> dict[str, Any]:
    """Write an inspection; `state` and `host` change what is in it."""
    return {
        "Config": {"Image": "sutazai/workload:1e2e8a262e41"},
        "HostConfig": _HOST | (host or {}),
        "State": _STATE | state,
        "RestartCount": 4,
    }


def plan() -> dict[str, Any]:
    """Write a small plan.json."""
    line = {"scope": "tier 1", "dimension": "memory requests", "unit": "bytes", "used": 1048576, "limit": 4194304}
    return {
        "services": 5,
        "agents": 1,
        "ledger": [line],
        "core_owners": {"0": ["system"], "1": ["web", "data"]},
        "pools": [{"name": "agents", "memory_limit_bytes": 1048576, "cores": 2}],
        "targets": [{"address": "ann:8080", "labels": {"name": "ann", "tier": "2"}}],
    }


class FakeEngine(Engine):
    """An engine that answers from memory; what isn't in it is gone, and an exception in it is raised."""

    def __init__(self, listing: list[dict[str, Any]] | Exception, **details: Any) -> None:
        super().__init__("tcp://nowhere:1", 1, 1)
        self.listing = listing
        self.inspections: dict[str, Any] = details.get("inspections", {})
        self.samples: dict[str, Any] = details.get("samples", {})
        self.forgotten = 0

    def containers(self) -> list[dict[str, Any]]:
        if isinstance(self.listing, Exception):
            raise self.listing
        return self.listing

    def inspect(self, container: str) -> dict[str, Any]:
        return self._given(self.inspections, container)

    def stats(self, container: str) -> dict[str, Any]:
        return self._given(self.samples, container)

    def forget(self) -> None:
        self.forgotten += 1

    def _given(self, answers: dict[str, Any], container: str) -> dict[str, Any]:
        found: Any = answers.get(container, GoneError(container))
        if isinstance(found, ENGINE_ERRORS):
            raise found
        answer: dict[str, Any] = found
        return answer
