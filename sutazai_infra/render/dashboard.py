"""The dashboard of the strategy's four KPIs: utilization, response and availability, tasks, throughput."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sutazai_infra.render import alerts_capacity as alerts
from sutazai_infra.render.view import View

__all__ = ["SOURCE", "dashboard", "expressions"]

SOURCE = "prometheus"
_WIDTH, _HEIGHT, _COLUMNS = 8, 8, 24


@dataclass(frozen=True)
class _Panel:
    title: str
    queries: Mapping[str, str]
    unit: str
    description: str = ""
    most: float | None = None
    kind: str = "timeseries"


def dashboard(view: View) -> str:
    """Write the dashboard as JSON."""
    document = {
        "uid": "sutazai",
        "title": "SutazAI: key performance indicators",
        "tags": ["sutazai"],
        "schemaVersion": 39,
        "timezone": "browser",
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "editable": False,
        "graphTooltip": 1,
        "templating": {"list": []},
        "annotations": {"list": []},
        "panels": list(_placed(_sections(view))),
    }
    return json.dumps(document, indent=2) + "\n"


def expressions(view: View) -> tuple[str, ...]:
    """List every query of the dashboard."""
    panels = [panel for section in _sections(view).values() for panel in section]
    return tuple(query for panel in panels for query in panel.queries)


def _sections(view: View) -> dict[str, list[_Panel]]:
    return {
        "Container resource utilization": _utilization(view),
        "Response times and availability": _ANSWERS,
        "Agent task completion": _TASKS,
        "Throughput": _THROUGHPUT,
    }


def _utilization(view: View) -> list[_Panel]:
    budget = view.plan.host.usable_mib * 1024 * 1024
    working_set = "sutazai_container_memory_working_set_bytes"
    cpu = "sum by (pool) (rate(sutazai_container_cpu_seconds_total[5m]))"
    return [
        _Panel(
            "Host CPU",
            {alerts.HOST_CPU: "busy"},
            "percentunit",
            "The strategy's target is 40 to 60 %; it alerts above 80 % for 5 minutes.",
            alerts.CPU_MOST,
        ),
        _Panel(
            "Memory in use, of the budget",
            {
                f"sum({working_set}) / {budget}": "containers",
                "1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes": "host",
            },
            "percentunit",
            "The budget is the host less the system's and the emergency reserve; the target is above 80 %.",
        ),
        _Panel("CPU by pool", {cpu: "{{pool}}"}, "none", "Cores that are busy."),
        _Panel(
            "Memory, of each service's limit",
            {f"topk(10, {alerts.SERVICE_MEMORY})": "{{service}}"},
            "percentunit",
            "The ten closest to being killed.",
            alerts.MEMORY_MOST,
        ),
        _Panel("Memory by pool", {f"sum by (pool) ({working_set})": "{{pool}}"}, "bytes"),
        _Panel(
            "Restarts within an hour",
            {f"{alerts.RESTARTS} > 0": "{{service}}"},
            "none",
            most=alerts.RESTARTS_MOST,
        ),
    ]


_ANSWERS = [
    _Panel(
        "Available, last 24 hours",
        {"avg by (instance) (avg_over_time(probe_success[24h]))": "{{instance}}"},
        "percentunit",
        "The share of probes that were answered as a user would expect.",
        kind="stat",
    ),
    _Panel("Response time as a user sees it", {"probe_duration_seconds": "{{instance}}"}, "s"),
    _Panel(
        "Response time at the gateway",
        {
            "haproxy_backend_response_time_average_seconds": "{{proxy}}",
            "haproxy_backend_queue_time_average_seconds": "{{proxy}}, waiting",
        },
        "s",
        "Of the last 1024 requests.",
    ),
    _Panel(
        "Failed at the gateway",
        {
            'sum by (proxy) (rate(haproxy_backend_http_responses_total{code="5xx"}[5m]))'
            " / sum by (proxy) (rate(haproxy_backend_http_responses_total[5m]) > 0)": "{{proxy}}"
        },
        "percentunit",
    ),
    _Panel("Waiting at the gateway", {"haproxy_backend_current_queue": "{{proxy}}"}, "none"),
    _Panel("Targets that don't answer", {"sum by (job) (up == 0)": "{{job}}", "count(up == 0)": "all"}, "none"),
]

_ENDED = "sum(increase(sutazai_agent_tasks_total[1h]))"
_DONE = 'sum(increase(sutazai_agent_tasks_total{status="done"}[1h]))'
_TASKS = [
    _Panel(
        "Completed, of the tasks that ended within an hour",
        {f"{_DONE} / ({_ENDED} > 0)": "completed"},
        "percentunit",
    ),
    _Panel(
        "Tasks that wait",
        {alerts.QUEUE_DEPTH: "all", "max by (type) (sutazai_queue_depth) > 0": "{{type}}"},
        "none",
        most=alerts.QUEUE_MOST,
    ),
    _Panel(
        "Agents",
        {
            "max(sutazai_agents_registered)": "registered",
            "max(sutazai_agents_alive)": "alive",
            "sum(sutazai_agent_busy)": "busy",
        },
        "none",
    ),
]

_THROUGHPUT = [
    _Panel(
        "Tasks that ended, a minute",
        {"60 * sum by (status) (rate(sutazai_agent_tasks_total[5m]))": "{{status}}"},
        "none",
    ),
    _Panel(
        "Time for a task",
        {
            "sum(rate(sutazai_agent_task_seconds_total[15m]))"
            ' / (sum(rate(sutazai_agent_tasks_total{status="done"}[15m])) > 0)': "mean"
        },
        "s",
    ),
    _Panel(
        "Requests",
        {"sum by (proxy) (rate(haproxy_frontend_http_requests_total[5m]))": "{{proxy}}"},
        "reqps",
    ),
]


def _placed(sections: Mapping[str, list[_Panel]]) -> Iterator[dict[str, Any]]:
    """Lay the panels out, three in a row below their section's title."""
    number, top = 0, 0
    for title, panels in sections.items():
        number += 1
        yield {
            "id": number,
            "type": "row",
            "title": title,
            "collapsed": False,
            "panels": [],
            "gridPos": _at(0, top, 24, 1),
        }
        top += 1
        for index, panel in enumerate(panels):
            number += 1
            line, column = divmod(index * _WIDTH, _COLUMNS)
            yield _panel(number, panel, _at(column, top + line * _HEIGHT, _WIDTH, _HEIGHT))
        top += _HEIGHT * -(-len(panels) * _WIDTH // _COLUMNS)


def _at(x: int, y: int, width: int, height: int) -> dict[str, int]:
    return {"x": x, "y": y, "w": width, "h": height}


def _panel(number: int, panel: _Panel, where: dict[str, int]) -> dict[str, Any]:
    source = {"type": "prometheus", "uid": SOURCE}
    return {
        "id": number,
        "type": panel.kind,
        "title": panel.title,
        "description": panel.description,
        "datasource": source,
        "gridPos": where,
        "targets": [
            {"refId": chr(ord("A") + index), "datasource": source, "expr": query, "legendFormat": legend}
            for index, (query, legend) in enumerate(panel.queries.items())
        ],
        "fieldConfig": {"defaults": _field(panel), "overrides": []},
    }


def _field(panel: _Panel) -> dict[str, Any]:
    steps: list[dict[str, Any]] = [{"color": "green", "value": None}]
    if panel.most is None:
        return {"unit": panel.unit, "min": 0, "thresholds": {"mode": "absolute", "steps": steps}}
    steps.append({"color": "red", "value": panel.most})
    shown = {"thresholdsStyle": {"mode": "line"}}
    return {"unit": panel.unit, "min": 0, "thresholds": {"mode": "absolute", "steps": steps}, "custom": shown}
