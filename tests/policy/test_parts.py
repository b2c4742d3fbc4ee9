"""Variables, mounts and ports, as containers and Swarm services write them."""

from __future__ import annotations

from typing import Any

import pytest
from sutazai_policy import reading
from sutazai_policy.parts import (
    EnvVar,
    Mount,
    Port,
    container_ports,
    mounts_of,
    problems,
    read_env_list,
    read_env_table,
    readable,
    service_ports,
    volumes_of,
)
from sutazai_policy.reading import Reading

from tests.policy.stacks import UNKNOWN, Secret
from tests.policy.unreadable import LATER

_NO_TEXT = "is 5, not a text: give a text"


def _volumes(*given: Any) -> list[Reading[Mount]]:
    return list(volumes_of({"volumes": list(given)}).value or ())


def _mounts(*given: Any) -> list[Mount]:
    return list(readable(mounts_of({"mounts": list(given)})))


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ("A=b", EnvVar("A", Reading("b"), secret=False)),
        ("A=b=c", EnvVar("A", Reading("b=c"), secret=False)),
        ("A=", EnvVar("A", Reading(""), secret=False)),
        ("A", EnvVar("A", Reading(), secret=False)),
        (Secret("A=b"), EnvVar("A", Reading("b", secret=True), secret=True)),
    ],
)
def test_a_variable_of_a_container_is_a_name_and_perhaps_a_value(given: Any, found: EnvVar) -> None:
    assert read_env_list(reading.texts({"x": [given]}, "x")).value == (Reading(found),)


def test_a_variable_that_can_not_be_read_hides_no_other() -> None:
    found = read_env_list(reading.texts({"x": ["A=b", UNKNOWN, 5, "C=d"]}, "x"))

    assert [one.name for one in readable(found)] == ["A", "C"]
    assert list(problems(found)) == [LATER, _NO_TEXT]


def test_an_environment_that_is_secret_as_a_whole_is_so_in_each_part() -> None:
    for found in (
        read_env_list(reading.texts({"x": Secret(["A=b"])}, "x")),
        read_env_table(reading.table({"x": Secret({"A": "b"})}, "x")),
    ):
        assert found.value == (Reading(EnvVar("A", Reading("b", secret=True), secret=True)),)


def test_a_services_environment_is_a_table() -> None:
    found = read_env_table(reading.table({"x": {"A": "b", "C": UNKNOWN, "D": Secret("e")}}, "x"))

    assert list(readable(found)) == [
        EnvVar("A", Reading("b"), secret=False),
        EnvVar("C", Reading(problem=LATER), secret=False),
        EnvVar("D", Reading("e", secret=True), secret=True),
    ]


@pytest.mark.parametrize("read", [read_env_list, read_env_table])
def test_an_environment_that_can_not_be_read_says_why(read: Any) -> None:
    assert read(Reading(problem="is odd")) == Reading(problem="is odd")
    assert read(Reading()).absent


@pytest.mark.parametrize(
    ("given", "kind", "source"),
    [
        ({"volumeName": "data"}, "volume", Reading("data")),
        ({"volumeName": "/data"}, "bind", Reading("/data")),
        ({"volumeName": "./data"}, "bind", Reading("./data")),
        ({"volumeName": "~/data"}, "bind", Reading("~/data")),
        ({"hostPath": "/data"}, "bind", Reading("/data")),
        ({"fromContainer": "redis"}, "from", Reading("redis")),
        ({}, "anonymous", Reading()),
        ({"volumeName": "", "hostPath": None}, "anonymous", Reading()),
        ({"volumeName": UNKNOWN}, "volume", Reading(problem=LATER)),
        ({"hostPath": 5}, "bind", Reading(problem=_NO_TEXT)),
        ({"volumeName": Secret("data")}, "volume", Reading("data", secret=True)),
    ],
)
def test_a_containers_volume_is_what_its_properties_say(given: Any, kind: str, source: Reading[str]) -> None:
    (found,) = _volumes({"containerPath": "/in", "readOnly": True, **given})

    assert found.value is not None
    assert (found.value.kind, found.value.source, found.value.target) == (kind, source, Reading("/in"))
    assert found.value.read_only is (kind != "anonymous")


@pytest.mark.parametrize("flag", [False, None, "true", UNKNOWN, 1.0])
def test_a_volume_is_read_only_where_that_is_plainly_said(flag: Any) -> None:
    assert not [
        one for one in _volumes({"volumeName": "data", "readOnly": flag}) if one.value and one.value.read_only
    ]
    assert not [one for one in _mounts({"type": "volume", "source": "a", "readOnly": flag}) if one.read_only]


