"""Every way in which a stack can name a path of the host is found, and what hides one is told."""

from __future__ import annotations

from typing import Any

import pytest
from sutazai_policy.facts import read_facts
from sutazai_policy.host_paths import HostPath, host_paths
from sutazai_policy.reading import Reading

from tests.policy.stacks import UNKNOWN, VOLUME, Secret, Stack, service, small_stack
from tests.policy.unreadable import HIDDEN, LATER


def _found(stack: Stack) -> list[HostPath]:
    return list(host_paths(read_facts(stack.resources())))


def _of_redis(**properties: Any) -> list[tuple[str, Reading[str], bool]]:
    return [(one.what, one.path, one.read_only) for one in _found(small_stack().change("redis", **properties))]


def _mounted(**mount: Any) -> list[tuple[str, Reading[str], bool]]:
    return _of_redis(mounts=[{"target": "/x", **mount}])


def test_a_path_is_its_resources() -> None:
    stack = small_stack().change("redis", volumes=[{"hostPath": "/etc", "containerPath": "/x"}])
    stack.add("data", {"driverOpts": {"type": "none", "o": "bind", "device": "/srv"}}, VOLUME)

    assert _found(stack) == [
        HostPath("redis", stack.urn("redis"), "host path", Reading("/etc"), False),
        HostPath("data", stack.urn("data", VOLUME), "driver option", Reading("/srv"), False),
    ]


@pytest.mark.parametrize(
    "entry",
    [
        {"hostPath": "/etc/"},
        {"volumeName": "//etc"},
        {"hostPath": "/etc", "readOnly": False},
        {"hostPath": "/etc", "readOnly": "true"},
        {"hostPath": "/etc", "readOnly": UNKNOWN},
    ],
)
def test_an_entry_of_volumes_is_a_path(entry: dict[str, Any]) -> None:
    assert _of_redis(volumes=[{"containerPath": "/x", **entry}]) == [("host path", Reading("/etc"), False)]


def test_an_entry_of_volumes_with_both_has_two_and_is_read_only_if_it_says_so() -> None:
    found = _of_redis(
        volumes=[{"hostPath": "/etc", "volumeName": "/usr", "containerPath": "/x", "readOnly": True}]
    )

    assert found == [("host path", Reading("/etc"), True), ("host path", Reading("/usr"), True)]


@pytest.mark.parametrize("mount", [{"type": "bind"}, {"type": "npipe"}, {"type": "BIND"}, {}])
@pytest.mark.parametrize("read_only", [True, False])
def test_a_mount_of_any_but_the_known_types_is_a_path(mount: dict[str, Any], read_only: bool) -> None:
    assert _mounted(source="/etc", readOnly=read_only, **mount) == [("host path", Reading("/etc"), read_only)]


def test_a_services_mount_is_a_path() -> None:
    worker = service(1, 1, 1)
    worker["taskSpec"]["containerSpec"]["mounts"] = [{"target": "/x", "type": "bind", "source": "/etc"}]

    (found,) = _found(Stack().add("worker", worker, "docker:index/service:Service"))

    assert (found.name, found.path) == ("worker", Reading("/etc"))


@pytest.mark.parametrize(
    "properties",
    [
        {"volumes": None, "mounts": []},
        {"volumes": [{"volumeName": "data", "containerPath": "/x"}]},
        {"volumes": [{"containerPath": "/x"}]},
        {"volumes": [{"fromContainer": "/other"}]},
        {"mounts": [{"type": "tmpfs", "target": "/x"}]},
        {"mounts": [{"type": "volume", "target": "/x"}]},
        {"mounts": [{"type": "volume", "target": "/x", "source": "shop-data_1.x", "volumeOptions": {}}]},
        {"mounts": [{"type": "volume", "target": "/x", "source": "d", "volumeOptions": {"driverOptions": None}}]},
        {"uploads": [{"source": "/etc/passwd", "file": "/x"}]},
    ],
)
def test_no_path_is_seen_where_none_is(properties: dict[str, Any]) -> None:
    assert _of_redis(**properties) == []


