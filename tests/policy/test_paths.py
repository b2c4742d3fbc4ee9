"""One place of the host is one path, however it is spelled; one that only the host can follow is refused."""

from __future__ import annotations

import pytest
from sutazai_policy.paths import covers, host_path
from sutazai_policy.reading import Reading


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ("/", "/"),
        ("//", "/"),
        ("/.", "/"),
        ("/etc", "/etc"),
        ("/etc/", "/etc"),
        ("//etc///ssl/./certs/.", "/etc/ssl/certs"),
        ("/etc/..d", "/etc/..d"),
        ("/srv/~", "/srv/~"),
        ("/var/run", "/run"),
        ("/var/run/docker.sock", "/run/docker.sock"),
        ("/./var//run/docker.sock", "/run/docker.sock"),
        ("/var/runner", "/var/runner"),
        ("/srv/var/run", "/srv/var/run"),
        ("/proc", "/proc"),
        ("/proc/1/root", "/"),
        ("/proc/1/root/etc", "/etc"),
        ("/proc/self/root/etc", "/etc"),
        ("/proc/thread-self/root/etc", "/etc"),
        ("/proc/1/task/12/root/etc", "/etc"),
        ("/proc/1/root/proc/self/root/var/run", "/run"),
        ("/proc/1/rootfs", "/proc/1/rootfs"),
        ("/srv/proc/1/root/etc", "/srv/proc/1/root/etc"),
        ("/proc/1/environ", "/proc/1/environ"),
        ("/proc/sys/fd", "/proc/sys/fd"),
        ("/proc/1/fdinfo", "/proc/1/fdinfo"),
        ("/dev/fdx", "/dev/fdx"),
    ],
)
def test_a_path_is_followed_to_its_place(given: str, path: str) -> None:
    assert host_path(given) == Reading(path)


@pytest.mark.parametrize(
    "given", ["etc", "./etc", "~", "~/x", "../etc", r"C:\data", r"\\.\pipe\docker_engine", " /etc"]
)
def test_a_path_that_begins_nowhere_is_refused(given: str) -> None:
    shown = given if given in ("etc", "./etc", "../etc") else repr(given)

    assert host_path(given) == Reading(problem=f"is {shown}, no absolute path: write the whole path, from / on")


@pytest.mark.parametrize("given", ["/..", "/srv/../etc", "/srv/data/.."])
def test_a_path_that_goes_up_again_is_refused(given: str) -> None:
    problem = f"is {given}, which goes up again: write the path that it leads to"

    assert host_path(given) == Reading(problem=problem)


@pytest.mark.parametrize(
    "given",
    [
        "/proc/12/root",
        "/proc/12/root/etc",
        "/proc/12/task/13/root/etc",
        "/proc/1/cwd/etc",
        "/proc/1/fd/3",
        "/proc/self/exe",
        "/proc/thread-self/map_files/x",
        "/proc/1/root/proc/2/root",
        "/dev/fd",
        "/dev/fd/3",
    ],
)
def test_a_path_through_a_process_is_refused(given: str) -> None:
    problem = f"is {given}, which may lead anywhere: write the path that it leads to"

    assert host_path(given) == Reading(problem=problem)


@pytest.mark.parametrize(
    ("place", "path", "covered"),
    [
        ("/srv", "/srv", True),
        ("/srv", "/srv/data", True),
        ("/srv", "/srv2", False),
        ("/srv/data", "/srv", False),
        ("/", "/", True),
        ("/", "/etc", True),
    ],
)
def test_a_place_covers_what_lies_below_it(place: str, path: str, covered: bool) -> None:
    assert covers(["/opt", place], path) is covered


def test_no_place_covers_nothing() -> None:
    assert covers([], "/") is False
