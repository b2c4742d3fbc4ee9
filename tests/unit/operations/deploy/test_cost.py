from __future__ import annotations

from typing import Any

from sutazai_infra.model.container import ContainerSpec, HealthSpec, MountSpec, StackSpec, VolumeSpec
from sutazai_infra.operations.deploy.cost import Away, ServiceCost, costs
from sutazai_infra.operations.deploy.events import Change, Outcome

HEALTH = HealthSpec(test=("CMD", "true"), interval_ms=4000, timeout_s=5, retries=3, start_period_s=10)


def container(instance: str, service: str = "", **more: Any) -> ContainerSpec:
    values: dict[str, Any] = {
        "instance": instance, "name": f"sutazai-lab-{instance}", "service": service or instance, "pool": "web",
        "tier": 1, "priority": "high", "image": "any", "command": (), "env": {}, "user": None, "read_only": True,
        "tmpfs": {},
        "capabilities": (), "networks": (), "ports": (), "mounts": (), "files": (), "log_size_mib": 1,
        "log_files": 1, "core_set": "0", "cpu_shares": 2, "cpus": None, "memory_mib": 64,
        "memory_reservation_mib": 64,
        "health": HEALTH, "restart_retries": 1, "stop_grace_s": 30, "stop_signal": None, "cgroup_parent": None,
        "depends_on": (), "awaited": True,
    }  # fmt: skip
    return ContainerSpec(**(values | more))


DATA = VolumeSpec(key="data", name="sutazai-lab-data", data=True)
SPEC = StackSpec(
    stack="lab",
    networks=(),
    volumes=(DATA, VolumeSpec(key="cache", name="sutazai-lab-cache", data=False)),
    containers=(
        container(
            "db",
            mounts=(
                MountSpec(volume="sutazai-lab-data", path="/data", read_only=False),
                MountSpec(volume="sutazai-lab-cache", path="/cache", read_only=False),
            ),
        ),
        container("api", "api"),
        container("api-2", "api"),
    ),
)


def told(*changes: Change) -> tuple[ServiceCost, ...]:
    return costs(SPEC, Outcome(changes))


def test_the_only_replica_is_away_until_it_is_found_healthy_and_its_data_stays() -> None:
    assert told(Change("replace", "container", "db", because=("image",))) == (
        ServiceCost(
            service="db",
            instances=("db",),
            sort="replaced",
            because=("image",),
            # 30 s to stop, 10 s to start, and four probes of 9 s.
            away=Away(expected_s=5, most_s=76),
            data=("sutazai-lab-data",),
        ),
    )


def test_replicas_go_one_after_the_other_and_the_service_is_never_away() -> None:
    (cost,) = told(
        Change("replace", "container", "api-2", because=("envs", "labels")),
        Change("replace", "container", "api", because=("labels", "envs")),
    )
    assert (cost.instances, cost.because, cost.away) == (("api-2", "api"), ("envs",), None)


def test_a_label_alone_is_a_reason() -> None:
    (cost,) = told(Change("replace", "container", "api", because=("labels",)))
    assert cost.because == ("labels",)


def test_what_changes_in_place_interrupts_nobody() -> None:
    assert told(Change("update", "container", "db", ("memory 64 -> 128",))) == (
        ServiceCost(service="db", instances=("db",), sort="in place"),
    )


def test_the_costly_come_first_and_networks_and_carriers_of_files_cost_nothing() -> None:
    found = told(
        Change("create", "network", "front"),
        Change("replace", "container", "web-files"),
        Change("update", "container", "api"),
        Change("create", "container", "api-2"),
        Change("delete", "container", "gone"),
        Change("replace", "container", "db"),
    )
    assert [(cost.sort, cost.service) for cost in found] == [
        ("replaced", "db"),
        ("removed", "gone"),
        ("new", "api"),
        ("in place", "api"),
    ]
