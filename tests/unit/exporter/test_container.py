"""Who a container is, and what was declared about it."""

from __future__ import annotations

from typing import Any

import pytest
from exporter.container import Container, Identity, core_count

from tests.unit.exporter.recorded import LABELS, inspected, listed


def test_a_container_of_the_stack_is_known_by_its_labels() -> None:
    assert Identity.of(listed(), "dev") == Identity(
        "1f", "sutazai-dev-api-2", "api-2", "api", "infrastructure", "1", "critical"
    )


def test_other_stacks_nobody_and_the_carriers_of_files_are_not_the_stack() -> None:
    assert Identity.of(listed(), "prod") is None
    assert Identity.of(listed(labels={}), "dev") is None
    assert Identity.of(listed() | {"Labels": None}, "dev") is None
    assert Identity.of(listed(labels={"sutazai.stack": "dev"}), "dev") is None
    assert Identity.of(listed(labels={"sutazai.instance": LABELS["sutazai.instance"]}), "dev") is None


def test_a_container_is_read_from_its_inspection() -> None:
    assert Container.of(inspected()) == Container(
        core_set="0-1",
        image="sutazai/workload:1e2e8a262e41",
        cores=2,
        cpu_limit=0.1,
        cpu_request=0.5,
        memory_limit=67108864,
        memory_request=33554432,
        running=True,
        healthy=True,
        restarts=4,
        oom_killed=False,
        started=1795588790.923783,
    )


@pytest.mark.parametrize(
    ("host", "limit"),
    [
        ({}, 0.1),
        ({"NanoCpus": 0}, 2),
        ({"NanoCpus": 5_000_000_000}, 2),
        ({"NanoCpus": 0, "CpuQuota": 50_000, "CpuPeriod": 0}, 0.5),
        ({"NanoCpus": 0, "CpuQuota": 50_000, "CpuPeriod": 200_000}, 0.25),
        ({"NanoCpus": 0, "CpuQuota": -1, "CpusetCpus": ""}, None),
    ],
)
def test_a_limit_is_the_smaller_of_quota_and_core_set(host: dict[str, object], limit: float | None) -> None:
    assert Container.of(inspected(host)).cpu_limit == limit


@pytest.mark.parametrize(
    ("state", "healthy"),
    [
        ({}, True),
        ({"Health": {"Status": "starting"}}, False),
        ({"Health": {"Status": "unhealthy"}}, False),
        ({"Health": {"Status": "none"}}, True),
        ({"Health": None}, True),
        ({"Health": {"Status": "healthy"}, "Running": False}, False),
    ],
)
def test_health_is_what_the_probes_say_of_what_runs(state: dict[str, Any], healthy: bool) -> None:
    assert Container.of(inspected(**state)).healthy is healthy


def test_what_was_never_started_has_no_start() -> None:
    assert Container.of(inspected(StartedAt="0001-01-01T00:00:00Z", Running=False)).started is None
    assert Container.of(inspected(StartedAt="2026-11-25T06:39:50Z")).started == 1795588790


@pytest.mark.parametrize(("text", "count"), [("0", 1), ("2-3,6", 3), ("0-11", 12), ("1,1-2", 2)])
def test_cores_are_counted_as_docker_writes_them(text: str, count: int) -> None:
    assert core_count(text) == count
