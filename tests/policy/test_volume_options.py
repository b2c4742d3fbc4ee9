"""A volume's options name paths of the host in many ways, on a `docker.Volume` as on a mount."""

from __future__ import annotations

from typing import Any

import pytest
from sutazai_policy.facts import read_facts
from sutazai_policy.host_paths import host_paths, mount_flags
from sutazai_policy.reading import Reading

from tests.policy.stacks import UNKNOWN, VOLUME, Secret, Stack, small_stack
from tests.policy.unreadable import HIDDEN, LATER


def _found(stack: Stack) -> list[tuple[str, Reading[str], bool]]:
    return [(one.what, one.path, one.read_only) for one in host_paths(read_facts(stack.resources()))]


def _of_volume(options: Any) -> list[tuple[str, Reading[str], bool]]:
    return _found(Stack().add("data", {"name": "data", "driverOpts": options}, VOLUME))


def _mounted(**mount: Any) -> list[tuple[str, Reading[str], bool]]:
    return _found(small_stack().change("redis", mounts=[{"target": "/x", **mount}]))


@pytest.mark.parametrize(
    ("options", "paths"),
    [
        (None, []),
        ({}, []),
        ({"size": "10g"}, []),
        ({"type": "tmpfs", "device": "tmpfs", "o": "size=64m"}, []),
        ({"type": "tmpfs", "device": "/etc"}, []),
        ({"type": "none", "device": "/etc", "o": "bind"}, ["/etc"]),
        ({"type": "none", "device": "/etc", "o": "nosuid, RBIND"}, ["/etc"]),
        ({"type": "tmpfs", "device": "/etc", "o": "bind"}, ["/etc"]),
        ({"type": "tmpfs", "device": "/etc", "o": "rbind"}, ["/etc"]),
        ({"type": "/etc", "o": "/etc"}, []),
        ({"type": "cifs", "device": "//etc", "o": "bind"}, ["/etc"]),
        ({"type": "nfs", "device": "/etc", "o": "addr=10.0.0.1,rw"}, ["/etc"]),
        ({"type": "nfs", "device": "//etc"}, ["/etc"]),
        ({"type": "nfs", "device": ":/export", "o": "addr=10.0.0.1,rw"}, []),
        ({"type": "nfs4", "device": "nas:/export"}, []),
        ({"type": "cifs", "device": "//nas/share", "o": "addr=10.0.0.1"}, []),
        ({"type": "cifs", "device": "/etc"}, ["/etc"]),
        ({"type": "smb3", "device": "//nas/share"}, []),
        ({"type": "ext4", "device": "//nas/share"}, ["/nas/share"]),
        ({"type": "ext4", "device": "/dev/sda1", "o": "journal_path=/srv/a"}, ["/srv/a", "/dev/sda1"]),
        ({"device": "/dev/sda1"}, ["/dev/sda1"]),
        ({"type": "overlay", "device": "overlay", "o": "lowerdir=/etc:/usr,upperdir=/a,workdir=/b"},
         ["/etc", "/usr", "/a", "/b"]),
        ({"type": "overlay", "device": "overlay", "o": "x, lowerdir+=/etc,datadir+=/usr"}, ["/etc", "/usr"]),
        ({"type": "overlay", "device": "/etc"}, ["/etc"]),
        ({"type": "none", "device": "", "o": "ro,lowerdir=etc"}, []),
        ({"mountpoint": "/etc", "label": "x/y"}, ["/etc"]),
        ({"type": "proc", "device": "x"}, ["/proc"]),
        ({"type": "sysfs", "device": "x"}, ["/sys"]),
        ({"type": "devtmpfs", "device": "x"}, ["/dev"]),
        ({"type": "devpts", "device": "x"}, ["/dev/pts"]),
        ({"type": "debugfs", "device": "x"}, ["/sys/kernel/debug"]),
        ({"type": "tracefs", "device": "x"}, ["/sys/kernel/tracing"]),
        ({"type": "bpf", "device": "x"}, ["/sys/fs/bpf"]),
        ({"type": "cgroup", "device": "x"}, ["/sys/fs/cgroup"]),
        ({"type": "cgroup2", "device": "x"}, ["/sys/fs/cgroup"]),
        ({"type": "proc", "device": ""}, []),
    ],
)  # fmt: skip
def test_a_volumes_options_name_paths(options: Any, paths: list[str]) -> None:
    expected = [("driver option", Reading(path), False) for path in paths]

    assert _of_volume(options) == expected
    assert _mounted(type="volume", source="d", volumeOptions={"driverOptions": options}) == expected


