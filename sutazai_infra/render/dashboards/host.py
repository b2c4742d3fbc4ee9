"""The host: each core with whom it is kept for, memory, disk and pressure."""

from __future__ import annotations

from sutazai_infra.render.alerts_capacity import CPU_MOST
from sutazai_infra.render.dashboards.page import Draw, Page, Panel, Unit

__all__ = ["HOST"]

# node-exporter names a core `cpu`, the plan's facts name it `core`. On a small host one core has several owners.
_BUSY = (
    'label_replace(1 - avg by (cpu) (rate(node_cpu_seconds_total{mode="idle"}[5m])), "core", "$1", "cpu", "(.+)")'
)
_OWNED = f"{_BUSY} * on (core) group_right () max by (core, group) (sutazai_core_owner)"
_ON_CORES = (
    "rate(sutazai_container_cpu_seconds_total[5m]) * on (container) group_left (core_set) sutazai_container_info"
)
_FREE = 'node_filesystem_avail_bytes{mountpoint="/"}'

HOST = Page(
    "host",
    "Host and core map",
    {
        "Cores": (
            Panel(
                "Each core, and whom it is kept for",
                {f"sort_desc({_OWNED})": "core {{core}}: {{group}}"},
                Unit.SHARE,
                Draw.BARS,
                "A core with several owners is shown once for each.",
                CPU_MOST,
                width=12,
            ),
            Panel(
                "Cores of each group",
                {f"avg by (group) ({_OWNED})": "{{group}}"},
                Unit.SHARE,
                most=CPU_MOST,
                width=12,
            ),
            Panel(
                "Host",
                {"sutazai:host_cpu:ratio": "busy"},
                Unit.SHARE,
                description="The target is 40 to 60 % under load; the alert is at 80 % for 5 minutes.",
                most=CPU_MOST,
            ),
            Panel(
                "What cores do",
                {'sum by (mode) (rate(node_cpu_seconds_total{mode!="idle"}[5m]))': "{{mode}}"},
                draw=Draw.STACKED,
                description="In cores.",
            ),
            Panel(
                "CPU by core set",
                {f"sum by (core_set) ({_ON_CORES})": "cores {{core_set}}"},
                draw=Draw.STACKED,
                description="Of the stack's containers, in cores.",
            ),
        ),
        "Memory and disk": (
            Panel(
                "Memory",
                {
                    "sutazai:stack_memory_bytes:sum": "this stack",
                    "sutazai_foreign_memory_working_set_bytes": "other containers",
                    "node_memory_MemTotal_bytes - node_memory_MemAvailable_bytes": "taken, of the host",
                    "node_memory_MemTotal_bytes": "the host's",
                },
                Unit.BYTES,
            ),
            Panel(
                "Disk of the engine",
                {f'1 - {_FREE} / node_filesystem_size_bytes{{mountpoint="/"}}': "full"},
                Unit.SHARE,
                most=0.9,
            ),
            Panel(
                "Read and written",
                {
                    "sum(rate(node_disk_read_bytes_total[5m]))": "read",
                    "sum(rate(node_disk_written_bytes_total[5m]))": "written",
                },
                Unit.BYTES_PER_SECOND,
            ),
        ),
        "Pressure": (
            Panel(
                "Time in which something waited",
                {
                    "rate(node_pressure_cpu_waiting_seconds_total[5m])": "for CPU",
                    "rate(node_pressure_memory_waiting_seconds_total[5m])": "for memory",
                    "rate(node_pressure_io_waiting_seconds_total[5m])": "for the disk",
                },
                Unit.SHARE,
                description="As the kernel counts it (PSI).",
                width=12,
            ),
            Panel("Load", {"node_load1": "1 min", "node_load15": "15 min"}, width=12),
        ),
    },
)
