"""Agents and their tasks: completion, throughput, times, queue."""

from __future__ import annotations

from sutazai_infra.render.alerts_capacity import QUEUE_MOST
from sutazai_infra.render.dashboards.page import Draw, Page, Panel, Unit

__all__ = ["AGENTS", "quantiles"]

_DONE, _ENDED = "sutazai:tasks_done:rate5m", "sutazai:tasks_ended:rate5m"


def quantiles(recorded: str) -> dict[str, str]:
    """Ask for the three quantiles that are recorded."""
    return {f"sutazai:{recorded}_seconds:p{q}_5m": f"p{q}" for q in (50, 95, 99)}


AGENTS = Page(
    "agents",
    "Agents and tasks",
    {
        "Completion": (
            Panel(
                "Done, of the tasks that ended within an hour",
                {f"sum_over_time({_DONE}[1h]) / (sum_over_time({_ENDED}[1h]) > 0)": "done"},
                Unit.SHARE,
                Draw.NUMBER,
            ),
            Panel(
                "Done, over time",
                {"sutazai:task_completion:ratio": "done"},
                Unit.SHARE,
            ),
            Panel(
                "Taken back and queued again, a minute",
                {'60 * sum(rate(sutazai_tasks_total{status="requeued"}[5m]))': "requeued"},
                description="What an agent gave back, or died with.",
            ),
        ),
        "Throughput": (
            Panel(
                "Tasks a minute",
                {'60 * sum by (status) (rate(sutazai_tasks_total{status!="requeued"}[5m]))': "{{status}}"},
            ),
            Panel("Tasks now", {"max by (status) (sutazai_tasks)": "{{status}}"}),
            Panel(
                "Tasks that wait",
                {"sutazai:queue_depth:sum": "all", "max by (type) (sutazai_queue_depth)": "{{type}}"},
                most=QUEUE_MOST,
            ),
        ),
        "Times": (
            Panel(
                "From hand-out to end",
                quantiles("task"),
                Unit.SECONDS,
                width=12,
            ),
            Panel(
                "From submission to hand-out",
                quantiles("task_wait"),
                Unit.SECONDS,
                width=12,
            ),
        ),
        "Agents": (
            Panel(
                "Agents",
                {
                    "sutazai_plan_agents": "planned",
                    "max(sutazai_agents_registered)": "registered",
                    "max(sutazai_agents_alive)": "alive",
                    "sum(sutazai_agent_busy)": "busy",
                },
            ),
            Panel(
                "Tasks a minute, of the busiest",
                {"topk(10, 60 * sum by (name) (rate(sutazai_agent_tasks_total[5m])))": "{{name}}"},
                draw=Draw.BARS,
            ),
            Panel(
                "Busy, of the last 15 minutes",
                {"topk(10, avg by (name) (avg_over_time(sutazai_agent_busy[15m])))": "{{name}}"},
                Unit.SHARE,
                Draw.BARS,
            ),
        ),
    },
)
