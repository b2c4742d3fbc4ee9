"""What the stack gets done, asked of Prometheus in one question: queue, agents, completion, times."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pydantic import Field

from sutazai_infra.model.base import Frozen
from sutazai_infra.operations.prometheus import Series

__all__ = ["QUESTION", "Work", "work"]

_FIGURE = "figure"


class Work(Frozen):
    """Tasks and answers; null where nothing happened within the time that is looked at. Times in seconds."""

    queued: float | None = Field(None, description="Tasks that wait.")
    agents_alive: float | None = None
    agents_registered: float | None = None
    completed: float | None = Field(None, description="Of the tasks that ended within an hour.")
    tasks_per_minute: float | None = Field(None, description="That ended, within 5 minutes.")
    task_p50: float | None = Field(None, description="From hand-out to end, within 5 minutes.")
    task_p95: float | None = None
    task_p99: float | None = None
    answer_p50: float | None = Field(None, description="Of the backend to a request, within 5 minutes.")
    answer_p95: float | None = None
    answer_p99: float | None = None


# Recorded where they are: figures, alerts and dashboards shall tell the same.
_QUESTIONS: Mapping[str, str] = {
    "queued": "sutazai:queue_depth:sum",
    "agents_alive": "max(sutazai_agents_alive)",
    "agents_registered": "max(sutazai_agents_registered)",
    "completed": "sum_over_time(sutazai:tasks_done:rate5m[1h]) / sum_over_time(sutazai:tasks_ended:rate5m[1h])",
    "tasks_per_minute": "60 * sutazai:tasks_ended:rate5m",
    **{f"task_p{q}": f"sutazai:task_seconds:p{q}_5m" for q in (50, 95, 99)},
    **{f"answer_p{q}": f"sutazai:http_request_seconds:p{q}_5m" for q in (50, 95, 99)},
}
# One question for all: of one moment, and over one connection.
QUESTION = " or ".join(
    f'label_replace({asked}, "{_FIGURE}", "{name}", "", "")' for name, asked in _QUESTIONS.items()
)


def work(series: Iterable[Series]) -> Work:
    """Read the answer."""
    return Work(**{row.labels[_FIGURE]: row.value for row in series})
