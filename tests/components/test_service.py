"""One container, as it is handed to the provider."""

from __future__ import annotations

from typing import Any

import pytest

from sutazai_infra.components.service import Service, ServiceArgs
from sutazai_infra.model.container import ContainerSpec, MountSpec, PortSpec
from tests.components.recording import Registered, record
from tests.components.specs import HEALTH, container, secret_file


def registered(spec: ContainerSpec | None = None, volumes: dict[str, str] | None = None) -> Registered:
    args = ServiceArgs("shop", spec or container(), volumes or {})
    return record(lambda: Service(args.spec.instance, args)).one("Container", args.spec.instance)


def inputs(spec: ContainerSpec | None = None) -> dict[str, Any]:
    return dict(registered(spec).inputs)


def labels(spec: ContainerSpec | None = None) -> dict[str, str]:
    return {entry["label"]: entry["value"] for entry in inputs(spec)["labels"]}


def test_it_is_pinned_and_limited_and_swap_is_the_limit() -> None:
    given = inputs(container(cgroup_parent="/sutazai/shop/infrastructure"))

    assert given["cpuSet"] == "2-3"
    assert given["cpuShares"] == 409
    assert given["cpus"] == "1.0"
    assert (given["memory"], given["memorySwap"], given["memoryReservation"]) == (512, 512, 448)
    assert given["cgroupParent"] == "/sutazai/shop/infrastructure"


def test_it_has_no_rights() -> None:
    given = inputs(container(capabilities=("CAP_NET_ADMIN",)))

    assert given["capabilities"] == {"adds": ["CAP_NET_ADMIN"], "drops": ["ALL"]}
    assert given["securityOpts"] == ["no-new-privileges:true"]
    assert given["readOnly"] is True
    assert given["user"] == "999:999"
    assert "privileged" not in given


def test_it_restarts_a_limited_number_of_times_and_its_log_stays_small() -> None:
    given = inputs()

    assert (given["restart"], given["maxRetryCount"]) == ("on-failure", 5)
    assert (given["logDriver"], given["logOpts"]) == ("json-file", {"max-file": "3", "max-size": "10m"})


def test_its_log_is_as_large_as_it_says() -> None:
    given = inputs(container(log_size_mib=25, log_files=2))

    assert given["logOpts"] == {"max-file": "2", "max-size": "25m"}


def test_it_is_given_time_to_stop() -> None:
    given = inputs(container(stop_signal="SIGINT", stop_grace_s=120))

    assert (given["destroyGraceSeconds"], given["stopTimeout"], given["stopSignal"]) == (120, 120, "SIGINT")


def test_its_health_check_is_written_as_docker_reads_it_back() -> None:
    assert inputs()["healthcheck"] == {
        "tests": ["CMD", "true"],
        "interval": "1.5s",
        "timeout": "3s",
        "startPeriod": "10s",
        "retries": 3,
    }


@pytest.mark.parametrize(
    ("milliseconds", "written"),
    [(500, "500ms"), (1000, "1s"), (1343, "1.343s"), (60000, "1m0s"), (61500, "1m1.5s"), (3600000, "1h0m0s")],
)
def test_durations_are_written_as_go_writes_them(milliseconds: int, written: str) -> None:
    health = HEALTH.model_copy(update={"interval_ms": milliseconds})

    assert inputs(container(health=health))["healthcheck"]["interval"] == written


@pytest.mark.parametrize(
    ("cores", "written"),
    # `10.` is what the provider itself makes of 10: an odd text, and a whole number to Docker.
    [(1.0, "1.0"), (0.25, "0.25"), (0.5, "0.5"), (10.0, "10."), (0.05, "0.1"), (1.333333333, "1.333333333")],
)
def test_cores_are_written_as_the_provider_reads_them_back(cores: float, written: str) -> None:
    assert inputs(container(cpus=cores))["cpus"] == written


def test_a_limit_of_the_whole_host_is_left_out() -> None:
    assert "cpus" not in inputs(container(cpus=None))


def test_only_who_is_needed_is_waited_for_and_never_longer_than_docker_tries() -> None:
    given = inputs(container(awaited=True))

    assert given["wait"] is True
    # 10 s to start, then three probes that may fail and one more, each 2 s apart and 3 s long.
    assert given["waitTimeout"] == 10 + 4 * (2 + 3)
    assert inputs()["wait"] is False


