"""Prometheus' configuration: what it can reach through the declared networks, and what it can't as a comment."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from textwrap import wrap
from typing import Any

from sutazai_infra.model.plan import PlannedService
from sutazai_infra.model.service import Kind
from sutazai_infra.render.blackbox import MODULE, targets
from sutazai_infra.render.view import View, yaml_text

__all__ = ["EXPORTER", "PREFIXES", "prometheus"]

AGENTS_JOB = "agents"
BLACKBOX, EXPORTER = "blackbox-exporter", "container-exporter"
# 69 agents on two cores: as often as they are probed is often enough.
INTERVAL, AGENTS_INTERVAL = "30s", "60s"
# Behind the gateway, so that their pages' links lead back to them.
PREFIXES = {"prometheus": "/prometheus/", "alertmanager": "/alertmanager/"}


@dataclass(frozen=True)
class _Endpoint:
    port: str = "http"
    path: str = "/metrics"
    # Whose metrics say themselves of which service they are.
    honor_labels: bool = False


# By image. What isn't listed has no metrics that Prometheus reads, or shows them only when told to.
_ENDPOINTS = {
    "ai-metrics-exporter": _Endpoint(),
    "alertmanager": _Endpoint(path=f"{PREFIXES['alertmanager']}metrics"),
    "alloy": _Endpoint(),
    "blackbox-exporter": _Endpoint(),
    "cadvisor": _Endpoint(),
    "exporter": _Endpoint(honor_labels=True),
    "grafana": _Endpoint(path="/grafana/metrics"),
    "haproxy": _Endpoint("stats"),
    "loki": _Endpoint(),
    "node-exporter": _Endpoint(),
    "postgres-exporter": _Endpoint(),
    "prometheus": _Endpoint(path=f"{PREFIXES['prometheus']}metrics"),
    "qdrant": _Endpoint(),
    "rabbitmq": _Endpoint("metrics"),
    "redis-exporter": _Endpoint(),
    "workload": _Endpoint(),
}


def prometheus(view: View) -> str:
    """Write prometheus.yml."""
    document: dict[str, Any] = {
        "global": {"scrape_interval": INTERVAL, "scrape_timeout": "10s", "evaluation_interval": INTERVAL},
        "rule_files": [view.path_of("prometheus-recording"), view.path_of("prometheus-alerts")],
    }
    if managers := view.reachable("alertmanager"):
        static = [{"targets": _addresses(view, managers)}]
        manager = {"path_prefix": PREFIXES["alertmanager"], "static_configs": static}
        document["alerting"] = {"alertmanagers": [manager]}
    document["scrape_configs"] = [*_agents_job(view), *_jobs(view), *_blackbox_jobs(view)]
    return yaml_text(document, _notes(view))


def _agents_job(view: View) -> Iterable[dict[str, Any]]:
    """Ask the exporter who they are: one agent more must not change this file, and so restart Prometheus."""
    for exporter in view.reachable(EXPORTER)[:1]:
        url = f"http://{_addresses(view, [exporter])[0]}/targets/agents"
        discovery = {"url": url, "refresh_interval": AGENTS_INTERVAL}
        yield {"job_name": AGENTS_JOB, "scrape_interval": AGENTS_INTERVAL, "http_sd_configs": [discovery]}


def _jobs(view: View) -> Iterable[dict[str, Any]]:
    rows = [row for row in view.plan.residents if view.reaches(row) and _endpoint(view, row)]
    for job, members in groupby(sorted(rows, key=lambda row: (row.name, row.replica)), key=lambda row: row.name):
        yield _scrape(view, job, list(members))


def _scrape(view: View, job: str, rows: Sequence[PlannedService]) -> dict[str, Any]:
    endpoint = _endpoint(view, rows[0]) or _Endpoint()
    honoring = {"honor_labels": True} if endpoint.honor_labels else {}
    statics = [
        {"targets": _addresses(view, [row], endpoint.port), "labels": {"name": row.instance, **_labels(row)}}
        for row in rows
    ]
    return {"job_name": job, **honoring, "metrics_path": endpoint.path, "static_configs": statics}


def _endpoint(view: View, row: PlannedService) -> _Endpoint | None:
    service = view.catalogue.service(row.name)
    # The front end shares the others' image, and has nothing to count; the engine's proxy the gateway's.
    silent = service.command[:1] == ("frontend",) or row.kind is Kind.AGENT
    endpoint = None if silent else _ENDPOINTS.get(service.image)
    return endpoint if endpoint and endpoint.port in {"http", *(port.name for port in service.ports)} else None


def _addresses(view: View, rows: Iterable[PlannedService], port: str = "http") -> list[str]:
    """Name each replica: the service's name is all of them in turn."""
    return [f"{row.instance}:{view.address(row.name, port).rpartition(':')[2]}" for row in rows]


def _labels(row: PlannedService) -> dict[str, str]:
    return {
        "service": row.name,
        "pool": row.pool,
        "tier": str(row.tier),
        "priority": row.priority_class.value,
    }


def _blackbox_jobs(view: View) -> Iterable[dict[str, Any]]:
    """Ask through the exporter: the address that is asked becomes a parameter, the exporter's the target."""
    for row in view.reachable(BLACKBOX)[:1]:
        statics = [
            {"targets": urls, "labels": _labels(probed)} for probed, urls in targets(view.seen_from(row.name))
        ]
        if statics:
            yield {
                "job_name": "blackbox",
                "metrics_path": "/probe",
                "params": {"module": [MODULE]},
                "static_configs": statics,
                "relabel_configs": [
                    {"source_labels": ["__address__"], "target_label": "__param_target"},
                    {"source_labels": ["__param_target"], "target_label": "instance"},
                    {"target_label": "__address__", "replacement": _addresses(view, [row])[0]},
                ],
            }


def _notes(view: View) -> list[str]:
    beyond = sorted(row.instance for row in view.plan.residents if not view.reaches(row))
    notes = []
    if not view.reachable(EXPORTER):
        notes.append(f"No {EXPORTER} in reach: agents and containers aren't watched.")
    if beyond:
        notes.append(f"Out of reach, no common network: {', '.join(beyond)}.")
    return [line for note in notes for line in wrap(note, 110)]
