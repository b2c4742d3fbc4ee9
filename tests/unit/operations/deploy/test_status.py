from __future__ import annotations

from typing import Any

import docker.errors
import pytest

from sutazai_infra.operations.deploy.health import Health
from sutazai_infra.operations.status import ServiceStatus, stack_status
from tests.unit.render.plan_samples import sample_plan, service

MIB = 1024 * 1024
PLAN = sample_plan(services=[service("api"), service("trainer", state="slot")])


def listed(name: str, stack: str | None = "lab", **more: Any) -> dict[str, Any]:
    labels = {"sutazai.instance": name} | ({"sutazai.stack": stack} if stack else {})
    status = {"State": "running", "Status": "Up 5 seconds (healthy)"}
    return {"Id": name, "Names": [f"/sutazai-lab-{name}"], "Labels": labels, **status, **more}


def stats(version: int) -> dict[str, Any]:
    inactive = "inactive_file" if version == 2 else "total_inactive_file"
    return {
        "memory_stats": {"usage": 100 * MIB, "stats": {inactive: 20 * MIB}},
        "cpu_stats": {"cpu_usage": {"total_usage": 3000}, "system_cpu_usage": 18000, "online_cpus": 4},
        "precpu_stats": {"cpu_usage": {"total_usage": 1000}, "system_cpu_usage": 2000},
    }


class Engine:
    def __init__(self, *containers: dict[str, Any], numbers: dict[str, Any] | None = None) -> None:
        self.api = self
        self.listed = containers
        self.numbers = stats(2) if numbers is None else numbers
        self.measured: list[str] = []

    def containers(self, *, all: bool) -> tuple[dict[str, Any], ...]:  # noqa: A002 - docker's own name
        assert all
        return self.listed

    def inspect_container(self, identity: str) -> dict[str, Any]:
        if identity == "vanished":
            raise docker.errors.NotFound("gone")
        return {"RestartCount": 2, "HostConfig": {"CpusetCpus": "1"}}

    def stats(self, identity: str, *, stream: bool) -> dict[str, Any]:
        assert not stream
        self.measured.append(identity)
        return self.numbers


def only(engine: Any) -> ServiceStatus:
    (found,) = stack_status(engine, "lab", PLAN).services
    return found


def test_slots_are_no_containers() -> None:
    engine: Any = Engine(listed("api"))
    assert [one.instance for one in stack_status(engine, "lab", PLAN).services] == ["api"]


@pytest.mark.parametrize("version", [1, 2])
def test_use_is_measured_without_the_cache_that_can_be_given_back(version: int) -> None:
    found = only(Engine(listed("api"), numbers=stats(version)))
    assert (found.memory_mib, found.cpu_cores, found.restarts, found.core_set) == (80.0, 0.5, 2, "1")
    assert found.good


def test_an_engine_that_has_no_first_sample_yet_gives_no_cpu() -> None:
    numbers = {**stats(2), "precpu_stats": {"cpu_usage": {"total_usage": 0}}}
    assert only(Engine(listed("api"), numbers=numbers)).cpu_cores is None


def test_a_stopped_container_is_not_measured() -> None:
    engine = Engine(listed("api", State="exited", Status="Exited (1) 5 seconds ago"))
    assert only(engine).health is Health.STOPPED
    assert engine.measured == []


def test_a_missing_container_is_missing() -> None:
    found = stack_status(Engine(), "lab", PLAN)  # type: ignore[arg-type]
    assert (found.services[0].health, found.deployed, found.good) == (Health.MISSING, False, False)


@pytest.mark.parametrize(("stack", "owner"), [(None, "nobody"), ("dev", "dev")])
def test_a_container_of_someone_else_under_our_name_is_theirs(stack: str | None, owner: str) -> None:
    engine = Engine(listed("api", stack))
    found = only(engine)
    assert (found.owner, found.good, engine.measured) == (owner, False, [])


def test_a_container_of_ours_that_no_plan_knows_is_unexpected() -> None:
    engine: Any = Engine(listed("api"), listed("old"), listed("theirs", "dev"))
    assert stack_status(engine, "lab", PLAN).unexpected == ("sutazai-lab-old",)


def test_a_container_that_only_carries_files_is_expected() -> None:
    engine: Any = Engine(listed("api"), listed("web-files", Labels={"sutazai.stack": "lab"}))
    assert stack_status(engine, "lab", PLAN).good


def test_a_container_that_goes_meanwhile_has_no_numbers() -> None:
    found = only(Engine(listed("api", Id="vanished")))
    assert (found.memory_mib, found.restarts) == (None, None)