def test_its_labels_are_its_identity_and_what_the_provider_would_not_apply() -> None:
    given = labels()

    assert len(given.pop("sutazai.replaces-on")) == 12
    assert given == {
        "sutazai.stack": "shop",
        "sutazai.service": "redis",
        "sutazai.instance": "redis",
        "sutazai.pool": "infrastructure",
        "sutazai.tier": "1",
        "sutazai.priority": "critical",
    }


@pytest.mark.parametrize(
    "changes",
    [
        {"health": HEALTH.model_copy(update={"retries": 4})},
        {"health": HEALTH.model_copy(update={"interval_ms": 9000})},
        {"tmpfs": {"/tmp": 32}},  # noqa: S108  a path in the container
    ],
)
def test_what_the_provider_would_not_apply_changes_a_label_and_so_replaces(changes: dict[str, Any]) -> None:
    assert labels(container(**changes)) != labels()


@pytest.mark.parametrize(
    "changes", [{"core_set": "4"}, {"cpu_shares": 2}, {"memory_mib": 600}, {"memory_reservation_mib": 64}]
)
def test_what_changes_in_place_changes_no_label_and_nothing_that_replaces(changes: dict[str, Any]) -> None:
    in_place = {"cpuSet", "cpuShares", "memory", "memorySwap", "memoryReservation"}
    before, after = inputs(), inputs(container(**changes))

    assert {key for key in after if after[key] != before[key]} <= in_place


def replaces_on(version: int, **changes: Any) -> str:
    """Return the label of a container whose password has a version."""
    file = secret_file().model_copy(update=changes)
    args = ServiceArgs("shop", container(files=(file,)), {"/run/secrets": "files"}, {"redis-password": version})
    given = record(lambda: Service("redis", args)).one("Container", "redis").inputs["labels"]
    return str({entry["label"]: entry["value"] for entry in given}["sutazai.replaces-on"])


def test_another_version_of_a_secret_replaces_who_reads_it_and_leaves_the_policy_packs_digest() -> None:
    first, second = (replaces_on(version).split("-") for version in (1, 2))

    assert first[0] == second[0] == labels()["sutazai.replaces-on"]
    assert first[1] != second[1]
    assert replaces_on(1).split("-") == first


def test_who_reads_a_secret_only_while_its_data_is_made_is_not_replaced_for_it() -> None:
    assert replaces_on(1, once=True) == replaces_on(2, once=True)


def test_ports_are_bound_to_the_loopback() -> None:
    given = inputs(container(ports=(PortSpec(container=6379, host=10001),)))

    assert given["ports"] == [{"internal": 6379, "external": 10001, "ip": "127.0.0.1"}]


def test_its_files_are_mounted_read_only_beside_its_volumes() -> None:
    mounts = (MountSpec(volume="sutazai-shop-redis-data", path="/data", read_only=False),)

    assert registered(container(mounts=mounts), {"/run/secrets": "files"}).inputs["volumes"] == [
        {"volumeName": "sutazai-shop-redis-data", "containerPath": "/data", "readOnly": False},
        {"volumeName": "files", "containerPath": "/run/secrets", "readOnly": True},
    ]


def test_a_socket_of_the_host_is_mounted_where_it_is_there() -> None:
    assert inputs(container(sockets=("/run/engine.sock",)))["volumes"] == [
        {"hostPath": "/run/engine.sock", "containerPath": "/run/engine.sock", "readOnly": True}
    ]


def test_a_container_without_any_network_is_on_no_bridge() -> None:
    given = inputs(container(networks=()))

    assert (given["networkMode"], given.get("networksAdvanced", [])) == ("none", [])


def test_a_replica_answers_to_its_service_and_to_its_own_name() -> None:
    networks = inputs(container("agent-2", service="agent"))["networksAdvanced"]

    assert networks == [{"name": "sutazai-shop-infrastructure", "aliases": ["agent", "agent-2"]}]


def test_a_replacement_comes_when_the_old_one_is_gone() -> None:
    assert registered().delete_first


def test_the_component_tells_its_name_cores_and_memory() -> None:
    recording = record(lambda: Service("redis", ServiceArgs("shop", container())))

    assert recording.outputs["redis"] == {"name": "sutazai-shop-redis", "coreSet": "2-3", "memoryMib": 512}
    assert recording.one("Container", "redis").parent == "redis"
