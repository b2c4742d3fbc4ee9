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

__all__ = ["prometheus"]

AGENTS_JOB = "agents"
BLACKBOX = "blackbox-exporter"
# 69 agents on two cores: as often as they are probed is often enough.
INTERVAL, AGENTS_INTERVAL = "30s", "60s"
CONTROLLER_NOTE = (
    "The controller exports sutazai_container_* on the host, where none of these networks leads. "
    "Until it is a target here, the alert ContainerMetricsMissing says that memory and restarts aren't watched."
)


@dataclass(frozen=True)
class _Endpoint:
    port: str = "http"
    path: str = "/metrics"


# By image. What isn't listed has no metrics that Prometheus reads, or shows them only when told to.
_ENDPOINTS = {
    "ai-metrics-exporter": _Endpoint(),
    "alertmanager": _Endpoint(),
    "alloy": _Endpoint(),
    "blackbox-exporter": _Endpoint(),
    "cadvisor": _Endpoint(),
    "grafana": _Endpoint(),
    "haproxy": _Endpoint("stats"),
    "loki": _Endpoint(),
    "node-exporter": _Endpoint(),
    "postgres-exporter": _Endpoint(),
    "prometheus": _Endpoint(),
    "qdrant": _Endpoint(),
    "rabbitmq": _Endpoint("metrics"),
    "redis-exporter": _Endpoint(),
    "workload": _Endpoint(),
}


def prometheus(view: View) -> str:
    """Write prometheus.yml."""
    document: dict[str, Any] = {
        "global": {"scrape_interval": INTERVAL, "scrape_timeout": "10s", "evaluation_interval": INTERVAL},
        "rule_files": [view.path_of("prometheus-alerts")],
    }
    if managers := view.reachable("alertmanager"):
        document["alerting"] = {"alertmanagers": [{"static_configs": [{"targets": _addresses(view, managers)}]}]}
    document["scrape_configs"] = [*_jobs(view), *_blackbox_jobs(view)]
    return yaml_text(document, _notes(view))


def _jobs(view: View) -> Iterable[dict[str, Any]]:
    rows = [row for row in view.plan.residents if view.reaches(row) and _endpoint(view, row)]
    for job, members in groupby(sorted(rows, key=lambda row: (_job(row), row.instance)), key=_job):
        yield _scrape(view, job, list(members))


def _job(row: PlannedService) -> str:
    return AGENTS_JOB if row.kind is Kind.AGENT else row.name


def _scrape(view: View, job: str, rows: Sequence[PlannedService]) -> dict[str, Any]:
    endpoint = _endpoint(view, rows[0]) or _Endpoint()
    slow = {"scrape_interval": AGENTS_INTERVAL} if job == AGENTS_JOB else {}
    statics = [{"targets": _addresses(view, [row], endpoint.port), "labels": _labels(row)} for row in rows]
    return {"job_name": job, **slow, "metrics_path": endpoint.path, "static_configs": statics}


def _endpoint(view: View, row: PlannedService) -> _Endpoint | None:
    service = view.catalogue.service(row.name)
    # The front end shares the others' image, and has nothing to count.
    return None if service.command[:1] == ("frontend",) else _ENDPOINTS.get(service.image)


def _addresses(view: View, rows: Iterable[PlannedService], port: str = "http") -> list[str]:
    """Name each replica: the service's name is all of them in turn."""
    return [f"{row.instance}:{view.address(row.name, port).rpartition(':')[2]}" for row in rows]


def _labels(row: PlannedService) -> dict[str, str]:
    return {"service": row.name, "pool": row.pool, "tier": str(row.tier)}


def _blackbox_jobs(view: View) -> Iterable[dict[str, Any]]:
    """Ask through the exporter: the address that is asked becomes a parameter, the exporter's the target."""
    for row in view.reachable(BLACKBOX)[:1]:
        statics = [{"targets": urls, "labels": _labels(probed)} for probed, urls in targets(_seen_from(view, row))]
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


def _seen_from(view: View, row: PlannedService) -> View:
    return View(view.catalogue.service(row.name), view.plan, view.catalogue, view.settings)


def _notes(view: View) -> list[str]:
    beyond = sorted(row.instance for row in view.plan.residents if not view.reaches(row))
    notes = [CONTROLLER_NOTE]
    if beyond:
        notes.append(f"Out of reach, no common network: {', '.join(beyond)}.")
    return [line for note in notes for line in wrap(note, 110)]
