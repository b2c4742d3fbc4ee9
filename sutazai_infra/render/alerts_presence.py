"""What isn't there, doesn't answer, or isn't measured."""

from __future__ import annotations

from sutazai_infra.model.service import PriorityClass
from sutazai_infra.render.alert import Alert, Severity

__all__ = ["ABSENCE", "AGENTS_UNDISCOVERED", "AVAILABILITY"]

_CONTAINER_METRICS = ("memory_working_set_bytes", "memory_limit_bytes", "restarts_total", "healthy")
_UNDELIVERED = ("alertmanager_notifications_failed_total", "prometheus_notifications_errors_total")

AGENTS_UNDISCOVERED = Alert(
    "AgentsUndiscovered",
    'absent(up{job="agents"})',
    "10m",
    "Prometheus knows no agent to ask: the container exporter named none.",
    service="container-exporter",
)
# A comparison with nothing is no alert: whatever is to be judged must be there.
ABSENCE = (
    Alert(
        "HostMetricsMissing",
        "absent(node_cpu_seconds_total) or absent(node_filesystem_avail_bytes)",
        "10m",
        "No metrics of the host: HostCpuHigh, DiskFilling and DiskAlmostFull can't fire."
        " Is node-exporter in the stack, and scraped?",
        service="node-exporter",
    ),
    Alert(
        "ContainerMetricsMissing",
        " or ".join(f"absent(sutazai_container_{name})" for name in _CONTAINER_METRICS),
        "10m",
        "No metrics of containers: no alert about a service's memory, restarts or health can fire."
        " Is container-exporter in the stack, and does it reach the engine?",
        service="container-exporter",
    ),
    # The limit is always there, the depth only when there is a queue.
    Alert(
        "QueueMetricsMissing",
        "absent(sutazai_queue_limit)",
        "10m",
        "No metrics of queues: AgentQueueDeep can't fire. Does the backend answer /metrics?",
        service="backend",
        needs="backend",
    ),
    Alert(
        "GatewayMetricsMissing",
        "absent(haproxy_frontend_http_responses_total)",
        "10m",
        "No metrics of the gateway: nobody judges its errors. Is its port for statistics scraped?",
        service="gateway",
        needs="gateway",
    ),
    AGENTS_UNDISCOVERED,
)

AVAILABILITY = (
    Alert(
        "TargetDown",
        "up == 0",
        "5m",
        "{{ $labels.instance }} has not answered Prometheus for 5 minutes.",
        Severity.CRITICAL,
    ),
    Alert(
        "ServiceUnhealthy",
        "sutazai_container_healthy == 0",
        "3m",
        "{{ $labels.name }} has not been healthy for 3 minutes, or doesn't run.",
        Severity.CRITICAL,
    ),
    Alert(
        "ContainersMissing",
        "max(sutazai_plan_services + sutazai_plan_agents) - count(sutazai_container_running) > 0",
        "5m",
        "{{ $value }} containers of the plan are not there.",
        Severity.CRITICAL,
        priority=PriorityClass.CRITICAL,
    ),
    Alert(
        "ProbeFailed",
        "probe_success == 0",
        "2m",
        "{{ $labels.instance }} does not answer as a user would expect.",
        Severity.CRITICAL,
    ),
    Alert(
        "PostgresDown",
        "pg_up == 0",
        "1m",
        "PostgreSQL does not answer its exporter.",
        Severity.CRITICAL,
        service="postgres",
        needs="postgres-exporter",
    ),
    Alert(
        "RedisDown",
        "redis_up == 0",
        "1m",
        "Redis does not answer its exporter.",
        Severity.CRITICAL,
        service="redis",
        needs="redis-exporter",
    ),
    Alert(
        "GatewayServerDown",
        'haproxy_server_status{state="DOWN"} == 1',
        "1m",
        "The gateway sends nothing more to {{ $labels.server }} of {{ $labels.proxy }}: it failed too often.",
        service="gateway",
        needs="gateway",
    ),
    Alert(
        "AlertsUndelivered",
        # Longer than one failure is remembered: an update replaces Alertmanager, and that is no trouble.
        " or ".join(f"sum by (job) (increase({name}[10m])) > 0" for name in _UNDELIVERED),
        "15m",
        "Alerts don't reach whom they are for: {{ $labels.job }} could not hand them on.",
        Severity.CRITICAL,
        service="alertmanager",
        needs="alertmanager",
    ),
)
