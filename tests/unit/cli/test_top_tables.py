from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Any

from rich.console import Console

from sutazai_infra.cli.top_tables import fitted, top_tables
from sutazai_infra.operations.top.frame import Frame
from sutazai_infra.operations.top.order import Order

REDIS = {
    "instance": "redis",
    "container": "sutazai-lab-redis",
    "pool": "web",
    "health": "healthy",
    "restarts": 0,
    "cpu_cores": 0.25,
    "cpu_limit": 1,
    "memory_mib": 64,
    "memory_request_mib": 128,
    "memory_limit_mib": 256,
    "core_set": "1-2",
    "planned_core_set": "1-2",
    "throttled": 0.125,
    "oom_kills": 0,
    "tier": 1,
    "priority": "critical",
    "cpu_request": 0.5,
    "core_count": 2,
}
BUDGET = {
    "scope": "pool web",
    "cpu_used": 0.25,
    "cpu_requested": 0.5,
    "cpu_budget": 2,
    "memory_used_mib": 64,
    "memory_requested_mib": 128,
    "memory_budget_mib": 4096,
}
WORK = {
    "queued": 3,
    "agents_alive": 7,
    "agents_registered": 8,
    "completed": 0.995,
    "tasks_per_minute": 12.3456,
    "task_p50": 0.5,
    "task_p95": 1.25,
    "task_p99": 2,
    "answer_p50": 0.004,
}


def moment(*services: dict[str, Any], **more: Any) -> Frame:
    given = {
        "stack": "lab",
        "taken": datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        "cores": [{"core": 0, "owners": ["system"], "busy": 0.5}, {"core": 1, "owners": ["web"]}],
        "budgets": [BUDGET],
        "services": [{**REDIS, **one} for one in services],
    }
    return Frame.parsed("sample", {**given, **more})


def printed(found: Frame, order: Order = Order.CPU, **more: Any) -> list[str]:
    stream = io.StringIO()
    Console(file=stream, width=80, highlight=False).print(top_tables(found, order, plain=True, **more))
    return [line.rstrip() for line in stream.getvalue().splitlines()]


def test_all_of_it_fits_into_80_columns() -> None:
    long = {"instance": "ai-senior-full-stack-developer", "cpu_cores": 0.5, "memory_mib": 250}
    assert printed(moment({}, long, work=WORK)) == [
        "Stack lab, 03:04:05 UTC: 2 of 2 containers healthy, 1 cores 50% busy",
        "core 0 system #####.....  50%   core 1 web ?",
        "",
        "          CPU of            req MiB   of            req",
        "pool web 0.25  2 #......... 0.5  64 4096 .......... 128",
        "",
        "Tasks: 3 wait, 7 of 8 agents alive; 99.5% done within an hour, 12.35 a minute",
        "p50/p95/p99: tasks 0.5/1.25/2 s, answers none",
        "",
        "service                   health  rst oom  CPU set thr MiB req limit       cores",
        "ai-senior-full-stack-dev… healthy   0   0 0.50 25% 12% 250 128   256 ##### 1-2",
        "redis                     healthy   0   0 0.25 12% 12%  64 128   256 #.... 1-2",
    ]


def test_what_it_lacks_is_said_above_the_services() -> None:
    assert printed(moment({}, remarks=["no Prometheus"], unexpected=["sutazai-lab-old"]))[6:9] == [
        "no Prometheus",
        "not in the plan: sutazai-lab-old",
        "",
    ]


def test_where_no_task_ended_there_is_no_rate() -> None:
    line = printed(moment({}, work={**WORK, "completed": None, "tasks_per_minute": None}))[6]
    assert line == "Tasks: 3 wait, 7 of 8 agents alive; no task ended within an hour, ? a minute"


def test_a_missing_container_has_no_figures() -> None:
    unknown = dict.fromkeys(("restarts", "cpu_cores", "memory_mib", "core_set", "throttled", "oom_kills"))
    lines = printed(moment({}, {"instance": "api", "health": "missing", **unknown}))
    assert lines[0].startswith("Stack lab, 03:04:05 UTC: 1 of 2 containers healthy")
    assert lines[-1].split() == ["api", "missing", "128", "256"]


def test_of_many_services_the_first_are_shown_and_the_others_counted() -> None:
    rows = [{"instance": f"agent-{number}", "cpu_cores": number / 10} for number in range(6)]
    assert [line.split()[0] for line in printed(moment(*rows), most=3)[-3:]] == ["agent-5", "agent-4", "and"]
    assert printed(moment(*rows), most=3)[-1] == "and 4 more"
    assert printed(moment(*rows), most=6)[-1].startswith("agent-0 ")


def test_a_terminal_gets_as_much_as_it_is_high() -> None:
    console = Console(file=io.StringIO(), width=80, height=16, highlight=False, force_terminal=True)
    found = fitted(
        moment(*({"instance": f"agent-{number}"} for number in range(40)), work=WORK), Order.CPU, console
    )
    lines = console.render_lines(found)
    text = ["".join(part.text for part in line).rstrip() for line in lines]
    assert len(text) < 16
    assert text[-1] == "and 37 more"