def test_a_mount_is_read_only_where_that_is_plainly_said() -> None:
    (found,) = _mounts({"type": "volume", "source": "a", "readOnly": True})

    assert found.read_only


def test_a_volume_that_says_several_things_is_all_of_them() -> None:
    found = _volumes({"volumeName": "data", "hostPath": "/host", "fromContainer": "redis"})

    assert [(one.value.kind, one.value.source.value) for one in found if one.value] == [
        ("from", "redis"),
        ("bind", "/host"),
        ("volume", "data"),
    ]


def test_a_volume_that_can_not_be_read_hides_no_other() -> None:
    found = volumes_of({"volumes": [UNKNOWN, "a", {"volumeName": "data"}]})

    assert [one.source.value for one in readable(found)] == ["data"]
    assert [text[:15] for text in problems(found)] == [LATER[:15], "is the text 'a'"]
    assert list(problems(volumes_of({"volumes": UNKNOWN}))) == [LATER]


@pytest.mark.parametrize("read", [volumes_of, mounts_of])
def test_what_is_mounted_in_secret_stays_secret(read: Any) -> None:
    key = "volumes" if read is volumes_of else "mounts"
    entry = {"hostPath": "/data", "source": "/data", "type": "bind"}
    for given in (Secret([entry]), [Secret(entry)]):
        (found,) = read({key: given}).value
        assert found.secret
        assert found.value.source == Reading("/data", secret=True)


@pytest.mark.parametrize(
    ("given", "kind", "source"),
    [
        ({"type": "bind", "source": "/a"}, "bind", Reading("/a")),
        ({"type": "volume", "source": "a"}, "volume", Reading("a")),
        ({"type": "volume"}, "anonymous", Reading()),
        ({"type": "tmpfs"}, "tmpfs", Reading()),
        ({"type": "npipe", "source": "a"}, "bind", Reading("a")),
        ({"type": "BIND", "source": "a"}, "bind", Reading("a")),
        ({"source": "a"}, "bind", Reading("a")),
        ({"type": UNKNOWN, "source": "a"}, "bind", Reading(problem=LATER)),
        ({"type": "volume", "source": UNKNOWN}, "volume", Reading(problem=LATER)),
    ],
)
def test_a_mount_is_of_its_kind_and_of_the_worst_where_that_can_not_be_read(
    given: Any, kind: str, source: Reading[str]
) -> None:
    (found,) = _mounts({"target": "/in", **given})

    assert (found.kind, found.source, found.target) == (kind, source, Reading("/in"))
    assert found.odd_kind == (LATER if given.get("type") is UNKNOWN else None)


def test_a_mount_is_read_with_its_options() -> None:
    options = {"driverName": "local", "driverOptions": {"device": "/srv", "o": UNKNOWN}}
    (found,) = _mounts({"type": "volume", "bindOptions": {"propagation": "rshared"}, "volumeOptions": options})

    assert (found.propagation, found.driver) == (Reading("rshared"), Reading("local"))
    assert found.driver_options.value == {"device": Reading("/srv"), "o": Reading(problem=LATER)}
    (odd,) = _mounts({"type": "volume", "bindOptions": UNKNOWN, "volumeOptions": 5})
    assert odd.propagation.problem == LATER
    assert odd.driver.problem == odd.driver_options.problem


def test_a_containers_port_is_open_to_all_unless_it_says_to_whom() -> None:
    ports = [{"internal": 80.0, "external": 8080.0}, {"internal": 80.0, "ip": "127.0.0.1"}, {"ip": UNKNOWN}]

    assert list(readable(container_ports({"ports": ports}))) == [
        Port(Reading("0.0.0.0"), Reading(8080), Reading(80)),  # noqa: S104
        Port(Reading("127.0.0.1"), Reading(), Reading(80)),
        Port(Reading(problem=LATER), Reading(), Reading()),
    ]


def test_a_services_port_is_open_to_all() -> None:
    ports = [{"targetPort": 80.0, "publishedPort": 8080.0, "ip": "127.0.0.1"}, "a"]
    found = service_ports({"ports": ports})

    assert list(readable(found)) == [Port(Reading("0.0.0.0"), Reading(8080), Reading(80))]  # noqa: S104
    assert len(list(problems(found))) == 1


@pytest.mark.parametrize("read", [volumes_of, mounts_of, container_ports, service_ports])
def test_nothing_is_nothing(read: Any) -> None:
    assert read({}).absent
