"""For every alert: what makes it fire, and what looks like it and doesn't."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["CASES", "STEP", "Case"]

STEP = 30
Series = dict[str, str]
_REDIS = '{name="redis",service="redis",pool="infrastructure",tier="1",priority="critical"}'
_DISK = '{mountpoint="/",instance="node-exporter:9100"}'
_GIB = 2**30
_DAY = 86400


@dataclass(frozen=True)
class Case:
    """Series in steps of 30 seconds; whether the alert fires after some minutes."""

    alert: str
    fires: bool
    minutes: int
    series: Series
    because: str

    def __str__(self) -> str:
        return f"{self.alert}: {self.because}"


def _idle(share: float) -> Series:
    return {'node_cpu_seconds_total{instance="host",mode="idle"}': f"0+{share * STEP}x80"}


def _one(metric: str, value: float, labels: str = _REDIS) -> Series:
    return {f"sutazai_container_{metric}{labels}": f"{value}x160"}


def _memory(mib: int) -> Series:
    return {**_one("memory_working_set_bytes", mib), **_one("memory_limit_bytes", 1000)}


def _counted(metric: str, count: int) -> Series:
    """One more every five minutes, up to a number."""
    steps = " ".join(str(min(count, step // 10)) for step in range(160))
    return {f"sutazai_container_{metric}{_REDIS}": steps}


def _queues(*depths: int) -> Series:
    """Two backends that report the same queues."""
    return {
        f'sutazai_queue_depth{{instance="{backend}",type="t{number}"}}': f"{depth}x80"
        for backend in ("backend", "backend-2")
        for number, depth in enumerate(depths)
    }


def _throttled(share: float) -> Series:
    return {
        f"sutazai_container_cpu_periods_total{_REDIS}": "0+300x80",
        f"sutazai_container_cpu_throttled_periods_total{_REDIS}": f"0+{300 * share}x80",
    }


def _pool(used: int) -> Series:
    both = _one("memory_working_set_bytes", used) | _one("memory_working_set_bytes", used, '{pool="agents"}')
    own = '{pool="infrastructure",service="container-exporter"}'
    return both | {f"sutazai_pool_memory_limit_bytes{own}": "1000x80"}


def _ledger(scope: str, used: int, dimension: str = "memory requests") -> Series:
    labels = f'{{scope="{scope}",dimension="{dimension}",unit="bytes"}}'
    return {f"sutazai_ledger_used{labels}": f"{used}x80", f"sutazai_ledger_limit{labels}": "100x80"}


def _disk(free: float, lost_in_a_day: float = 0.0) -> Series:
    """How much of 100 GiB is free, and how much of it goes within a day."""
    step = lost_in_a_day * _GIB * STEP / _DAY
    return {
        f"node_filesystem_avail_bytes{_DISK}": f"{free * _GIB}-{step}x160",
        f"node_filesystem_size_bytes{_DISK}": f"{100 * _GIB}x160",
    }


def _failing(share: float) -> Series:
    return {
        'haproxy_frontend_http_responses_total{proxy="entrance",code="2xx"}': f"0+{3000 * (1 - share)}x160",
        'haproxy_frontend_http_responses_total{proxy="entrance",code="5xx"}': f"0+{3000 * share}x160",
        'haproxy_frontend_http_responses_total{proxy="mesh-agents-backend",code="5xx"}': "0+3000x160",
    }


def _plan(services: int, agents: int, there: int) -> Series:
    found = {f'sutazai_container_running{{name="s{number}"}}': "1x80" for number in range(there)}
    return found | {"sutazai_plan_services": f"{services}x80", "sutazai_plan_agents": f"{agents}x80"}


def _both(  # noqa: PLR0917 - a line of a table
    alert: str, minutes: int, firing: Series, because: str, silent: Series, unless: str
) -> list[Case]:
    return [Case(alert, True, minutes, firing, because), Case(alert, False, minutes, silent, unless)]


_CONTAINERS = _memory(1) | _one("restarts_total", 0) | _one("healthy", 1)
_HOST = _idle(0.5) | _disk(50)
_LATER = 40 * _DAY
_EXPIRY = 'probe_ssl_earliest_cert_expiry{service="gateway",instance="https://gateway:8443/"}'
_SERVER = 'haproxy_server_status{proxy="backend",server="backend1",state="%s"}'

CASES = [
    *_both("HostCpuHigh", 30, _idle(0.19), "81 % is above 80 %", _idle(0.20), "80 % is not"),
    Case("HostCpuHigh", False, 4, _idle(0.19), "not before five minutes have passed"),
    *_both("ServiceMemoryHigh", 10, _memory(851), "a little more than 85 %", _memory(850), "85 % is not above"),
    *_both(
        "ServiceRestartsOften",
        60,
        _counted("restarts_total", 4),
        "4 an hour",
        _counted("restarts_total", 3),
        "3 aren't above 3",
    ),
    *_both("AgentQueueDeep", 5, _queues(60, 41), "101 tasks", _queues(60, 40), "100 tasks, seen twice"),
    Case("AgentQueueDeep", False, 5, {}, "no queue is no deep queue"),
    *_both("HostMetricsMissing", 15, _idle(0.5), "CPU without the disk", _HOST, "both are there"),
    *_both("ContainerMetricsMissing", 15, _memory(1), "memory without restarts", _CONTAINERS, "all are there"),
    *_both("QueueMetricsMissing", 15, _queues(1), "no limit", {"sutazai_queue_limit": "5x80"}, "a limit"),
    *_both("GatewayMetricsMissing", 15, {}, "no answers counted", _failing(0), "answers counted"),
    *_both("AgentsUndiscovered", 15, {}, "no target", {'up{job="agents"}': "0x80"}, "one, though it is down"),
    *_both(
        "TargetDown",
        6,
        {'up{job="a",service="a"}': "0x80"},
        "it doesn't answer",
        {'up{job="a",service="a"}': "0x6 1 0x80"},
        "it answered once in between",
    ),
    *_both("ServiceUnhealthy", 4, _one("healthy", 0), "for 3 minutes", _one("healthy", 1), "it is healthy"),
    Case("ServiceUnhealthy", False, 2, _one("healthy", 0), "still starting"),
    *_both("ContainersMissing", 6, _plan(2, 2, 3), "3 of 4", _plan(2, 2, 4), "all 4"),
    *_both(
        "ProbeFailed",
        3,
        {'probe_success{service="a"}': "0x80"},
        "no answer",
        {'probe_success{service="a"}': "1x80"},
        "an answer",
    ),
    *_both("PostgresDown", 2, {"pg_up": "0x80"}, "it is down", {"pg_up": "1x80"}, "it is up"),
    *_both("RedisDown", 2, {"redis_up": "0x80"}, "it is down", {"redis_up": "1x80"}, "it is up"),
    *_both(
        "GatewayServerDown",
        2,
        {_SERVER % "DOWN": "1x80"},
        "its circuit is open",
        {_SERVER % "DOWN": "0x80", _SERVER % "MAINT": "1x80"},
        "a place that nobody takes",
    ),
    *_both(
        "AlertsUndelivered",
        20,
        {'alertmanager_notifications_failed_total{job="alertmanager",integration="webhook"}': "0+1x80"},
        "a webhook refuses",
        {'alertmanager_notifications_failed_total{job="alertmanager",integration="webhook"}': "0x20 1x80"},
        "it did once, ten minutes ago",
    ),
    *_both(
        "ServiceOomKilled",
        12,
        _counted("oom_kills_total", 1),
        "a kill",
        _one("oom_kills_total", 1),
        "one that was counted before",
    ),
    *_both("ServiceThrottled", 25, _throttled(0.26), "26 % of its periods", _throttled(0.25), "25 % of them"),
    *_both("PoolMemoryHigh", 10, _pool(901), "above 90 %", _pool(900), "90 %, and a pool without a limit"),
    *_both("RequestsExhausted", 10, _ledger("pool agents", 96), "96 %", _ledger("pool agents", 95), "95 %"),
    Case("RequestsExhausted", False, 10, _ledger("tier 1", 100), "a tier may be full"),
    Case(
        "RequestsExhausted",
        False,
        10,
        _ledger("pool agents", 100, "memory limits"),
        "limits may reach a pool's memory",
    ),
    *_both("DiskFilling", 60, _disk(29, 40), "full within a day", _disk(29, 20), "29 % for longer than a day"),
    Case("DiskFilling", False, 60, _disk(90, 95), "fast, but far from full"),
    *_both("DiskAlmostFull", 10, _disk(9), "9 % left", _disk(10), "10 % left"),
    *_both(
        "CertificateExpires",
        15,
        {_EXPIRY: f"{20 * _DAY}x80"},
        "in 20 days",
        {_EXPIRY: f"{_LATER}x80"},
        "in 40 days",
    ),
    *_both(
        "BackupOld",
        28 * 60,
        {"sutazai_snapshot_last_success_timestamp_seconds": f"{STEP}x3400"},
        "28 hours old",
        {},
        "no snapshots are taken here",
    ),
    Case(
        "BackupUntried",
        True,
        20,
        {"sutazai_snapshot_last_drill_ok": "0x80", "sutazai_snapshot_last_drill_timestamp_seconds": "0x80"},
        "the last drill failed",
    ),
    Case(
        "BackupUntried",
        False,
        20,
        {"sutazai_snapshot_last_drill_ok": "1x80", "sutazai_snapshot_last_drill_timestamp_seconds": "0x80"},
        "the last drill went well, a moment ago",
    ),
    *_both("GatewayBudgetBurnsFast", 20, _failing(0.08), "8 % fail", _failing(0.02), "2 % fail, slowly"),
    *_both("GatewayBudgetBurnsSlowly", 40, _failing(0.02), "2 % fail", _failing(0.004), "0.4 % may"),
]
