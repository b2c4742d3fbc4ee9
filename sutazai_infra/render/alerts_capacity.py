"""What runs out: the strategy's four thresholds, pools, disk, CPU quotas, certificates, snapshots."""

from __future__ import annotations

from sutazai_infra.model.service import PriorityClass
from sutazai_infra.render.alert import Alert, Severity

__all__ = [
    "CAPACITY",
    "CPU_MOST",
    "HOST",
    "HOST_CPU",
    "MEMORY_MOST",
    "QUEUE_DEPTH",
    "QUEUE_MOST",
    "RESTARTS",
    "RESTARTS_MOST",
    "SERVICE_MEMORY",
    "THRESHOLDS",
]

CPU_MOST, MEMORY_MOST, RESTARTS_MOST, QUEUE_MOST = 0.80, 0.85, 3, 100
HOST = "host"
_DAY = 86400

HOST_CPU = '1 - avg by (instance) (rate(node_cpu_seconds_total{mode="idle"}[5m]))'
SERVICE_MEMORY = "sutazai_container_memory_working_set_bytes / sutazai_container_memory_limit_bytes"
# Rounded: what `increase` extrapolates to an hour makes 3.04 of 3.
RESTARTS = "round(increase(sutazai_container_restarts_total[1h]))"
# Every backend reports the same queues; no task at all may mean no series.
QUEUE_DEPTH = "(sum(max by (type) (sutazai_queue_depth)) or vector(0))"
_FREE = 'node_filesystem_avail_bytes{mountpoint="/"}'
_FREE_SHARE = f'{_FREE} / node_filesystem_size_bytes{{mountpoint="/"}}'
# Cores and pools, for a tier may well be full by design.
_BUDGETS = '{scope=~"(pool|cores) .+",dimension=~".+ requests"}'
_POOL_MEMORY = (
    "sum by (pool) (sutazai_container_memory_working_set_bytes)"
    " / on (pool) max by (pool) (sutazai_pool_memory_limit_bytes)"
)
_THROTTLED = (
    "rate(sutazai_container_cpu_throttled_periods_total[5m]) / rate(sutazai_container_cpu_periods_total[5m])"
)

THRESHOLDS = (
    Alert(
        "HostCpuHigh",
        f"{HOST_CPU} > {CPU_MOST:.2f}",
        "5m",
        "The host's CPU is {{ $value | humanizePercentage }} busy, above 80 % for 5 minutes.",
        service=HOST,
        priority=PriorityClass.CRITICAL,
    ),
    Alert(
        "ServiceMemoryHigh",
        f"{SERVICE_MEMORY} > {MEMORY_MOST:.2f}",
        "1m",
        "{{ $labels.name }} takes {{ $value | humanizePercentage }} of its memory limit, above 85 %;"
        " at 100 % the kernel kills it. Raise its limit, or find out what it holds.",
    ),
    Alert(
        "ServiceRestartsOften",
        f"{RESTARTS} > {RESTARTS_MOST}",
        "0m",
        "{{ $labels.name }} restarted {{ $value }} times within an hour, above 3.",
    ),
    Alert(
        "AgentQueueDeep",
        f"{QUEUE_DEPTH} > {QUEUE_MOST}",
        "0m",
        "{{ $value }} tasks wait for an agent, above 100. Add agents, or look at those that should take them.",
        service="backend",
        needs="backend",
    ),
)

CAPACITY = (
    Alert(
        "ServiceOomKilled",
        "increase(sutazai_container_oom_kills_total[15m]) > 0",
        "0m",
        "The kernel killed a process of {{ $labels.name }} for want of memory.",
        Severity.CRITICAL,
    ),
    Alert(
        "ServiceThrottled",
        f"{_THROTTLED} > 0.25",
        "15m",
        "{{ $labels.name }} waited for CPU in {{ $value | humanizePercentage }} of its periods: its limit is low.",
    ),
    Alert(
        "PoolMemoryHigh",
        f"{_POOL_MEMORY} > 0.90",
        "5m",
        "Pool {{ $labels.pool }} takes {{ $value | humanizePercentage }} of its memory, above 90 %.",
        priority=PriorityClass.HIGH,
    ),
    Alert(
        "RequestsExhausted",
        f"max by (scope, dimension) (sutazai_ledger_used{_BUDGETS} / sutazai_ledger_limit) > 0.95",
        "5m",
        "{{ $labels.scope }}: {{ $value | humanizePercentage }} of the {{ $labels.dimension }} are given away;"
        " the next service is refused.",
        priority=PriorityClass.HIGH,
    ),
    Alert(
        "DiskFilling",
        f"{_FREE_SHARE} < 0.30 and predict_linear({_FREE}[6h], {_DAY}) < 0",
        "30m",
        "The engine's disk has {{ $value | humanizePercentage }} left, and will be full within a day.",
        service=HOST,
        priority=PriorityClass.HIGH,
    ),
    Alert(
        "DiskAlmostFull",
        f"{_FREE_SHARE} < 0.10",
        "5m",
        "The engine's disk has {{ $value | humanizePercentage }} left, below 10 %.",
        Severity.CRITICAL,
        service=HOST,
        priority=PriorityClass.CRITICAL,
    ),
    Alert(
        "CertificateExpires",
        f"min by (service) (probe_ssl_earliest_cert_expiry) - time() < {21 * _DAY}",
        "10m",
        "The certificate of {{ $labels.service }} expires in {{ $value | humanizeDuration }}.",
        service="gateway",
        needs="gateway",
    ),
    # Judged only where snapshots are taken at all.
    Alert(
        "BackupOld",
        f"time() - sutazai_snapshot_last_success_timestamp_seconds > {26 * _DAY // 24}",
        "10m",
        "The last good snapshot is {{ $value | humanizeDuration }} old; there should be one a day.",
        priority=PriorityClass.HIGH,
    ),
    Alert(
        "BackupUntried",
        f"time() - sutazai_snapshot_last_drill_timestamp_seconds > {8 * _DAY}"
        " or sutazai_snapshot_last_drill_ok == 0",
        "10m",
        "No snapshot has lately come back as it was taken; there should be a drill a week.",
        priority=PriorityClass.HIGH,
    ),
)
