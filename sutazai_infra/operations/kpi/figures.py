"""The key figures: how each is asked of Prometheus, and the target that it is held to.

Targets are the strategy's, but for the objective of 99.5 %, which is this project's. What can't be seen by looking
at a running stack has no question, and says why.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sutazai_infra.render.slo import OBJECTIVE

__all__ = ["FIGURES", "Figure", "Target", "Unit"]

NO_TASK = "no task ended in this time"
NO_ANSWER = "nobody asked the backend in this time"
NO_CONTAINERS = "the container exporter told nothing"
NO_BACKEND = "the backend told nothing"
NO_GATEWAY = "no request came to the gateway in this time"


class Unit(StrEnum):
    """What a figure counts."""

    SHARE = "share"
    SECONDS = "seconds"
    PER_MINUTE = "per minute"
    PER_SECOND = "per second"
    COUNT = "count"


@dataclass(frozen=True)
class Target:
    """What is wanted, in words; and between which values that is, where a value here can be held to it."""

    text: str
    least: float | None = None
    most: float | None = None

    def met(self, value: float) -> bool | None:
        """Whether a value is as wanted; none where it can't be held to it."""
        if self.least is None and self.most is None:
            return None
        return (self.least is None or value >= self.least) and (self.most is None or value <= self.most)


@dataclass(frozen=True)
class Figure:
    """`question` has `{w}` for the window; `lacking` says why there is no value, when there is none."""

    key: str
    title: str
    unit: Unit
    question: str
    lacking: str
    target: Target | None = None


def _mean(recorded: str) -> str:
    return f"avg_over_time(sutazai:{recorded}[{{w}}])"


def _ratio(part: str, whole: str) -> str:
    return f"{_mean(part)} / ({_mean(whole)} > 0)"


def _percentiles(kind: str, key: str, title: str, lacking: str) -> tuple[Figure, ...]:
    buckets = _mean(f"{kind}_seconds_bucket:rate5m")
    return tuple(
        Figure(
            f"{key}_p{percent}",
            f"{title}, p{percent}",
            Unit.SECONDS,
            f"histogram_quantile(0.{percent}, {buckets})",
            lacking,
        )
        for percent in (50, 95, 99)
    )


_GATEWAY_PROBES = 'availability:ratio{{service="gateway"}}'
_SERVED = Target(f"at least {100 * OBJECTIVE:g} %", least=OBJECTIVE)
_USE = (
    Figure(
        "host_cpu",
        "Host CPU busy",
        Unit.SHARE,
        f"max({_mean('host_cpu:ratio')})",
        "the node exporter told nothing",
        Target("40 to 60 % under load", 0.4, 0.6),
    ),
    Figure(
        "cpu_used_of_requests",
        "CPU used, of the requests",
        Unit.SHARE,
        _ratio("stack_cpu_cores:rate5m", "stack_cpu_request_cores:sum"),
        NO_CONTAINERS,
    ),
    Figure("cpu_waste", "CPU requested and not used", Unit.SHARE, _mean("stack_cpu_waste:ratio"), NO_CONTAINERS),
    Figure(
        "memory_used_of_requests",
        "Memory used, of the requests",
        Unit.SHARE,
        _ratio("stack_memory_bytes:sum", "stack_memory_request_bytes:sum"),
        NO_CONTAINERS,
    ),
    Figure(
        "memory_used_of_limits",
        "Memory used, of the limits",
        Unit.SHARE,
        _ratio("stack_memory_bytes:sum", "stack_memory_limit_bytes:sum"),
        NO_CONTAINERS,
    ),
    Figure(
        "memory_waste",
        "Memory requested and not used",
        Unit.SHARE,
        _mean("stack_memory_waste:ratio"),
        NO_CONTAINERS,
        Target("below 20 %", most=0.2),
    ),
    Figure(
        "host_memory_idle",
        "Host memory idle",
        Unit.SHARE,
        f"max({_mean('host_memory_idle:ratio')})",
        "the node exporter told nothing",
        Target("it was 72 %"),
    ),
)
_ANSWERS = (
    *_percentiles("http_request", "answer", "Answer of the backend", NO_ANSWER),
    Figure(
        "availability",
        "Probes through the gateway answered",
        Unit.SHARE,
        f"max({_mean(_GATEWAY_PROBES)})",
        "nobody probes the gateway",
        _SERVED,
    ),
    Figure(
        "requests_served",
        "Requests at the gateway without a 5xx",
        Unit.SHARE,
        f"1 - {_ratio('gateway_failed:rate5m', 'gateway_requests:rate5m')}",
        NO_GATEWAY,
        _SERVED,
    ),
)
_TASKS = (
    Figure(
        "task_completion",
        "Tasks done, of those that ended",
        Unit.SHARE,
        _ratio("tasks_done:rate5m", "tasks_ended:rate5m"),
        NO_TASK,
    ),
    *_percentiles("task", "task", "Task, from hand-out to end", NO_TASK),
    *_percentiles("task_wait", "task_wait", "Task, from arrival to hand-out", NO_TASK),
    Figure(
        "queue_most",
        "Tasks that wait, at most",
        Unit.COUNT,
        # Without a backend it is 0, and says nothing.
        "max_over_time(sutazai:queue_depth:sum[{w}]) and on () max(sutazai_queue_limit)",
        NO_BACKEND,
        Target("at most 100", most=100),
    ),
)
_THROUGHPUT = (
    Figure("tasks_ended", "Tasks that ended", Unit.PER_MINUTE, f"60 * {_mean('tasks_ended:rate5m')}", NO_BACKEND),
    Figure("requests", "Requests at the gateway", Unit.PER_SECOND, _mean("gateway_requests:rate5m"), NO_GATEWAY),
    Figure(
        "mesh_requests",
        "Requests between services",
        Unit.PER_SECOND,
        f"sum({_mean('mesh_requests:rate5m')})",
        NO_GATEWAY,
    ),
)
_OUTCOMES = (
    Figure(
        "restarts",
        "Restarts",
        Unit.COUNT,
        "sum(round(increase(sutazai_container_restarts_total[{w}])))",
        NO_CONTAINERS,
        Target("80 % fewer in a storm"),
    ),
    Figure(
        "containers",
        "Containers in the plan",
        Unit.COUNT,
        "max(sutazai_plan_services + sutazai_plan_agents)",
        NO_CONTAINERS,
        Target("twice as many on a host"),
    ),
    Figure(
        "agents",
        "Agents alive",
        Unit.COUNT,
        "max(sutazai_agents_alive)",
        NO_BACKEND,
        Target("150 on the reference host"),
    ),
    Figure(
        "start_up",
        "Start to healthy",
        Unit.SECONDS,
        "",
        "a running stack doesn't show it: `make bench` starts agents both ways",
        Target("60 % shorter"),
    ),
    Figure(
        "power",
        "Power drawn",
        Unit.COUNT,
        "",
        "no container reads a power meter, and most hosts have none",
        Target("30 % less"),
    ),
    Figure(
        "interventions",
        "Interventions by hand",
        Unit.COUNT,
        "",
        "nobody counts what people do by hand",
        Target("70 % fewer"),
    ),
)
# Section -> its figures.
FIGURES = {
    "Use": _USE,
    "Answers": _ANSWERS,
    "Tasks": _TASKS,
    "Throughput": _THROUGHPUT,
    "Outcomes": _OUTCOMES,
}
