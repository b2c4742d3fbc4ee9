"""The strategy's four alert thresholds as Prometheus' rules, and a rule for each that has nothing to judge by.

`sutazai_container_*` are the controller's metrics, one series a container, with the labels service, pool and tier:
`memory_working_set_bytes`, `memory_limit_bytes`, `restarts_total` (Docker's RestartCount: what counts starts by
their time misses restarts), `cpu_seconds_total`, `cores`, `healthy`.
"""

from __future__ import annotations

from typing import Any

from sutazai_infra.render.view import View, yaml_text

__all__ = [
    "CPU_MOST",
    "HOST_CPU",
    "MEMORY_MOST",
    "QUEUE_DEPTH",
    "QUEUE_MOST",
    "RESTARTS",
    "RESTARTS_MOST",
    "SERVICE_MEMORY",
    "alerts",
]

CPU_MOST, MEMORY_MOST, RESTARTS_MOST, QUEUE_MOST = 0.80, 0.85, 3, 100

HOST_CPU = '1 - avg by (instance) (rate(node_cpu_seconds_total{mode="idle"}[5m]))'
SERVICE_MEMORY = "sutazai_container_memory_working_set_bytes / sutazai_container_memory_limit_bytes"
# Rounded: what `increase` extrapolates to an hour makes 3.04 of 3.
RESTARTS = "round(increase(sutazai_container_restarts_total[1h]))"
# Every backend reports the same queues; no task at all may mean no series.
QUEUE_DEPTH = "(sum(max by (type) (sutazai_queue_depth)) or vector(0))"


def alerts(_view: View) -> str:
    """Write the rule file."""
    groups = {"thresholds": _THRESHOLDS, "absence": _ABSENCE, "availability": _AVAILABILITY}
    return yaml_text({"groups": [{"name": name, "rules": rules} for name, rules in groups.items()]})


def _rule(
    name: str, expression: str, wait: str, summary: str, *, severity: str = "warning", service: str = ""
) -> dict[str, Any]:
    labels = {"severity": severity, **({"service": service} if service else {})}
    return {
        "alert": name,
        "expr": expression,
        "for": wait,
        "labels": labels,
        "annotations": {"summary": summary},
    }


_THRESHOLDS = [
    _rule(
        "HostCpuHigh",
        f"{HOST_CPU} > {CPU_MOST:.2f}",
        "5m",
        "The host's CPU is {{ $value | humanizePercentage }} busy, above 80 % for 5 minutes.",
    ),
    _rule(
        "ServiceMemoryHigh",
        f"{SERVICE_MEMORY} > {MEMORY_MOST:.2f}",
        "1m",
        "{{ $labels.service }} takes {{ $value | humanizePercentage }} of its memory limit, above 85 %;"
        " at 100 % the kernel kills it. Raise its limit, or find out what it holds.",
    ),
    _rule(
        "ServiceRestartsOften",
        f"{RESTARTS} > {RESTARTS_MOST}",
        "0m",
        "{{ $labels.service }} restarted {{ $value }} times within an hour, above 3.",
    ),
    _rule(
        "AgentQueueDeep",
        f"{QUEUE_DEPTH} > {QUEUE_MOST}",
        "0m",
        "{{ $value }} tasks wait for an agent, above 100. Add agents, or look at those that should take them.",
        service="backend",
    ),
]

# A comparison with nothing is no alert: whatever is to be judged must be there.
_ABSENCE = [
    _rule(
        "HostMetricsMissing",
        "absent(node_cpu_seconds_total)",
        "10m",
        "No CPU metrics of the host: HostCpuHigh can't fire. Is node-exporter in the stack, and scraped?",
    ),
    _rule(
        "ContainerMetricsMissing",
        "absent(sutazai_container_memory_working_set_bytes) or absent(sutazai_container_memory_limit_bytes)"
        " or absent(sutazai_container_restarts_total)",
        "10m",
        "No metrics of containers: ServiceMemoryHigh and ServiceRestartsOften can't fire."
        " Does the controller run, and is it scraped?",
    ),
    # The limit is always there, the depth only when there is a queue.
    _rule(
        "QueueMetricsMissing",
        "absent(sutazai_queue_limit)",
        "10m",
        "No metrics of queues: AgentQueueDeep can't fire. Does the backend answer /metrics?",
        service="backend",
    ),
]

_AVAILABILITY = [
    _rule(
        "TargetDown",
        "up == 0",
        "5m",
        "{{ $labels.instance }} has not answered Prometheus for 5 minutes.",
        severity="critical",
    ),
    _rule(
        "ProbeFailed",
        "probe_success == 0",
        "2m",
        "{{ $labels.instance }} does not answer as a user would expect.",
        severity="critical",
    ),
    _rule(
        "PostgresDown",
        "pg_up == 0",
        "1m",
        "PostgreSQL does not answer its exporter.",
        severity="critical",
        service="postgres",
    ),
    _rule(
        "RedisDown",
        "redis_up == 0",
        "1m",
        "Redis does not answer its exporter.",
        severity="critical",
        service="redis",
    ),
]
