"""What a container mounts of the host is allowed by its path; how one is found has tests of its own."""

from __future__ import annotations

from typing import Any

import pytest
from sutazai_policy.rules.host_paths import RULE

from tests.policy.stacks import SERVICE, UNKNOWN, VOLUME, Secret, Stack, messages, service, small_stack, violations
from tests.policy.unreadable import HIDDEN, LATER

_REFUSED = "mounts the host path {}: keep the data in a volume, or name the path in allowed"
_WRITABLE = "mounts the host path {} writable: mount it read-only, as allowed says"
_DRIVER = "has the volume driver {}, and there is {}: leave the driver out, or name it in drivers"


def _bind(path: Any, *, read_only: bool = False) -> Stack:
    volume = {"hostPath": path, "containerPath": "/x", "readOnly": read_only}
    return small_stack().change("redis", volumes=[volume])


def _volume(**properties: Any) -> Stack:
    return small_stack().add("data", {"name": "data", **properties}, VOLUME)


def _driver(name: Any) -> Stack:
    mount = {"type": "volume", "source": "d", "target": "/x", "volumeOptions": {"driverName": name}}
    return small_stack().change("redis", mounts=[mount])


@pytest.mark.parametrize(
    "stack",
    [
        small_stack(),
        small_stack().change("redis", volumes=[{"volumeName": "data", "containerPath": "/x"}]),
        _driver("local"),
        _driver(None),
        _driver(""),
        _volume(driver="local", driverOpts=None),
        _volume(driver=None, driverOpts={}),
        _volume(driverOpts={"type": "tmpfs", "device": "tmpfs"}),
    ],
)
def test_passes_volumes_that_are_no_path(stack: Stack) -> None:
    assert messages(RULE, stack) == []


@pytest.mark.parametrize("read_only", [True, False])
def test_refuses_a_path_of_the_host(read_only: bool) -> None:
    stack = _bind("/etc", read_only=read_only)

    (found,) = violations(RULE, stack)

    assert found.message == f"redis {_REFUSED.format('/etc')}"
    assert found.urn == stack.urn("redis")


def test_refuses_a_volume_that_is_a_path_of_the_host() -> None:
    stack = _volume(driverOpts={"type": "none", "o": "bind", "device": "/etc"})

    (found,) = violations(RULE, stack)

    assert found.message == f"data {_REFUSED.format('/etc')}"
    assert found.urn == stack.urn("data", VOLUME)


def test_refuses_a_path_of_a_service() -> None:
    worker = service(1, 1, 1)
    worker["taskSpec"]["containerSpec"]["mounts"] = [{"target": "/x", "type": "bind", "source": "/etc"}]

    assert messages(RULE, Stack().add("worker", worker, SERVICE)) == [f"worker {_REFUSED.format('/etc')}"]


def test_refuses_each_path() -> None:
    volumes = [{"hostPath": path, "containerPath": path} for path in ("/etc", "/srv", "/usr")]
    stack = small_stack().change("redis", volumes=volumes)

    assert messages(RULE, stack, allowed=["/srv"]) == [
        f"redis {_REFUSED.format('/etc')}",
        f"redis {_REFUSED.format('/usr')}",
    ]


def test_refuses_a_secret_path_without_showing_it() -> None:
    assert messages(RULE, _bind(Secret("/hunter2"))) == [f"redis {_REFUSED.format('that is a secret')}"]
    assert messages(RULE, _bind(Secret("/hunter2")), allowed=["/hunter2:ro"]) == [
        f"redis {_WRITABLE.format('that is a secret')}"
    ]


def test_refuses_another_volume_driver() -> None:
    stack = _volume(driver="rclone")

    (found,) = violations(RULE, stack)

    assert found.message == f"data {_DRIVER.format('rclone', 'local')}"
    assert found.urn == stack.urn("data", VOLUME)
    (found,) = violations(RULE, _driver("rclone"))
    assert (found.message, found.urn) == (f"redis {_DRIVER.format('rclone', 'local')}", stack.urn("redis"))


def test_refuses_a_secret_volume_driver_without_showing_it() -> None:
    assert messages(RULE, _volume(driver=Secret("hunter2"))) == [
        f"data {_DRIVER.format('that is a secret', 'local')}"
    ]
    mounts = Secret([{"type": "volume", "target": "/x", "volumeOptions": {"driverName": "hunter2"}}])
    assert messages(RULE, small_stack().change("redis", mounts=mounts)) == [
        f"redis {_DRIVER.format('that is a secret', 'local')}"
    ]


