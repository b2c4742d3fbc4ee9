from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from sutazai_infra.model.cgroup import PoolCgroup
from sutazai_infra.operations.hosts import CgroupLayout, HostDiff, HostError, pool_cgroups_present, prepare, undo
from sutazai_infra.operations.hosts.units import slice_path
from tests.unit.operations.hosts.kernel_double import MIB, KernelDouble, pool

UNIT = """\
# Written by `sutazai host prepare`, removed by `sutazai host prepare --undo`.
[Unit]
Description=sutazai stack dev, pool ml

[Slice]
CPUWeight=200
MemoryMax=1024M
MemorySwapMax=0
TasksMax=512
AllowedCPUs=8-11
"""


class SystemdDouble:
    """A systemd host whose systemctl is recorded, and fails at the words in `failing`."""

    def __init__(self, root: Path) -> None:
        self.kernel = KernelDouble(root / "cgroup", "v2")
        self.units = root / "units"
        self.units.mkdir()
        self.layout: CgroupLayout = replace(self.kernel.layout, driver="systemd", unit_dir=self.units)
        self.calls: list[str] = []
        self.failing = ""

    def run(self, arguments: Sequence[str]) -> None:
        self.calls.append(" ".join(arguments))
        if self.failing and self.failing in arguments:
            self.failing = ""
            raise HostError("host: no")

    def prepare(self, *pools: PoolCgroup) -> HostDiff:
        return prepare(self.layout, pools, kernel=self.kernel, run=self.run)

    def undo(self, stack: str) -> HostDiff:
        return undo(self.layout, stack, names=lambda _: "trainer", kernel=self.kernel, run=self.run)

    def running(self, name: str, used_mib: int) -> str:
        """Have systemd run a slice that holds one container; returns its cgroup."""
        parent = slice_path(name).rpartition("/")[0]
        for path in ("/", "/sutazai.slice", parent):
            directory = self.kernel.directory("", path)
            if not directory.exists():
                self.kernel.make(directory)
            self.kernel.write(directory / "cgroup.subtree_control", "+cpu +cpuset +memory +pids")
        cgroup = slice_path(name)
        self.kernel.make(self.kernel.directory("", cgroup))
        self.kernel.container(cgroup, "a", memory_mib=used_mib)
        self.kernel.put("memory", cgroup, "memory.max", str(1024 * MIB))
        self.kernel.use_memory(cgroup, used_mib)
        return cgroup


@pytest.fixture
def host(tmp_path: Path) -> SystemdDouble:
    (tmp_path / "cgroup").mkdir()
    return SystemdDouble(tmp_path)


def test_a_slice_is_written_read_and_started(host: SystemdDouble) -> None:
    assert not pool_cgroups_present(host.layout, [pool()])
    diff = host.prepare(pool())
    assert diff.lines() == [
        "+ sutazai-dev-ml.slice created",
        "    CPUWeight 200",
        "    MemoryMax 1024M",
        "    MemorySwapMax 0",
        "    TasksMax 512",
        "    AllowedCPUs 8-11",
        "these slices outlive a reboot",
    ]
    assert (host.units / "sutazai-dev-ml.slice").read_text() == UNIT
    assert host.calls == ["daemon-reload", "start sutazai-dev-ml.slice"]
    assert pool_cgroups_present(host.layout, [pool()])


def test_a_second_run_calls_nothing(host: SystemdDouble) -> None:
    host.prepare(pool())
    host.calls.clear()
    assert not host.prepare(pool()).changed
    assert host.calls == []


def test_only_what_changed_is_rewritten(host: SystemdDouble) -> None:
    host.prepare(pool(), pool("web"))
    host.calls.clear()
    diff = host.prepare(pool(weight=300), pool("web"))
    assert [str(cgroup) for cgroup in diff.cgroups] == [
        "~ sutazai-dev-ml.slice changed\n    CPUWeight 200 -> 300",
        "  sutazai-dev-web.slice unchanged",
    ]
    assert host.calls == ["daemon-reload", "start sutazai-dev-ml.slice"]


