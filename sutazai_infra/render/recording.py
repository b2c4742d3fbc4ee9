"""Prometheus' recording rules: what alerts, dashboards and key figures share, computed once.

`sutazai:<of what>:<how>`, in base units. Rates are over five minutes; longer windows are averages over them, which
holds for the buckets of a histogram too. Waste is what was requested and isn't used, service by service: what one
takes beyond its request makes up for nobody else's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sutazai_infra.render.alerts_capacity import HOST_CPU, QUEUE_DEPTH
from sutazai_infra.render.slo import ENTRANCE, RESPONSES, error_ratios
from sutazai_infra.render.view import View, yaml_text

__all__ = ["RECORDED", "SCOPES", "recording"]

# Scope -> the labels that it is summed by.
SCOPES = {"stack": "", "pool": " by (pool)", "tier": " by (tier)"}
_IDENTITY = "name, service, pool, tier, priority"
_OWN = "sutazai_container"
# Probes and scrapes ask for these: nobody waits for the answer.
_ASKED = 'path!~"/(health|metrics)"'


def recording(_view: View) -> str:
    """Write the rule file."""
    groups = [{"name": name, "rules": [_rule(*rule) for rule in rules.items()]} for name, rules in _GROUPS.items()]
    return yaml_text({"groups": [*groups, {"name": "objective", "rules": error_ratios()}]})


def _rule(name: str, expression: str) -> dict[str, Any]:
    return {"record": f"sutazai:{name}", "expr": expression}


def _summed(metric: str, matching: str = "", by: str = "") -> str:
    """Write the sum of a counter's rates, of all who count."""
    rate = f"rate({metric}{{{matching}}}[5m])" if matching else f"rate({metric}[5m])"
    return f"sum by ({by}) ({rate})" if by else f"sum({rate})"


def _of_a_container() -> Iterator[tuple[str, str]]:
    cores = "sutazai:container_cpu_cores:rate5m"
    yield "container_cpu_cores:rate5m", _summed(f"{_OWN}_cpu_seconds_total", by=_IDENTITY)
    yield "container_cpu_of_cores:ratio", f"{cores} / sum by ({_IDENTITY}) ({_OWN}_cores)"
    for name in ("memory_limit", "memory_request"):
        used = f"sum by ({_IDENTITY}) ({_OWN}_memory_working_set_bytes)"
        share = f"{used} / (sum by ({_IDENTITY}) ({_OWN}_{name}_bytes) > 0)"
        yield f"container_memory_of_{name.removeprefix('memory_')}:ratio", share
    requested = f"sum by ({_IDENTITY}) ({_OWN}_cpu_request_cores)"
    yield "container_cpu_unused_cores:rate5m", f"clamp_min({requested} - ({cores} or 0 * {requested}), 0)"
    requested = f"sum by ({_IDENTITY}) ({_OWN}_memory_request_bytes)"
    used = f"(sum by ({_IDENTITY}) ({_OWN}_memory_working_set_bytes) or 0 * {requested})"
    yield "container_memory_unused_bytes:sum", f"clamp_min({requested} - {used}, 0)"


def _of(scope: str, by: str) -> Iterator[tuple[str, str]]:
    """What a scope's containers use, request and may take at most, and what of the request is wasted."""
    yield f"{scope}_cpu_cores:rate5m", f"sum{by} (sutazai:container_cpu_cores:rate5m)"
    yield f"{scope}_cpu_request_cores:sum", f"sum{by} ({_OWN}_cpu_request_cores)"
    yield f"{scope}_memory_bytes:sum", f"sum{by} ({_OWN}_memory_working_set_bytes)"
    yield f"{scope}_memory_request_bytes:sum", f"sum{by} ({_OWN}_memory_request_bytes)"
    yield f"{scope}_memory_limit_bytes:sum", f"sum{by} ({_OWN}_memory_limit_bytes)"
    unused = f"sum{by} (sutazai:container_cpu_unused_cores:rate5m)"
    yield f"{scope}_cpu_waste:ratio", f"{unused} / (sutazai:{scope}_cpu_request_cores:sum > 0)"
    unused = f"sum{by} (sutazai:container_memory_unused_bytes:sum)"
    yield f"{scope}_memory_waste:ratio", f"{unused} / (sutazai:{scope}_memory_request_bytes:sum > 0)"


_HOST = {
    "host_cpu:ratio": HOST_CPU,
    "host_memory_idle:ratio": "node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes",
}
_QUANTILES = {
    f"{kind}_seconds:p{percent}_5m": f"histogram_quantile(0.{percent}, sutazai:{kind}_seconds_bucket:rate5m)"
    for kind in ("http_request", "task", "task_wait")
    for percent in (50, 95, 99)
}
_WORK = {
    "http_request_seconds_bucket:rate5m": _summed("sutazai_http_request_duration_seconds_bucket", _ASKED, "le"),
    "task_seconds_bucket:rate5m": _summed("sutazai_task_duration_seconds_bucket", by="le"),
    "task_wait_seconds_bucket:rate5m": _summed("sutazai_task_wait_seconds_bucket", by="le"),
    **_QUANTILES,
    "tasks_submitted:rate5m": _summed("sutazai_tasks_total", 'status="submitted"'),
    "tasks_done:rate5m": _summed("sutazai_tasks_total", 'status="done"'),
    "tasks_ended:rate5m": _summed("sutazai_tasks_total", 'status=~"done|failed"'),
    "task_completion:ratio": "sutazai:tasks_done:rate5m / (sutazai:tasks_ended:rate5m > 0)",
    "queue_depth:sum": QUEUE_DEPTH,
    "restarts:increase1h": f"sum(round(increase({_OWN}_restarts_total[1h])))",
}
_GATEWAY = {
    "availability:ratio": "avg by (service) (probe_success)",
    "gateway_requests:rate5m": _summed(RESPONSES, ENTRANCE),
    "gateway_failed:rate5m": _summed(RESPONSES, f'{ENTRANCE},code="5xx"'),
    "mesh_requests:rate5m": _summed(RESPONSES, 'proxy=~"mesh-.+"', "proxy"),
}
_GROUPS: Mapping[str, Mapping[str, str]] = {
    "use": {**_HOST, **dict(_of_a_container())},
    **{f"use of {scope}": dict(_of(scope, by)) for scope, by in SCOPES.items()},
    "work": _WORK,
    "gateway": _GATEWAY,
}
RECORDED = frozenset(
    [f"sutazai:{name}" for rules in _GROUPS.values() for name in rules]
    + [rule["record"] for rule in error_ratios()]
)