@pytest.mark.parametrize("name", ["/etc", "//etc/", "/./etc"])
def test_a_volumes_name_that_is_a_path_is_one(name: str) -> None:
    assert _mounted(type="volume", source=name, readOnly=True) == [("volume name", Reading("/etc"), True)]


@pytest.mark.parametrize("name", ["a/b", "-a", ".", "a b", "a:b", "é", "a\n"])
def test_a_volumes_name_that_is_none_is_told(name: str) -> None:
    ((what, path, _),) = _mounted(type="volume", source=name)

    assert what == "volume name"
    assert (path.problem or "").endswith(", no absolute path: write the whole path, from / on")


@pytest.mark.parametrize(
    ("properties", "what", "problem"),
    [
        ({"volumes": UNKNOWN}, "list of mounts", LATER),
        ({"mounts": "x"}, "list of mounts", "is the text 'x', not a list: give a list"),
        ({"volumes": [None]}, "mount", "is null: leave it out"),
        ({"volumes": [5]}, "mount", "is 5, not a group of properties: give a group of properties"),
        ({"volumes": [{"volumeName": UNKNOWN}]}, "volume name", LATER),
        ({"volumes": [{"hostPath": UNKNOWN}]}, "host path", LATER),
        ({"mounts": [UNKNOWN]}, "mount", LATER),
        ({"mounts": [{"type": "volume", "source": UNKNOWN}]}, "volume name", LATER),
        ({"mounts": [{"type": UNKNOWN, "source": "/etc"}]}, "host path", LATER),
        ({"mounts": [{"type": "bind"}]}, "host path", "is missing: give the mount a source, or the type volume"),
        (
            {"mounts": [{"type": "bind", "source": "data"}]},
            "host path",
            "is data, no absolute path: write the whole path, from / on",
        ),
        (
            {"mounts": [{"type": "volume", "volumeOptions": UNKNOWN}]},
            "group of driver options",
            LATER,
        ),
    ],
)
def test_what_cannot_be_read_is_told(properties: dict[str, Any], what: str, problem: str) -> None:
    assert _of_redis(**properties) == [(what, Reading(problem=problem), False)]


@pytest.mark.parametrize(
    "properties",
    [
        {"volumes": Secret([{"hostPath": "/etc"}])},
        {"volumes": [Secret({"hostPath": "/etc"})]},
        {"volumes": [{"hostPath": Secret("/etc")}]},
        {"mounts": Secret([{"type": "bind", "source": "/etc"}])},
        {"mounts": [Secret({"type": "bind", "source": "/etc"})]},
    ],
)
def test_a_secret_path_is_read_and_never_shown(properties: dict[str, Any]) -> None:
    (found,) = _found(small_stack().change("redis", **properties))

    assert found.path == Reading("/etc", secret=True)
    assert found.shown == "that is a secret"


@pytest.mark.parametrize(
    "properties",
    [
        {"volumes": [Secret({"hostPath": 5})]},
        {"volumes": Secret([{"hostPath": "hunter2"}])},
        {"volumes": [{"hostPath": Secret("hunter2")}]},
    ],
)
def test_an_odd_secret_is_not_quoted(properties: dict[str, Any]) -> None:
    ((_, path, _),) = _of_redis(**properties)

    assert path == Reading(problem=HIDDEN, secret=True)


def test_a_path_is_shown_as_it_is_written_and_as_it_was_followed() -> None:
    (found,) = _found(small_stack().change("redis", volumes=[{"hostPath": "/var/run/x"}]))

    assert found.shown == "/var/run/x (/run/x)"


def test_a_service_that_cannot_be_read_is_told() -> None:
    (found,) = _found(Stack().add("worker", {"taskSpec": "x"}, "docker:index/service:Service"))

    problem = "is the text 'x', not a group of properties: give a group of properties"
    assert (found.what, found.path) == ("list of mounts", Reading(problem=problem))
