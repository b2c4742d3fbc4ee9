from __future__ import annotations

import io
from typing import Any

from rich.console import Console

from sutazai_infra.cli.status_tables import status_tables
from sutazai_infra.operations.status import StackStatus

SAMPLE = {
    "instance": "redis",
    "container": "sutazai-lab-redis",
    "pool": "web",
    "health": "healthy",
    "status": "Up 2 minutes (healthy)",
    "restarts": 0,
    "cpu_cores": 0.25,
    "cpu_limit": 1,
    "memory_mib": 64,
    "memory_request_mib": 128,
    "memory_limit_mib": 256,
    "core_set": "1-2",
    "planned_core_set": "1-2",
}


def status(*services: dict[str, Any], **more: Any) -> StackStatus:
    return StackStatus.parsed(
        "sample", {"stack": "lab", "services": [{**SAMPLE, **one} for one in services], **more}
    )


def printed(found: StackStatus) -> list[str]:
    stream = io.StringIO()
    Console(file=stream, width=80, highlight=False).print(status_tables(found, plain=True))
    return [line.rstrip() for line in stream.getvalue().splitlines()]


def test_a_healthy_stack_is_a_table_for_each_pool() -> None:
    assert printed(status({}, {"instance": "agent-1", "pool": "agents", "memory_mib": 250})) == [
        "Stack lab: 2 of 2 containers healthy",
        "",
        "Pool web: 0.25 cores and 64 MiB used; 128 MiB requested",
        "  service health  restarts      CPU     memory MiB            cores",
        "  redis   healthy        0 0.25 / 1 25%   64 / 256 ##...|.... 1-2",
        "",
        "Pool agents: 0.25 cores and 250 MiB used; 128 MiB requested",
        "  service health  restarts      CPU     memory MiB            cores",
        "  agent-1 healthy        0 0.25 / 1 25%  250 / 256 #####|#### 1-2",
    ]


def test_other_cores_than_planned_are_shown_beside_them() -> None:
    found = status({"core_set": "1"})
    assert not found.good
    assert printed(found)[4].endswith(" 1 not 1-2")


def test_the_same_cores_written_otherwise_are_the_same() -> None:
    assert status({"core_set": "1,2"}).good


def test_a_container_without_a_core_set_is_on_other_cores() -> None:
    assert not status({"core_set": ""}).good


def test_a_missing_container_has_no_numbers_and_a_way_out() -> None:
    unknown = dict.fromkeys(("restarts", "cpu_cores", "memory_mib", "core_set"))
    gone = {"health": "missing", "status": "", **unknown}
    lines = printed(status({}, {"instance": "api", **gone}))
    assert lines[5].split() == ["api", "missing"]
    assert lines[-1] == "missing containers are made again by: sutazai up --stack lab"


def test_a_foreign_container_is_named_with_a_way_out() -> None:
    found = status({"owner": "nobody"})
    assert not found.good
    assert " ".join(printed(found)[-2:]) == (
        "sutazai-lab-redis belongs to nobody, not to this stack; "
        "remove or rename it: docker rm -f sutazai-lab-redis"
    )


def test_containers_outside_the_plan_are_named() -> None:
    found = status({}, unexpected=["sutazai-lab-old"])
    assert not found.good
    assert printed(found)[-1] == "not in the plan: sutazai-lab-old; `sutazai up` removes its own"


def test_a_stack_that_is_not_there_is_one_line() -> None:
    assert printed(status({"health": "missing"})) == [
        "stack lab: nothing of it runs here; deploy it: sutazai up --stack lab"
    ]