def test_memory_below_use_is_refused_before_anything_changes(host: SystemdDouble) -> None:
    host.prepare(pool())
    host.running("sutazai-dev-ml.slice", 800)
    host.calls.clear()
    with pytest.raises(HostError) as refused:
        host.prepare(pool(memory_mib=512))
    assert str(refused.value) == (
        "pool ml: uses 800 MiB of its new limit of 512 MiB (aaaaaaaaaaaa 800): "
        "stop one of its containers first, or give the pool at least 800 MiB"
    )
    assert host.calls == []
    assert (host.units / "sutazai-dev-ml.slice").read_text() == UNIT


def test_a_running_slice_is_reclaimed_before_systemd_lowers_its_limit(host: SystemdDouble) -> None:
    host.prepare(pool())
    host.running("sutazai-dev-ml.slice", 300)
    host.prepare(pool(memory_mib=512))
    path = "sutazai.slice/sutazai-dev.slice/sutazai-dev-ml.slice/memory.high"
    assert host.kernel.log[-2:] == [f"{path} = {512 * MIB}", f"{path} = max"]


def test_a_unit_that_systemd_has_not_read_is_seen(host: SystemdDouble) -> None:
    host.prepare(pool())
    cgroup = host.running("sutazai-dev-ml.slice", 10)
    host.kernel.put("memory", cgroup, "memory.max", "max")
    assert "    memory.max unlimited -> 1024 MiB" in host.prepare(pool()).lines()


def test_when_systemd_refuses_the_old_units_come_back(host: SystemdDouble) -> None:
    host.prepare(pool())
    host.failing = "start"
    with pytest.raises(HostError):
        host.prepare(pool(weight=300), pool("web"))
    assert sorted(path.name for path in host.units.iterdir()) == ["sutazai-dev-ml.slice"]
    assert (host.units / "sutazai-dev-ml.slice").read_text() == UNIT
    assert host.calls[-1] == "daemon-reload"


def test_two_stacks_that_share_a_slice_name_are_told_apart(host: SystemdDouble) -> None:
    host.prepare(pool(stack="a_b"))
    with pytest.raises(HostError) as refused:
        host.prepare(pool(stack="a-b"))
    assert str(refused.value) == (
        "stack a-b: its slice sutazai-a_b-ml.slice is stack a_b's: rename one of the two"
    )


def test_undo_stops_and_removes_the_stack(host: SystemdDouble) -> None:
    host.prepare(pool(), pool("web"))
    host.calls.clear()
    host.undo("dev")
    assert host.calls == [
        "stop sutazai-dev-ml.slice sutazai-dev-web.slice sutazai-dev.slice sutazai.slice",
        "daemon-reload",
    ]
    assert [*host.units.iterdir()] == []


def test_undo_leaves_another_stack_and_the_parent_alone(host: SystemdDouble) -> None:
    host.prepare(pool())
    host.prepare(pool(stack="prod"))
    host.calls.clear()
    host.undo("dev")
    assert host.calls == ["stop sutazai-dev-ml.slice sutazai-dev.slice", "daemon-reload"]
    assert [path.name for path in host.units.iterdir()] == ["sutazai-prod-ml.slice"]


def test_undo_is_refused_while_a_container_runs(host: SystemdDouble) -> None:
    host.prepare(pool())
    host.running("sutazai-dev-ml.slice", 10)
    host.calls.clear()
    with pytest.raises(HostError) as refused:
        host.undo("dev")
    assert str(refused.value) == (
        "stack dev: 1 still in its pool cgroups (trainer): run `pulumi destroy`, or stop them, then undo again"
    )
    assert host.calls == []


def test_undo_leaves_the_parent_to_a_stack_that_runs_unprepared(host: SystemdDouble) -> None:
    host.prepare(pool())
    host.running("sutazai-prod-ml.slice", 10)
    host.calls.clear()
    host.undo("dev")
    assert host.calls == ["stop sutazai-dev-ml.slice sutazai-dev.slice", "daemon-reload"]
