"""A container and a Swarm service are read from the properties that the provider gives each of them."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from sutazai_policy.parts import EnvVar, problems, readable
from sutazai_policy.reading import Reading
from sutazai_policy.resource import Resource
from sutazai_policy.workload import Container, Service

from tests.policy.stacks import CONTAINER, SERVICE, UNKNOWN, Secret, labels
from tests.policy.unreadable import LATER


def _container(**properties: Any) -> Container:
    return Container(Resource(CONTAINER, "redis", "urn:redis", properties))


def _service(task: Any = None, spec: Any = None, **properties: Any) -> Service:
    if spec is not None:
        task = {**(task or {}), "containerSpec": spec}
    return Service(Resource(SERVICE, "worker", "urn:worker", {"taskSpec": task, **properties}))


def _texts(found: Reading[Any]) -> list[Any]:
    return [one.value for one in found.value or ()]


@pytest.mark.parametrize(
    ("attribute", "key", "value", "found"),
    [
        ("docker_name", "name", "a", "a"),
        ("cpu_set", "cpuSet", "1,3", 0b1010),
        ("cpu_shares", "cpuShares", 512.0, 512),
        ("cpus", "cpus", "0.5", Fraction(1, 2)),
        ("memory", "memory", 512.0, 512),
        ("memory_swap", "memorySwap", -1.0, -1),
        ("memory_reservation", "memoryReservation", 448.0, 448),
        ("cgroup_parent", "cgroupParent", "/x", "/x"),
        ("start", "start", False, False),
        ("must_run", "mustRun", True, True),
        ("restart", "restart", "no", "no"),
        ("network_mode", "networkMode", "bridge", "bridge"),
        ("image", "image", "redis:8", "redis:8"),
        ("user", "user", "1:1", "1:1"),
        ("read_only", "readOnly", True, True),
        ("log_driver", "logDriver", "local", "local"),
        ("stop_grace", "destroyGraceSeconds", 30.0, Fraction(30)),
    ],
)
def test_a_containers_property_is_read_by_its_name_on_the_wire(
    attribute: str, key: str, value: Any, found: Any
) -> None:
    assert getattr(_container(**{key: value}), attribute) == Reading(found)
    assert getattr(_container(), attribute).absent
    assert getattr(_container(**{key: UNKNOWN}), attribute).problem == LATER


def test_a_containers_lists_are_read() -> None:
    one = _container(
        capabilities={"adds": ["CHOWN"], "drops": ["ALL"]},
        healthcheck={"tests": ["CMD", "true"]},
        entrypoints=["/init"],
        command=["serve", Secret("x")],
        networksAdvanced=[{"name": "a"}, {"id": "b"}, {"name": UNKNOWN}],
        logOpts={"max-size": "10m"},
        envs=["A=b"],
        ports=[{"internal": 80.0}],
    )

    assert (_texts(one.capabilities_added), _texts(one.capabilities_dropped)) == (["CHOWN"], ["ALL"])
    assert _texts(one.health_test) == ["CMD", "true"]
    assert _texts(one.command) == ["/init", "serve", "x"]
    assert [text.secret for text in one.command.value or ()] == [False, False, True]
    assert _texts(one.networks) == ["a", None, None]
    assert list(problems(one.networks)) == [LATER]
    assert one.log_options.value == {"max-size": Reading("10m")}
    assert list(readable(one.env)) == [EnvVar("A", Reading("b"), secret=False)]
    assert [port.container.value for port in readable(one.ports)] == [80]


@pytest.mark.parametrize(
    ("properties", "runs"),
    [
        ({}, True),
        ({"start": False}, True),
        ({"mustRun": False}, True),
        ({"start": False, "mustRun": False}, False),
        ({"start": False, "mustRun": False, "restart": "no"}, False),
        ({"start": False, "mustRun": False, "restart": ""}, False),
        ({"start": False, "mustRun": False, "restart": "always"}, True),
        ({"start": False, "mustRun": False, "restart": UNKNOWN}, True),
        ({"start": UNKNOWN, "mustRun": False}, True),
        ({"start": False, "mustRun": "false"}, True),
        ({"start": False, "mustRun": True}, True),
    ],
)
def test_a_container_runs_unless_it_plainly_says_that_it_does_not(properties: Any, runs: bool) -> None:
    assert _container(**properties).runs is runs


def test_a_containers_mounts_are_those_of_both_properties() -> None:
    one = _container(
        volumes=[{"volumeName": "a", "containerPath": "/a"}], mounts=[{"type": "bind", "source": "/b"}]
    )

    assert [mount.source.value for mount in readable(one.mounts)] == ["a", "/b"]
    assert one.mounts.problem is None
    assert not one.mounts.secret


@pytest.mark.parametrize(("volumes", "mounts"), [(UNKNOWN, [{"type": "tmpfs"}]), ([{"volumeName": "a"}], UNKNOWN)])
def test_of_mounts_that_can_not_be_read_the_others_still_are(volumes: Any, mounts: Any) -> None:
    one = _container(volumes=volumes, mounts=mounts)

    assert one.mounts.problem == LATER
    assert len(list(readable(one.mounts))) == 1
    assert _container(mounts=Secret([{"type": "tmpfs"}])).mounts.secret


@pytest.mark.parametrize(("entrypoints", "command"), [(UNKNOWN, ["a"]), (["a"], UNKNOWN)])
def test_of_a_command_that_can_not_be_read_the_rest_still_is(entrypoints: Any, command: Any) -> None:
    one = _container(entrypoints=entrypoints, command=command)

    assert (_texts(one.command), one.command.problem, one.command.secret) == (["a"], LATER, False)
    assert _container(command=Secret(["a"])).command.secret
    assert _container().command.absent


def test_the_service_is_named_by_its_label_else_by_its_resource() -> None:
    assert _container(labels=labels(service="cache")).service == "cache"
    assert _container().service == "redis"
    assert (_container().kind, _service().kind) == ("container", "service")
    assert (_container().name, _container().urn) == ("redis", "urn:redis")


@pytest.mark.parametrize(
    ("attribute", "spec", "found"),
    [
        ("image", {"image": "a:1"}, "a:1"),
        ("user", {"user": "1"}, "1"),
        ("read_only", {"readOnly": True}, True),
        ("stop_grace", {"stopGracePeriod": "1m"}, Fraction(60)),
    ],
)
def test_a_services_container_is_read_from_its_task(attribute: str, spec: Any, found: Any) -> None:
    assert getattr(_service(spec=spec), attribute) == Reading(found)
    assert getattr(_service(), attribute).absent
    assert getattr(_service(spec=UNKNOWN), attribute).problem == LATER
    assert getattr(_service(task=UNKNOWN), attribute).problem == LATER


def test_a_services_lists_are_read() -> None:
    one = _service(
        task={
            "networksAdvanceds": [{"name": "a"}, {"id": "b", "name": "c"}],
            "logDriver": {"name": "local", "options": {"max-size": "1m"}},
        },
        spec={
            "capAdds": ["CHOWN"],
            "capDrops": ["ALL"],
            "healthcheck": {"tests": ["NONE"]},
            "commands": ["run"],
            "args": ["all"],
            "env": {"A": "b"},
            "mounts": [{"type": "bind", "source": "/b"}],
        },
        endpointSpec={"ports": [{"targetPort": 80.0}]},
    )

    assert (_texts(one.capabilities_added), _texts(one.capabilities_dropped)) == (["CHOWN"], ["ALL"])
    assert (_texts(one.health_test), _texts(one.command)) == (["NONE"], ["run", "all"])
    assert _texts(one.networks) == ["a", "b"]
    assert (one.log_driver, one.log_options.value) == (Reading("local"), {"max-size": Reading("1m")})
    assert [variable.name for variable in readable(one.env)] == ["A"]
    assert [mount.source.value for mount in readable(one.mounts)] == ["/b"]
    assert [port.container.value for port in readable(one.ports)] == [80]


def test_a_services_sizes_are_read() -> None:
    sizes = {"reservation": {"nanoCpus": 5.0, "memoryBytes": 6.0}, "limits": {"nanoCpus": 7.0, "memoryBytes": 8.0}}
    one = _service(task={"resources": sizes})

    found = (one.reserved_cpu, one.reserved_memory, one.limit_cpu, one.limit_memory)
    assert [size.value for size in found] == [5, 6, 7, 8]


@pytest.mark.parametrize(
    ("mode", "replicas", "runs"),
    [
        (None, None, True),
        ({"replicated": {"replicas": 3.0}}, 3, True),
        ({"replicated": {"replicas": 0.0}}, 0, False),
        ({"global": True}, 1, True),
        ({"global": True, "replicated": {"replicas": 0.0}}, 1, True),
        ({"global": False, "replicated": {"replicas": 2.0}}, 2, True),
        ({"global": "no", "replicated": {"replicas": 0.0}}, None, True),
        (UNKNOWN, None, True),
        ({"replicated": {"replicas": UNKNOWN}}, None, True),
    ],
)
def test_a_service_runs_so_often_as_its_mode_says(mode: Any, replicas: int | None, runs: bool) -> None:
    one = _service(mode=mode)

    assert (one.replicas.value, one.runs) == (replicas, runs)


def test_a_services_labels_are_those_of_the_service_and_of_its_containers() -> None:
    one = _service(spec={"labels": labels(pool="ml")}, labels=labels(tier="3"))

    assert (one.labels.pool.value, one.labels.tier.value) == ("ml", "3")
