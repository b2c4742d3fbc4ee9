"""What the stack gets done, asked of Prometheus in one question: queue, agents, completion, times."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pydantic import Field

from sutazai_infra.model.base import Frozen
from sutazai_infra.operations.prometheus import Series

__all__ = ["QUESTION", "Work", "work"]

_FIGURE = "figure"
_ENDED = 'sutazai_tasks_total{status=~"done|failed"}'
_DONE = 'sutazai_tasks_total{status="done"}'


class Work(Frozen):
    """Tasks and answers; null where nothing happened within the time that is looked at. Times in seconds."""

    queued: float | None = Field(None, description="Tasks that wait.")
    agents_alive: float | None = None
    agents_registered: float | None = None
    completed: float | None = Field(None, description="Of the tasks that ended within an hour.")
    tasks_per_minute: float | None = Field(None, description="That ended, within 5 minutes.")
    task_p50: float | None = Field(None, description="From hand-out to end, within 15 minutes.")
    task_p95: float | None = None
    task_p99: float | None = None
    answer_p50: float | None = Field(None, description="Of the backend to a request, within 5 minutes.")
    answer_p95: float | None = None
    answer_p99: float | None = None


def _quantiles(name: str, metric: str, window: str) -> Mapping[str, str]:
    buckets = f"sum by (le) (rate({metric}_bucket[{window}]))"
    return {f"{name}_p{q}": f"histogram_quantile({q / 100}, {buckets})" for q in (50, 95, 99)}


_QUESTIONS: Mapping[str, str] = {
    # Every backend reports the same queues.
    "queued": "sum(max by (type) (sutazai_queue_depth))",
    "agents_alive": "max(sutazai_agents_alive)",
    "agents_registered": "max(sutazai_agents_registered)",
    "completed": f"sum(increase({_DONE}[1h])) / sum(increase({_ENDED}[1h]))",
    "tasks_per_minute": f"60 * sum(rate({_ENDED}[5m]))",
    **_quantiles("task", "sutazai_task_duration_seconds", "15m"),
    **_quantiles("answer", "sutazai_http_request_duration_seconds", "5m"),
}
# One question for all: of one moment, and over one connection.
QUESTION = " or ".join(
    f'label_replace({asked}, "{_FIGURE}", "{name}", "", "")' for name, asked in _QUESTIONS.items()
)


def work(series: Iterable[Series]) -> Work:
    """Read the answer."""
    return Work(**{row.labels[_FIGURE]: row.value for row in series})
