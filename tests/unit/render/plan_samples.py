"""A plan that is small enough to read: four cores, two groups, a borrower, a slot, and one budget of each kind."""

from __future__ import annotations

from typing import Any

from sutazai_infra.model.coreset import CoreSet
from sutazai_infra.model.plan import Plan

__all__ = ["sample_plan", "service"]


def service(name: str, pool: str = "web", **more: Any) -> dict[str, Any]:
    """Describe one replica on core 1, requesting half a core and 256 MiB."""
    return {
        "name": name,
        "instance": name,
        "kind": "service",
        "pool": pool,
        "tier": 1,
        "priority": 800,
        "priority_class": "high",
        "replica": 1,
        "group": pool,
        "core_set": "1",
        "cpu_request": 0.5,
        "cpu_limit": 1,
        "cpu_quota": 1,
        "memory_request_mib": 256,
        "memory_limit_mib": 512,
        "weight": 512,
        "qos": "burstable",
        "stage": 0,
        "probe_interval_ms": 30000,
        **more,
    }


def sample_plan(**changed: Any) -> Plan:
    """Return the sample, with some of its fields replaced."""
    return Plan.parsed("sample", {**_SAMPLE, **changed})


def _agent(number: int) -> dict[str, Any]:
    small = {
        "cpu_request": 0.006,
        "cpu_limit": 0.5,
        "memory_request_mib": 48,
        "memory_limit_mib": 256,
        "weight": 6,
    }
    return service(f"agent-{number}", "agents", kind="agent", tier=2, core_set="3", **small)


def _pool(name: str, tier: int, cores: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "tier": tier, "core_set": cores, "borrowed": CoreSet(), "pids": 512, **more}


def _line(scope: str, dimension: str, unit: str, used: float, limit: float, **more: Any) -> dict[str, Any]:
    held = used <= limit
    return {
        "scope": scope,
        "dimension": dimension,
        "unit": unit,
        "used": used,
        "limit": limit,
        "held": held,
        **more,
    }


_SAMPLE: dict[str, Any] = {
    "host": {"cores": 4, "memory_mib": 8192, "reserved": "0", "system_mib": 1024, "emergency_mib": 128,
             "declared": True, "pool_cgroups": True},
    "scale": {},
    "groups": [
        {"name": "web", "core_set": "1-2", "cpu_request": 1},
        {"name": "agents", "core_set": "3", "cpu_request": 0.024},
    ],
    "pools": [
        _pool("web", 1, "1-2", weight=4000, memory_mib=4096),
        _pool("agents", 2, "3", weight=400, memory_mib=2048),
        _pool("ml", 3, "2-3", borrowed="2-3", weight=200, memory_mib=896),
    ],
    "services": [
        service("api"),
        service("cache", core_set="1-2", cpu_request=0.5, memory_request_mib=512, qos="guaranteed"),
        *(_agent(number) for number in range(1, 5)),
        service("trainer", "ml", kind="job", tier=3, state="slot", group=None, core_set="2-3", borrowed=True,
                cpu_request=1, memory_request_mib=512, probe_interval_ms=0),
    ],
    "ledger": [
        _line("host", "cpu requests", "cores", 1.024, 3),
        _line("host", "memory requests", "MiB", 960, 7040),
        _line("pool web", "memory limits", "MiB", 1024, 1000, note="limits add up to 1024 MiB"),
        _line("probes", "per second", "count", 2, 3),
    ],
    "probe_peak": {"probes": 2, "services": 6, "allowed": 3},
    "disabled": [{"name": "graph", "reason": "nobody asks it"}],
    "notes": ["core 3 is lent to ml"],
}  # fmt: skip
