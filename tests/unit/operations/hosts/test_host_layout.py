from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from sutazai_infra.operations.hosts import CgroupLayout, HostError, detect_layout, require_local_engine

KERNEL = "6.1.0-18-amd64"
V1_MOUNTS = """\
tmpfs /sys/fs/cgroup tmpfs rw,relatime 0 0
cgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0
cgroup /sys/fs/cgroup/cpu,cpuacct cgroup rw,relatime,cpu,cpuacct 0 0
cgroup /sys/fs/cgroup/memory cgroup rw,relatime,memory 0 0
cgroup /sys/fs/cgroup/systemd cgroup rw,xattr,name=systemd 0 0
"""
V2_MOUNTS = "cgroup2 /sys/fs/cgroup cgroup2 rw,nosuid,nsdelegate 0 0\n"


def engine_info(**changes: Any) -> dict[str, Any]:
    settings = {"CgroupVersion": "2", "CgroupDriver": "systemd", "KernelVersion": KERNEL, "SecurityOptions": []}
    return {**settings, **changes}


def detected(tmp_path: Path, mounts: str, **changes: Any) -> CgroupLayout:
    (tmp_path / "mounts").write_text(mounts)
    return detect_layout(engine_info(**changes), tmp_path / "mounts", KERNEL)


def test_v1_finds_controllers_that_share_a_mount(tmp_path: Path) -> None:
    layout = detected(tmp_path, V1_MOUNTS, CgroupVersion="1", CgroupDriver="cgroupfs")
    assert (layout.version, layout.driver) == ("v1", "cgroupfs")
    assert layout.directory("cpu", "/sutazai/dev") == Path("/sys/fs/cgroup/cpu,cpuacct/sutazai/dev")
    assert [path.name for path in layout.hierarchies] == ["cpu,cpuacct", "memory", "systemd", "unified"]


def test_v2_has_one_tree_for_every_controller(tmp_path: Path) -> None:
    layout = detected(tmp_path, V2_MOUNTS)
    assert (layout.version, layout.driver, layout.systemd) == ("v2", "systemd", True)
    assert layout.directory("memory", "/a") == layout.directory("cpu", "/a") == Path("/sys/fs/cgroup/a")


def test_a_missing_controller_is_named(tmp_path: Path) -> None:
    layout = detected(tmp_path, V1_MOUNTS, CgroupVersion="1", CgroupDriver="cgroupfs")
    message = (
        "host: no cgroup v1 controller pids is mounted: "
        "mount it (or enable it at boot), or set pool_cgroups to off"
    )
    with pytest.raises(HostError, match=f"^{re.escape(message)}$"):
        layout.directory("pids", "/sutazai")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"KernelVersion": "6.10.14-linuxkit"},
            f"host: the engine runs on kernel 6.10.14-linuxkit, this machine on {KERNEL}: "
            "run `sutazai host prepare` on the engine's own host, or set pool_cgroups to off",
        ),
        (
            {"SecurityOptions": ["name=seccomp,profile=builtin", "name=rootless"]},
            "host: a rootless engine can't use /sutazai: use an engine that runs as root, "
            "or set pool_cgroups to off",
        ),
        (
            {"CgroupDriver": "none"},
            "host: the engine's cgroup driver is 'none': use cgroupfs or systemd, or set pool_cgroups to off",
        ),
    ],
    ids=["another machine", "rootless", "no driver"],
)
def test_an_engine_out_of_reach_is_refused(tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(HostError, match=f"^{re.escape(message)}$"):
        detected(tmp_path, V2_MOUNTS, **changes)


@pytest.mark.parametrize("address", [None, "", "unix:///var/run/docker.sock", "http+docker://localhost"])
def test_a_local_engine_is_accepted(address: str | None) -> None:
    require_local_engine(address)


@pytest.mark.parametrize("address", ["tcp://10.0.0.7:2376", "ssh://me@box", "http+docker://ssh"])
def test_an_engine_elsewhere_is_refused(address: str) -> None:
    message = (
        f"host: the engine at {address} is not on this machine: run `sutazai host prepare` on the engine's own "
        "host, or set pool_cgroups to off"
    )
    with pytest.raises(HostError, match=f"^{re.escape(message)}$"):
        require_local_engine(address)
