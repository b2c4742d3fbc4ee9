"""A catalogue like the strategy's, small enough to change by hand, and hosts of any size to plan it on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from sutazai_infra.model.catalogue import Catalogue
from sutazai_infra.model.host import Host, HostSpec
from sutazai_infra.model.settings import Settings

__all__ = [
    "GROUPS",
    "POOLS",
    "REFERENCE_MEMORY_PER_CORE",
    "TIERS",
    "agents",
    "catalogue",
    "core_map",
    "host",
    "reference_host",
    "service",
    "settings",
    "strategy",
    "strategy_services",
]

REFERENCE_MEMORY_PER_CORE = 30085 // 12

TIERS: tuple[Mapping[str, Any], ...] = (
    {
        "number": 1,
        "name": "critical",
        "request_cpu": 6,
        "request_memory": "14Gi",
        "limit_cpu": 8,
        "limit_memory": "16Gi",
    },
    {
        "number": 2,
        "name": "active",
        "request_cpu": 2,
        "request_memory": "4Gi",
        "limit_cpu": 4,
        "limit_memory": "8Gi",
    },
    {
        "number": 3,
        "name": "on demand",
        "request_cpu": 2,
        "request_memory": "5Gi",
        "limit_cpu": 4,
        "limit_memory": "5Gi",
    },
)
GROUPS = ({"name": "web"}, {"name": "data"}, {"name": "llm"}, {"name": "agents"})
POOLS: tuple[Mapping[str, Any], ...] = (
    {
        "name": "infrastructure", "tier": 1, "scaling": "fixed", "memory": "14Gi", "weight": 4000, "pids": 4096,
        "groups": ("web", "data", "llm"), "probe_interval": 30,
    },
    {
        "name": "agents", "tier": 2, "scaling": "autoscaled", "memory": "8Gi", "weight": 400, "pids": 4096,
        "groups": ("agents",), "expands": ({"group": "llm", "share": 0.5},), "overflows_to": "ml",
        "probe_interval": 60,
    },
    {
        "name": "ml", "tier": 3, "scaling": "burst", "memory": "5Gi", "weight": 200, "pids": 2048,
        "borrows": ({"group": "llm", "share": 0.5}, {"group": "agents", "share": 1}),
        "concurrency": 1, "cpu_ceiling": 2, "probe_interval": 120,
    },
    {
        "name": "tools", "tier": 3, "scaling": "limited", "memory": "2Gi", "shares_buffer_with": "ml",
        "weight": 100, "pids": 1024, "borrows": ({"group": "agents", "cores": 1},), "concurrency": 2,
        "cpu_ceiling": 1, "probe_interval": 180,
    },
)  # fmt: skip


def service(
    name: str,
    requests: tuple[float | str, int] = (0.1, 64),
    limits: tuple[float | str, int] = (1, 128),
    *,
    pool: str = "infrastructure",
    group: str | None = None,
    **more: Any,
) -> dict[str, Any]:
    """Describe a service: requests and limits as (cores, MiB); probed on port 8080."""
    return {
        "name": name,
        "pool": pool,
        "group": group or ("web" if pool == "infrastructure" else None),
        "priority": "high",
        "image": "any",
        "requests": {"cpu": requests[0], "memory": f"{requests[1]}Mi"},
        "limits": {"cpu": limits[0], "memory": f"{limits[1]}Mi"},
        "ports": ({"container": 8080},),
        "probe": {"http": {"port": 8080}},
        **more,
    }


def agents(count: int, **more: Any) -> list[dict[str, Any]]:
    """Describe agents as the strategy's: 6 millicores and 48 MiB, up to half a core and 256 MiB."""
    described = {"pool": "agents", "kind": "agent", "priority": "medium", "depends_on": ("backend",), **more}
    return [service(f"agent-{n:03}", (0.006, 48), (0.5, 256), **described) for n in range(1, count + 1)]


