"""Agents and their tasks: completion, throughput, times, queue."""

from __future__ import annotations

from sutazai_infra.render.alerts_capacity import QUEUE_DEPTH, QUEUE_MOST
from sutazai_infra.render.dashboards.page import Draw, Page, Panel, Unit

__all__ = ["AGENTS", "quantiles"]

_ENDED = 'sutazai_tasks_total{status=~"done|failed"}'
_DONE = 'sutazai_tasks_total{status="done"}'


def quantiles(metric: str, window: str, by: str = "") -> dict[str, str]:
    """Ask for the three quantiles that are looked at, of a histogram."""
    buckets = f"sum by (le{', ' + by if by else ''}) (rate({metric}_bucket[{window}]))"
    name = f"{{{{{by}}}}} " if by else ""
    return {f"histogram_quantile({q / 100}, {buckets})": f"{name}p{q}" for q in (50, 95, 99)}


AGENTS = Page(
    "agents",
    "Agents and tasks",
    {
        "Completion": (
            Panel(
                "Done, of the tasks that ended within an hour",
                {f"sum(increase({_DONE}[1h])) / (sum(increase({_ENDED}[1h])) > 0)": "done"},
                Unit.SHARE,
                Draw.NUMBER,
            ),
            Panel(
                "Done, over time",
                {f"sum(rate({_DONE}[15m])) / (sum(rate({_ENDED}[15m])) > 0)": "done"},
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
                {QUEUE_DEPTH: "all", "max by (type) (sutazai_queue_depth)": "{{type}}"},
                most=QUEUE_MOST,
            ),
        ),
        "Times": (
            Panel(
                "From hand-out to end",
                quantiles("sutazai_task_duration_seconds", "15m"),
                Unit.SECONDS,
                width=12,
            ),
            Panel(
                "From submission to hand-out",
                quantiles("sutazai_task_wait_seconds", "15m"),
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