@pytest.mark.parametrize("path", ["/srv", "/srv/data", "//srv/./data/"])
@pytest.mark.parametrize("allowed", ["/srv", "/srv/", "//srv/.", "/"])
def test_obeys_allowed_for_what_lies_below(path: str, allowed: str) -> None:
    assert messages(RULE, _bind(path), allowed=["/opt", allowed]) == []


@pytest.mark.parametrize("path", ["/srv2", "/var/run/x", "/proc/1/root/etc"])
def test_obeys_allowed_for_nothing_else(path: str) -> None:
    assert len(messages(RULE, _bind(path), allowed=["/srv", "/proc", "/var"])) == 1


def test_obeys_allowed_in_any_spelling() -> None:
    assert messages(RULE, _bind("/run/x"), allowed=["/var/run"]) == []
    assert messages(RULE, _bind("/proc/1/root/srv"), allowed=["/srv"]) == []


@pytest.mark.parametrize("allowed", ["/proc:ro", "/proc/:ro"])
def test_obeys_allowed_for_read_only_mounts_alone(allowed: str) -> None:
    assert messages(RULE, _bind("/proc", read_only=True), allowed=[allowed]) == []
    assert messages(RULE, _bind("/proc"), allowed=[allowed]) == [f"redis {_WRITABLE.format('/proc')}"]
    assert messages(RULE, _bind("/sys"), allowed=[allowed]) == [f"redis {_REFUSED.format('/sys')}"]
    assert messages(RULE, _bind("/proc/sys"), allowed=["/proc/sys", allowed]) == []


@pytest.mark.parametrize(
    ("allowed", "problem"),
    [
        ("srv", "the path is srv, no absolute path: write the whole path, from / on"),
        (":ro", "the path is '', no absolute path: write the whole path, from / on"),
        ("/srv/..", "the path is /srv/.., which goes up again: write the path that it leads to"),
    ],
)
def test_obeys_no_setting_that_is_no_path(allowed: str, problem: str) -> None:
    assert messages(RULE, small_stack(), allowed=[allowed]) == [
        f"the settings of host-paths can't be used: allowed.0: {problem}"
        " (they come from policy/stacks.yaml and --policy-pack-config)"
    ]


def test_obeys_drivers() -> None:
    assert messages(RULE, _volume(driver="rclone"), drivers=["local", "rclone"]) == []
    assert messages(RULE, _driver("local"), drivers=["rclone", "sshfs"]) == [
        f"redis {_DRIVER.format('local', 'rclone, sshfs')}"
    ]


def test_obeys_an_exception_for_one_service_and_no_other() -> None:
    stack = _bind("/etc").change("agent", volumes=[{"hostPath": "/etc", "containerPath": "/x"}])
    exception = {"service": "agent", "reason": "measures the host's disks", "expires": "2027-01-31"}

    assert messages(RULE, stack, exceptions=[exception]) == [f"redis {_REFUSED.format('/etc')}"]


def test_unknown_values_are_violations() -> None:
    assert messages(RULE, _bind(UNKNOWN)) == [f"redis has a host path that {LATER}"]
    (found,) = violations(RULE, _volume(driver=UNKNOWN))
    assert found.message == f"data has a volume driver that {LATER}"
    assert found.urn == Stack().urn("data", VOLUME)
    assert messages(RULE, _driver(5)) == ["redis has a volume driver that is 5, not a text: give a text"]
    assert messages(RULE, _volume(driverOpts=UNKNOWN)) == [f"data has a group of driver options that {LATER}"]
    assert messages(RULE, small_stack().change("redis", mounts=UNKNOWN)) == [
        f"redis has a list of mounts that {LATER}"
    ]


def test_an_odd_secret_is_not_quoted() -> None:
    mounts = [Secret({"type": "volume", "target": "/x", "volumeOptions": {"driverName": 5}})]

    assert messages(RULE, small_stack().change("redis", mounts=mounts)) == [
        f"redis has a volume driver that {HIDDEN}"
    ]


def test_a_service_that_cannot_be_read_is_a_violation() -> None:
    (found,) = messages(RULE, Stack().add("worker", {"taskSpec": UNKNOWN}, SERVICE))

    assert found == f"worker has a list of mounts that {LATER}"


def test_an_entry_that_is_none_is_a_violation() -> None:
    assert messages(RULE, small_stack().change("redis", mounts=[None])) == [
        "redis has a mount that is null: leave it out"
    ]
