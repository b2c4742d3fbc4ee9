"""A stack of a dozen services, put down by hand: what is rendered shall change with the renderers alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sutazai_infra.model.catalogue import Catalogue
from sutazai_infra.model.coreset import CoreSet
from sutazai_infra.model.host import Host
from sutazai_infra.model.plan import Plan, PlannedService, ProbePeak, QosClass, Scale
from sutazai_infra.model.service import Service
from sutazai_infra.model.settings import Settings
from sutazai_infra.render.configs import render_configs
from sutazai_infra.render.dashboards.renderers import DASHBOARDS

__all__ = ["catalogue", "changed", "described", "plan", "rendered", "service"]

_POOLS = (
    {"name": "infrastructure", "tier": 1, "scaling": "fixed", "groups": ("web",), "weight": 4000},
    {"name": "agents", "tier": 2, "scaling": "autoscaled", "groups": ("agents",), "weight": 400},
    {
        "name": "tools",
        "tier": 3,
        "scaling": "limited",
        "borrows": ({"group": "agents", "cores": 1},),
        "weight": 100,
    },
    {"name": "ml", "tier": 3, "scaling": "burst", "borrows": ({"group": "agents", "share": 1},), "weight": 200},
)
_QUOTA = {"request_cpu": 9, "request_memory": "9Gi", "limit_cpu": 9, "limit_memory": "9Gi"}
_LINKS = (
    {"to": "engine-proxy", "from_services": ("container-exporter",), "reason": "nobody else asks the engine"},
    {"to": "backend", "from_services": ("prometheus",), "reason": "metrics"},
    {"to": "chromadb", "from_services": ("gateway",), "reason": "embeddings"},
    {"to": "frontend", "from_services": ("blackbox-exporter",), "reason": "probed"},
    {"to": "gateway", "from_pools": ("agents", "ml"), "reason": "calls, metrics and probes"},
)
_MESH = {
    "pools": {
        "infrastructure": {"first_port": 8100, "priority": "high", "ceiling": "critical"},
        "agents": {"first_port": 8200, "priority": "medium", "ceiling": "high"},
        "ml": {"first_port": 8300, "priority": "low", "ceiling": "medium"},
    },
    "targets": {
        "backend": {"number": 1, "once": ("/api/tasks/next/",)},
        "chromadb": {"number": 3, "requests_per_core": 0.5, "answer": "5m", "wait": "1m"},
    },
}


def service(name: str, *ports: int, pool: str = "infrastructure", **more: Any) -> dict[str, Any]:
    """Describe a service, probed over HTTP on the first of its ports."""
    return {
        "name": name,
        "pool": pool,
        "priority": "high",
        "image": name,
        "requests": {"cpu": 0.1, "memory": "64Mi"},
        "limits": {"cpu": 2, "memory": "256Mi"},
        "ports": tuple(
            {"name": f"p{number}" if i else "http", "container": number} for i, number in enumerate(ports)
        ),
        "probe": {"http": {"port": ports[0], "path": "/health"}},
        **more,
    }


def _services() -> list[dict[str, Any]]:
    gates = ({"name": "https", "container": 8443}, {"name": "stats", "container": 8404})
    prometheus = {
        "/run/configs/prometheus.yml": "prometheus",
        "/run/configs/recording.yml": "prometheus-recording",
        "/run/configs/alerts.yml": "prometheus-alerts",
    }
    grafana = {
        "/run/configs/sources/sutazai.yaml": "grafana-datasources",
        "/run/configs/providers/sutazai.yaml": "grafana-dashboards",
        **{f"/run/configs/dashboards/{name}.json": name for name in DASHBOARDS},
    }
    facts = {"/run/configs/plan.json": "plan-facts"}
    agent: dict[str, Any] = {"image": "workload", "kind": "agent"}
    database: dict[str, Any] = {
        "limits": {"cpu": 2, "memory": "2Gi"},
        "env": {"POSTGRES_DB": "db", "POSTGRES_USER": "user"},
    }
    pooler: dict[str, Any] = {
        "tuning": "pgbouncer",
        "tuned_by": "postgres",
        "configs": {"/run/configs/pgbouncer.ini": "pgbouncer"},
    }
    gateway: dict[str, Any] = {
        "ports": gates,
        "probe": {"http": {"port": 8404, "path": "/health"}},
        "stop_grace": 30,
        "configs": {"/run/configs/haproxy.cfg": "haproxy"},
    }
    proxy: dict[str, Any] = {
        "isolated": True,
        "sockets": {"/run/engine.sock": "asked in the exporter's place"},
        "configs": {"/run/configs/haproxy.cfg": "engine-proxy"},
    }
    return [
        service("postgres", 5432, **database),
        service("pgbouncer", 6432, **pooler),
        service("backend", 8000, image="workload", command=("backend",)),
        service("frontend", 8501, image="workload", command=("frontend",)),
        service("gateway", 8443, image="haproxy", **gateway),
        service("prometheus", 9090, pool="agents", configs=prometheus),
        service("alertmanager", 9093, pool="agents", configs={"/run/configs/alertmanager.yml": "alertmanager"}),
        service("grafana", 3000, pool="agents", configs=grafana),
        service("blackbox-exporter", 9115, pool="agents", configs={"/run/configs/blackbox.yml": "blackbox"}),
        service("node-exporter", 9100, pool="agents"),
        service("engine-proxy", 2375, pool="agents", **proxy),
        service("container-exporter", 9105, pool="agents", image="exporter", configs=facts),
        service("chromadb", 8000, pool="agents"),
        service("agent-near", 8080, pool="agents", **agent),
        service("agent-far", 8080, pool="ml", **agent),
    ]


def changed(name: str, **fields: Any) -> dict[str, Any]:
    """Describe one of the sample's services otherwise."""
    return next(one for one in _services() if one["name"] == name) | fields


