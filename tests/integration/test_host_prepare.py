"""`sutazai host prepare` on the real engine: it makes, changes and removes exactly its own cgroups."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from sutazai_infra.operations.hosts import HostError, pool_cgroups_present, prepare, shim_overhead, undo
from tests.integration.cgroup_helpers import IDLE, CgroupLab, eventually, hold, last_core, pid

MIB = 1024 * 1024

pytestmark = pytest.mark.engine


@pytest.fixture
def lab() -> Iterator[CgroupLab]:
    with CgroupLab.opened() as opened:
        yield opened


def limit_file(lab: CgroupLab) -> str:
    return "memory.limit_in_bytes" if lab.layout.version == "v1" else "memory.max"


def test_prepare_makes_the_cgroups_once_and_undo_removes_them(lab: CgroupLab) -> None:
    pools = [lab.pool("ml", weight=200, memory_mib=128), lab.pool("web", weight=4000)]
    assert not pool_cgroups_present(lab.layout, pools)
    assert lab.prepare(*pools).changed
    assert lab.value(pools[0], "memory", limit_file(lab)) == str(128 * MIB)
    assert lab.value(pools[0], "pids", "pids.max") == "256"
    assert lab.value(pools[0], "cpuset", "cpuset.cpus") == str(last_core())
    assert pool_cgroups_present(lab.layout, pools)
    assert not lab.prepare(*pools).changed
    assert [cgroup.kind for cgroup in lab.undo().cgroups][:3] == ["removed"] * 3
    assert not lab.directory(pools[0], "memory").parent.exists()


def test_looking_is_quick_enough_for_every_update(lab: CgroupLab) -> None:
    pools = [lab.pool(f"p{number}") for number in range(4)]
    lab.prepare(*pools)
    assert fastest(lambda: pool_cgroups_present(lab.layout, pools)) < 0.005
    assert fastest(lambda: lab.prepare(*pools)) < 0.1


def fastest(action: object) -> float:
    """Return the best of five runs: the machine has other work."""
    assert callable(action)
    times = []
    for _ in range(5):
        start = time.perf_counter()
        action()
        times.append(time.perf_counter() - start)
    return min(times)


def test_undo_leaves_another_stack_alone(lab: CgroupLab) -> None:
    other = lab.pool("web", stack=f"{lab.stack[:-1]}{'0' if lab.stack[-1] != '0' else '1'}")
    prepare(lab.layout, [other])
    try:
        lab.prepare(lab.pool("ml"))
        lab.undo()
        assert lab.value(other, "memory", limit_file(lab)) == str(256 * MIB)
    finally:
        undo(lab.layout, other.stack)
    assert not lab.directory(other, "memory").exists()


def test_undo_refuses_while_a_container_runs(lab: CgroupLab) -> None:
    pool = lab.pool("ml")
    lab.prepare(pool)
    container = lab.run(IDLE, pool=pool)
    with pytest.raises(HostError) as refused:
        lab.undo()
    assert str(refused.value) == (
        f"stack {lab.stack}: 1 still in its pool cgroups ({container.name}): "
        "run `pulumi destroy`, or stop them, then undo again"
    )
    assert pool_cgroups_present(lab.layout, [pool])


def test_memory_below_use_is_refused_and_nobody_is_killed(lab: CgroupLab) -> None:
    pool = lab.pool("ml", memory_mib=128)
    lab.prepare(pool)
    container = lab.run(hold(64), pool=pool)
    used = lab.directory(pool, "memory") / (
        "memory.usage_in_bytes" if lab.layout.version == "v1" else "memory.current"
    )
    assert eventually(lambda: int(used.read_text()) > 64 * MIB)
    before = pid(container)
    with pytest.raises(
        HostError, match=rf"^pool ml: uses \d+ MiB of its new limit of 32 MiB \({container.name} \d+\): "
    ):
        lab.prepare(lab.pool("ml", memory_mib=32))
    assert lab.value(pool, "memory", limit_file(lab)) == str(128 * MIB)
    assert pid(container) == before


def test_after_a_reboot_the_limits_come_to_containers_that_already_run(lab: CgroupLab) -> None:
    pool = lab.pool("ml", memory_mib=128)
    # The engine restarts its containers by itself, and makes their parents without any limit.
    container = lab.run(IDLE, pool=pool)
    before = pid(container)
    assert not pool_cgroups_present(lab.layout, [pool])
    lab.prepare(pool)
    assert lab.value(pool, "memory", limit_file(lab)) == str(128 * MIB)
    assert pid(container) == before


@pytest.mark.skipif(last_core() == 0, reason="takes two cores")
def test_cores_leave_a_pool_when_its_container_has_moved(lab: CgroupLab) -> None:
    if lab.layout.systemd:
        pytest.skip("cgroup v2 lets a slice shrink at once")
    pool = lab.pool("ml", core_set=f"0,{last_core()}")
    lab.prepare(pool)
    container = lab.run(IDLE, pool=pool, cpuset_cpus=str(last_core()))
    waiting = lab.prepare(lab.pool("ml", core_set="0")).waiting
    assert [f"({container.name} on {last_core()})" in text for text in waiting] == [True]
    container.update(cpuset_cpus="0")
    assert lab.prepare(lab.pool("ml", core_set="0")).waiting == ()
    assert lab.value(pool, "cpuset", "cpuset.cpus") == "0"


@pytest.mark.skipif(last_core() == 0, reason="takes two cores")
def test_a_container_in_a_pool_is_changed_in_place(lab: CgroupLab) -> None:
    pool = lab.pool("ml", core_set=f"0,{last_core()}")
    lab.prepare(pool)
    container = lab.run(IDLE, pool=pool, cpuset_cpus="0", mem_limit=32 * MIB, memswap_limit=32 * MIB)
    before = pid(container)
    container.update(cpuset_cpus=str(last_core()), mem_limit=64 * MIB, memswap_limit=64 * MIB, cpu_shares=512)
    memory, cpuset = lab.directory(pool, "memory", container), lab.directory(pool, "cpuset", container)
    assert (memory / limit_file(lab)).read_text().strip() == str(64 * MIB)
    assert (cpuset / "cpuset.cpus").read_text().strip() == str(last_core())
    assert pid(container) == before != 0


def test_an_idle_container_costs_the_system_little_outside_its_cgroup(lab: CgroupLab) -> None:
    containers = [lab.run(IDLE) for _ in range(10)]
    overhead = shim_overhead(str(container.id) for container in containers)
    assert overhead.containers == 10
    # 2 GiB are the system's, and 150 agents are the goal.
    assert 0 < overhead.mib_per_container < 10


def test_what_a_killed_run_left_is_swept_away(lab: CgroupLab) -> None:
    # No process has this number: it is above the kernel's largest.
    lab.stack = f"t{(1 << 22) + 1:x}-dead"
    pool = lab.pool("ml")
    lab.prepare(pool)
    container = lab.run(IDLE, pool=pool)
    with CgroupLab.opened():
        assert not lab.client.containers.list(all=True, filters={"id": str(container.id)})
        assert not pool_cgroups_present(lab.layout, [pool])