@pytest.mark.parametrize(("options", "told"), [
    ({"type": "none", "o": "bind", "device": "etc"}, ["etc"]),
    ({"type": "none", "o": "bind"}, ["''"]),
    ({"type": "fuse.sshfs", "device": "u@host:"}, ["u@host:"]),
    ({"type": "NFS", "device": ":/export"}, [":/export"]),
    ({"type": "nfs", "device": "export"}, ["export"]),
    ({"type": "none", "device": "etc", "o": "lowerdir=usr"}, ["etc"]),
    ({"type": "overlay", "device": "overlay"}, ["overlay"]),
    ({"type": "overlay", "device": "overlay", "o": "index=off,x"}, ["overlay"]),
    ({"type": "overlay", "device": "overlay", "o": "lowerdir=etc"}, ["etc"]),
    ({"type": "overlay", "device": "overlay", "o": "lowerdir=:etc:,x=y"}, ["etc"]),
    ({"type": "overlay", "device": "overlay", "o": "upperdir=etc"}, ["etc"]),
    ({"type": "overlay", "device": "overlay", "o": "workdir=etc"}, ["etc"]),
    ({"type": "overlay", "device": "overlay", "o": "datadir=etc:usr"}, ["etc", "usr"]),
])  # fmt: skip
def test_options_that_may_be_a_path_are_told(options: Any, told: list[str]) -> None:
    problems = [f"is {one}, no absolute path: write the whole path, from / on" for one in told]

    assert _of_volume(options) == [("driver option", Reading(problem=problem), False) for problem in problems]


@pytest.mark.parametrize(
    ("flags", "mount_says_so", "read_only"),
    [("bind,ro", False, True), ("bind", True, True), ("bind,rw", False, False), ("bind,ro,rw", False, False)],
)
def test_options_and_mount_say_what_is_read_only(flags: str, mount_says_so: bool, read_only: bool) -> None:
    options = {"driverOptions": {"type": "none", "o": flags, "device": "/etc"}}

    ((_, _, found),) = _mounted(type="volume", source="d", volumeOptions=options, readOnly=mount_says_so)

    assert found is read_only


def test_each_odd_option_is_told() -> None:
    assert _of_volume({"type": UNKNOWN, "o": 5, "device": "/etc"}) == [
        ("driver option", Reading(problem=LATER), False),
        ("driver option", Reading(problem="is 5, not a text: give a text"), False),
        ("driver option", Reading("/etc"), False),
    ]


@pytest.mark.parametrize(
    "options", [Secret({"o": "bind", "device": "/etc"}), {"o": "bind", "device": Secret("/etc")}]
)
def test_secret_options_are_read_and_never_shown(options: Any) -> None:
    assert _of_volume(options) == [("driver option", Reading("/etc", secret=True), False)]


@pytest.mark.parametrize("options", [Secret({"device": 5}), Secret({"o": "bind", "device": "hunter2"})])
def test_odd_secret_options_are_not_quoted(options: Any) -> None:
    assert _of_volume(options) == [("driver option", Reading(problem=HIDDEN, secret=True), False)]


@pytest.mark.parametrize("options", [UNKNOWN, Secret(UNKNOWN)])
def test_options_that_are_unknown_as_a_whole_are_told(options: Any) -> None:
    assert _of_volume(options) == [("group of driver options", Reading(problem=LATER), False)]


def test_flags_are_told_apart_by_commas() -> None:
    assert mount_flags(" RO,bind , x=y") == {"ro", "bind", "x=y"}