def strategy_services() -> list[dict[str, Any]]:
    """Describe the design's starting values, without agents."""
    databases: dict[str, Any] = {"group": "data", "separate": "databases", "priority": "critical"}
    active: dict[str, Any] = {"pool": "agents"}
    job: dict[str, Any] = {"pool": "ml", "kind": "job", "probe": None, "priority": "background"}
    tool: dict[str, Any] = {"pool": "tools", "kind": "tool", "probe": None, "priority": "low"}
    return [
        service("backend", (0.8, 1024), (2, 2048), priority="critical", depends_on=("pgbouncer", "redis")),
        service("frontend", (0.4, 512), (1, 1024), priority="critical", depends_on=("backend",)),
        service("gateway", (0.2, 128), (1, 256), priority="critical", depends_on=("backend", "frontend")),
        service("postgres", (0.9, 1024), (2, 2048), **databases),
        service("redis", (0.4, 448), (1, 512), **databases),
        service("pgbouncer", (0.1, 64), (1, 128), group="data", priority="critical", depends_on=("postgres",)),
        service("ollama", (3, 4096), (4, 8192), group="llm", priority="critical"),
        service(
            "neo4j",
            (0.2, 1280),
            (1, 2048),
            **databases,
            enabled=False,
            disabled_reason="its limits exceed the pool",
        ),
        service("optimizer", (0.1, 128), (1, 512), **active),
        service("health-monitor", (0.1, 64), (0.5, 256), **active),
        service("prometheus", (0.25, 384), (1, 1024), **active),
        service("grafana", (0.1, 192), (1, 1024), **active, depends_on=("prometheus",)),
        service("chromadb", (0.2, 320), (1, 1024), **active),
        service("qdrant", (0.2, 256), (1, 1024), **active),
        service("exporters", (0.15, 288), (0.5, 512), **active),
        service("pytorch", (1, 4096), (2, 4096), **job),
        service("tensorflow", (1, 4096), (2, 4096), **job),
        service("aider", (0, 512), (1, 512), **tool),
    ]


def catalogue(
    services: Iterable[Mapping[str, Any]],
    *,
    pools: Sequence[Mapping[str, Any]] = POOLS,
    groups: Sequence[Mapping[str, Any]] = GROUPS,
    tiers: Sequence[Mapping[str, Any]] = TIERS,
    image: Mapping[str, Any] = MappingProxyType({"upstream": "any:1", "built": "any"}),
    volumes: Sequence[Mapping[str, Any]] = (),
) -> Catalogue:
    """Validate a catalogue of these services, all on one image."""
    images = {"any": dict(image)}
    described = {"tiers": tiers, "groups": groups, "pools": pools, "images": images}
    described |= {"volumes": volumes, "services": tuple(services)}
    return Catalogue.parsed("sample", described)


def strategy(agent_count: int = 69, *changed: Mapping[str, Any]) -> Catalogue:
    """Return the strategy's catalogue, with some services described otherwise, or added."""
    replaced = {one["name"]: one for one in changed}
    own = [*strategy_services(), *agents(agent_count)]
    merged = [{**one, **replaced.pop(one["name"], {})} for one in own]
    return catalogue([*merged, *replaced.values()])


def settings(**values: Any) -> Settings:
    """Validate settings, given as the stack's configuration gives them."""
    return Settings.parsed("settings", values)


def host(cores: int, memory: str | None = None, *, pool_cgroups: bool = True, **more: Any) -> Host:
    """Return a declared host; without a memory, as much for each core as the reference host has."""
    spec = HostSpec.parsed(
        "host", {"cores": cores, "memory": memory or f"{cores * REFERENCE_MEMORY_PER_CORE}Mi", **more}
    )
    return spec.host().model_copy(update={"pool_cgroups": pool_cgroups})


def reference_host(*, pool_cgroups: bool = True) -> Host:
    """Return the strategy's host: 12 cores of which 0-1 are the system's, 29.38 GiB."""
    reserves = {"reserved_cores": "0-1", "system_reserve": "2Gi", "emergency_reserve": "0.38Gi"}
    return host(12, "29.38Gi", pool_cgroups=pool_cgroups, **reserves)


def core_map(plan: Any) -> dict[str, str]:
    """Map each group, pool and instance to its cores, as goldens hold them."""
    groups = {f"group {one.name}": str(one.core_set) for one in plan.groups}
    pools = {f"pool {one.name}": str(one.core_set) for one in plan.pools}
    return {**groups, **pools, **{one.instance: str(one.core_set) for one in plan.services}}
