"""Services: health, restarts, throttling, kills for want of memory, and how near they are to their limits."""

from __future__ import annotations

from sutazai_infra.render.alerts_capacity import MEMORY_MOST, RESTARTS, RESTARTS_MOST
from sutazai_infra.render.dashboards.page import Draw, Page, Panel, Unit

__all__ = ["SERVICES"]

_KILLS = "sutazai_container_oom_kills_total"
_PERIODS = "rate(sutazai_container_cpu_periods_total[5m])"
_THROTTLED = f"rate(sutazai_container_cpu_throttled_periods_total[5m]) / ({_PERIODS} > 0)"

SERVICES = Page(
    "services",
    "Services: health, restarts, limits",
    {
        "Health": (
            Panel(
                "Not healthy",
                {"count(sutazai_container_healthy == 0) or vector(0)": "containers"},
                draw=Draw.NUMBER,
                most=0.5,
                width=4,
            ),
            Panel(
                "Not running",
                {"count(sutazai_container_running == 0) or vector(0)": "containers"},
                draw=Draw.NUMBER,
                most=0.5,
                width=4,
            ),
            Panel(
                "Planned",
                {"sutazai_plan_services + sutazai_plan_agents": "containers"},
                draw=Draw.NUMBER,
                width=4,
            ),
            Panel(
                "Targets that answer",
                {"avg by (job) (up)": "{{job}}"},
                Unit.SHARE,
                Draw.STATES,
                width=12,
            ),
            Panel(
                "Health of each container",
                {"sutazai_container_healthy": "{{name}}"},
                draw=Draw.STATES,
                width=24,
            ),
        ),
        "Restarts": (
            Panel(
                "Restarts within an hour",
                {RESTARTS: "{{name}}"},
                most=RESTARTS_MOST,
                description="The engine's own count: what it restarted by itself.",
                width=12,
            ),
            Panel(
                "Runs since", {"time() - sutazai_container_start_time_seconds": "{{name}}"}, Unit.SECONDS, width=12
            ),
        ),
        "CPU": (
            Panel("Of its core set", {"topk(10, sutazai:container_cpu_of_cores:ratio)": "{{name}}"}, Unit.SHARE),
            Panel(
                "Throttled",
                {f"topk(10, {_THROTTLED})": "{{name}}"},
                Unit.SHARE,
                description="Of the periods of its CPU quota, those in which it was used up.",
                most=0.25,
            ),
            Panel(
                "Waited for a new period",
                {"topk(10, rate(sutazai_container_cpu_throttled_seconds_total[5m]))": "{{name}}"},
                Unit.SECONDS,
                description="Seconds a second.",
            ),
        ),
        "Memory": (
            Panel(
                "Of its limit",
                {"topk(10, sutazai:container_memory_of_limit:ratio)": "{{name}}"},
                Unit.SHARE,
                description="The ten closest to being killed.",
                most=MEMORY_MOST,
            ),
            Panel("Killed for want of memory, last day", {f"increase({_KILLS}[1d])": "{{name}}"}, most=0.5),
            Panel("Processes and threads", {"topk(10, sutazai_container_pids)": "{{name}}"}),
        ),
        "Network": (
            Panel(
                "Received",
                {"topk(10, rate(sutazai_container_network_receive_bytes_total[5m]))": "{{name}}"},
                Unit.BYTES_PER_SECOND,
                width=12,
            ),
            Panel(
                "Sent",
                {"topk(10, rate(sutazai_container_network_transmit_bytes_total[5m]))": "{{name}}"},
                Unit.BYTES_PER_SECOND,
                width=12,
            ),
        ),
    },
)