def catalogue(*changes: Mapping[str, Any]) -> Catalogue:
    """Validate the sample, with some services described otherwise, or added."""
    return Catalogue.parsed("sample", described(*changes))


def described(*changes: Mapping[str, Any]) -> dict[str, Any]:
    """Describe the sample, with some services otherwise, or added."""
    services = {one["name"]: one for one in (*_services(), *changes)}
    images = {one["image"]: {"upstream": "any:1", "built": "any", "user": "1:1"} for one in services.values()}
    return {
        "tiers": [{"number": n, "name": f"tier {n}", **_QUOTA} for n in (1, 2, 3)],
        "groups": [{"name": "web"}, {"name": "agents"}],
        "pools": [{"memory": "2Gi", "pids": 100, **pool} for pool in _POOLS],
        "links": _LINKS,
        "mesh": _MESH,
        "images": images,
        "secrets": {"ca-certificate": {"purpose": "what clients trust", "kind": "ca"}},
        "services": list(services.values()),
    }


def plan(of: Catalogue, replicas: Mapping[str, int] | None = None, without: tuple[str, ...] = ()) -> Plan:
    """Place every service of the catalogue but those `without`, one replica of each if nothing is said."""
    counts = replicas or {}
    rows = [
        _row(one, of, number)
        for one in of.services
        if one.name not in without
        for number in range(1, counts.get(one.name, 1) + 1)
    ]
    return Plan(
        host=Host.scaled(4, 8192),
        scale=Scale(),
        groups=(),
        pools=(),
        services=tuple(rows),
        ledger=(),
        probe_peak=ProbePeak(probes=0, services=0, allowed=1),
    )


def rendered(
    *changes: Mapping[str, Any],
    replicas: Mapping[str, int] | None = None,
    without: tuple[str, ...] = (),
    **settings: Any,
) -> dict[str, str]:
    """Render the sample."""
    of = catalogue(*changes)
    return render_configs(plan(of, replicas, without), of, Settings.parsed("settings", settings))


def _row(one: Service, of: Catalogue, number: int) -> PlannedService:
    return PlannedService(
        name=one.name,
        instance=one.name if number == 1 else f"{one.name}-{number}",
        kind=one.kind,
        pool=one.pool,
        tier=of.pool(one.pool).tier,
        priority=one.priority.value_points,
        priority_class=one.priority,
        replica=number,
        core_set=CoreSet([0, 1]),
        cpu_request=one.requests.cpu / 1000,
        cpu_limit=one.limits.cpu / 1000,
        cpu_quota=one.limits.cpu / 1000,
        memory_request_mib=one.requests.memory,
        memory_limit_mib=one.limits.memory,
        weight=100,
        qos=QosClass.BURSTABLE,
        stage=0,
        networks=(*(() if one.isolated else (one.pool,)), *_links(one, of)),
        probe_interval_ms=30_000,
    )


def _links(one: Service, of: Catalogue) -> list[str]:
    named = [f"to-{link.to}" for link in of.links if one.name in {link.to, *link.from_services}]
    pooled = [
        f"to-{link.to}-from-{pool}"
        for link in of.links
        for pool in link.from_pools
        if one.name == link.to or (one.pool == pool and not one.isolated)
    ]
    return named + pooled
