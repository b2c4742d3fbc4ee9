from __future__ import annotations

import re
from dataclasses import replace

import pytest

from sutazai_infra.model.cgroup import PoolCgroup
from sutazai_infra.model.coreset import CoreSet
from sutazai_infra.operations.hosts import HostDiff, HostError, host_diff, pool_cgroups_present, prepare
from sutazai_infra.operations.hosts.wanted import cpu_shares
from tests.unit.operations.hosts.kernel_double import MIB, UNLIMITED, KernelDouble, pool

NAMES = {"a" * 64: "trainer", "b" * 64: "aider"}


def prepared(host: KernelDouble, *pools: PoolCgroup) -> HostDiff:
    return prepare(host.layout, pools, names=NAMES.__getitem__, kernel=host)


def refusal(host: KernelDouble, *pools: PoolCgroup) -> str:
    before = host.written()
    with pytest.raises(HostError) as refused:
        prepared(host, *pools)
    assert host.written() == before
    return str(refused.value)


def test_v1_fills_cpusets_from_the_top_down_and_sets_every_value(v1: KernelDouble) -> None:
    diff = prepared(v1, pool(), pool("web", weight=4000, core_set="2-3", memory_mib=2048))
    assert [cgroup.kind for cgroup in diff.cgroups] == ["created"] * 4
    assert v1.value("cpuset", "/sutazai", "cpuset.cpus") == "0-11"
    assert v1.value("cpuset", "/sutazai/dev", "cpuset.cpus") == "0-11"
    assert v1.value("memory", "/sutazai/dev", "memory.limit_in_bytes") == UNLIMITED
    assert v1.value("cpuset", "/sutazai/dev/web", "cpuset.cpus") == "2-3"
    assert v1.value("cpuset", "/sutazai/dev/web", "cpuset.mems") == "0"
    assert v1.value("cpu", "/sutazai/dev/web", "cpu.shares") == "40960"
    assert v1.value("memory", "/sutazai/dev/web", "memory.limit_in_bytes") == str(2048 * MIB)
    assert v1.value("memory", "/sutazai/dev/web", "memory.memsw.limit_in_bytes") == str(2048 * MIB)
    assert v1.value("pids", "/sutazai/dev/web", "pids.max") == "512"


def test_v2_enables_controllers_from_the_top_down_and_sets_every_value(v2: KernelDouble) -> None:
    diff = prepared(v2, pool())
    assert [cgroup.name for cgroup in diff.cgroups] == ["/", "/sutazai", "/sutazai/dev", "/sutazai/dev/ml"]
    assert v2.value("", "/sutazai/dev", "cgroup.subtree_control") == "cpuset cpu memory pids"
    assert v2.value("cpuset", "/sutazai/dev/ml", "cpuset.cpus") == "8-11"
    assert v2.value("cpu", "/sutazai/dev/ml", "cpu.weight") == "200"
    assert v2.value("memory", "/sutazai/dev/ml", "memory.max") == str(1024 * MIB)
    assert v2.value("memory", "/sutazai/dev/ml", "memory.swap.max") == "0"
    assert v2.value("pids", "/sutazai/dev/ml", "pids.max") == "512"


def test_a_second_run_changes_nothing_and_writes_nothing(either: KernelDouble) -> None:
    prepared(either, pool())
    written = list(either.log)
    diff = prepared(either, pool())
    assert not diff.changed
    assert {cgroup.kind for cgroup in diff.cgroups} == {"unchanged"}
    assert either.log == written


def test_what_would_change_is_shown_before_it_is_changed(v1: KernelDouble) -> None:
    prepared(v1, pool())
    written = list(v1.log)
    diff = host_diff(v1.layout, [pool(weight=100, memory_mib=2048, core_set="10-11")], kernel=v1)
    assert diff.lines() == [
        "  /sutazai unchanged",
        "  /sutazai/dev unchanged",
        "~ /sutazai/dev/ml changed",
        "    cpuset.cpus 8-11 -> 10-11",
        "    cpu.shares 2048 -> 1024",
        "    memory.limit_in_bytes 1024 MiB -> 2048 MiB",
        "    memory.memsw.limit_in_bytes 1024 MiB -> 2048 MiB",
        "these cgroups vanish with a reboot: `sutazai host prepare` makes them again (`make up` runs it)",
    ]
    assert v1.log == written


def test_a_pool_that_the_engine_made_without_limits_gets_them(v1: KernelDouble) -> None:
    v1.container("/sutazai/dev/ml", "a", memory_mib=100)
    for cgroup in ("/sutazai", "/sutazai/dev", "/sutazai/dev/ml"):
        v1.put("cpuset", cgroup, "cpuset.cpus", "0-11")
        v1.put("cpuset", cgroup, "cpuset.mems", "0")
    assert not pool_cgroups_present(v1.layout, [pool()], kernel=v1)
    diff = prepared(v1, pool())
    assert "    memory.limit_in_bytes unlimited -> 1024 MiB" in diff.lines()
    assert pool_cgroups_present(v1.layout, [pool()], kernel=v1)


@pytest.mark.parametrize(("old", "new"), [(1024, 4096), (4096, 1024)], ids=["raised", "lowered"])
def test_memory_and_swap_limits_change_in_the_order_that_the_kernel_takes(
    either: KernelDouble, old: int, new: int
) -> None:
    prepared(either, pool(memory_mib=old))
    prepared(either, pool(memory_mib=new))
    file = "memory.limit_in_bytes" if either.version == "v1" else "memory.max"
    assert either.value("memory", "/sutazai/dev/ml", file) == str(new * MIB)
    assert either.killed == []


def test_memory_below_use_is_refused_before_anything_changes(either: KernelDouble) -> None:
    prepared(either, pool(), pool("web"))
    either.container("/sutazai/dev/ml", "a", cores="8", memory_mib=500)
    either.container("/sutazai/dev/ml", "b", cores="9", memory_mib=300)
    either.use_memory("/sutazai/dev/ml", 800)
    assert refusal(either, pool("web", weight=1), pool(memory_mib=512)) == (
        "pool ml: uses 800 MiB of its new limit of 512 MiB (trainer 500, aider 300): "
        "stop one of its containers first, or give the pool at least 800 MiB"
    )
    assert either.killed == []


def test_idle_file_cache_is_given_back_and_refuses_nothing(either: KernelDouble) -> None:
    prepared(either, pool())
    either.use_memory("/sutazai/dev/ml", 800, idle_mib=500)
    prepared(either, pool(memory_mib=512))
    assert either.killed == []


def test_v2_reclaims_before_it_lowers_a_limit_and_lifts_the_brake_after(v2: KernelDouble) -> None:
    prepared(v2, pool())
    start = len(v2.log)
    prepared(v2, pool(memory_mib=512))
    assert v2.log[start + 1 :] == [
        f"sutazai/dev/ml/memory.high = {512 * MIB}",
        f"sutazai/dev/ml/memory.max = {512 * MIB}",
        "sutazai/dev/ml/memory.high = max",
    ]


def test_memory_is_lowered_first_since_the_kernel_may_still_refuse_it(either: KernelDouble) -> None:
    prepared(either, pool())
    start = len(either.written())
    prepared(either, pool(memory_mib=512, weight=300), pool("web"))
    assert "/dev/ml/memory." in either.written()[start]


def test_a_process_limit_below_use_is_refused(either: KernelDouble) -> None:
    prepared(either, pool())
    either.container("/sutazai/dev/ml", "a", cores="8")
    either.put("pids", "/sutazai/dev/ml", "pids.current", "40")
    assert refusal(either, pool(pids=32)) == (
        "pool ml: has 40 processes of its new limit of 32 (trainer): "
        "stop one of its containers first, or give the pool at least 40"
    )


def test_cores_that_a_container_still_holds_stay_until_it_has_moved(either: KernelDouble) -> None:
    prepared(either, pool())
    either.container("/sutazai/dev/ml", "a", cores="10-11")
    diff = prepared(either, pool(core_set="8-9"))
    assert not diff.changed or "cpuset.cpus" in str(diff.cgroups[-1])
    assert either.value("cpuset", "/sutazai/dev/ml", "cpuset.cpus") in ("8-11",)
    assert diff.waiting == (
        "pool ml: keeps cores 10-11 beside 8-9 while containers hold them (trainer on 10-11): "
        "run `pulumi up`, which moves them, then `sutazai host prepare` again",
    )
    either.put("cpuset", f"/sutazai/dev/ml/{'a' * 64}", "cpuset.cpus", "9")
    assert prepared(either, pool(core_set="8-9")).waiting == ()
    assert either.value("cpuset", "/sutazai/dev/ml", "cpuset.cpus") == "8-9"


def test_a_core_set_moves_and_grows_in_one_run(v1: KernelDouble) -> None:
    prepared(v1, pool(core_set="2-3"), pool("web", core_set="8-9"))
    prepared(v1, pool(core_set="4-7"), pool("web", core_set="2-9"))
    assert v1.value("cpuset", "/sutazai/dev/ml", "cpuset.cpus") == "4-7"
    assert v1.value("cpuset", "/sutazai/dev/web", "cpuset.cpus") == "2-9"


def test_cores_that_the_host_lacks_are_refused(v1: KernelDouble) -> None:
    assert refusal(v1, pool(core_set="10-13")) == (
        "pool ml: wants cores 10-13, of which 12-13 are not online on this host (0-11): "
        "bring them online, or let the plan detect the host"
    )


def test_a_parent_that_does_not_count_its_children_is_told_to_while_it_has_none(v1: KernelDouble) -> None:
    prepared(v1, pool())
    v1.put("memory", "/sutazai/dev", "memory.use_hierarchy", "0")
    assert refusal(v1, pool()) == (
        "/sutazai/dev: doesn't count the memory of what is below it (ml), which can only be set while it has no "
        "children: stop its containers, run `sutazai host prepare --undo`, then prepare again"
    )


def test_a_missing_v2_controller_is_named(v2: KernelDouble) -> None:
    v2.put("", "/", "cgroup.controllers", "cpu memory")
    assert refusal(v2, pool()) == (
        "host: cgroup v2 offers no controller cpuset, pids (it has cpu, memory): "
        "enable it at boot, or set pool_cgroups to off"
    )


def test_without_root_it_says_what_to_run(v1: KernelDouble) -> None:
    v1.read_only = True
    assert refusal(v1, pool()) == (
        f"host: {v1.root}/cpuset can't be written by this user: run `sudo sutazai host prepare` on the engine's "
        "host, or set pool_cgroups to off"
    )


def test_without_root_nothing_to_do_is_no_error(either: KernelDouble) -> None:
    prepared(either, pool())
    either.read_only = True
    assert not prepared(either, pool()).changed


def test_a_write_that_fails_halfway_puts_everything_back(v1: KernelDouble) -> None:
    prepared(v1, pool())
    v1.failing = "web/pids.max"
    with pytest.raises(HostError) as failed:
        prepared(v1, pool(memory_mib=512, weight=100), pool("web"))
    assert str(failed.value) == (
        f"host: setting {v1.root}/pids/sutazai/dev/web/pids.max to 512 failed (Input/output error); all earlier "
        "changes were put back: see who is in it, and run `sutazai host prepare` again"
    )
    assert v1.value("memory", "/sutazai/dev/ml", "memory.limit_in_bytes") == str(1024 * MIB)
    assert v1.value("memory", "/sutazai/dev/ml", "memory.memsw.limit_in_bytes") == str(1024 * MIB)
    assert v1.value("cpu", "/sutazai/dev/ml", "cpu.shares") == "2048"
    assert not v1.directory("cpu", "/sutazai/dev/web").exists()


@pytest.mark.parametrize(
    ("pools", "message"),
    [
        ([], "host: pool cgroups of no pool given: prepare the pools of exactly one stack"),
        (
            [pool(), pool(stack="prod")],
            "host: pool cgroups of dev, prod given: prepare the pools of exactly one stack",
        ),
        ([pool(), pool()], "host: pool ml is given 2 times: give it once"),
        ([pool(core_set=CoreSet())], "pool ml: its core set is empty: give it at least one core"),
    ],
    ids=["none", "two stacks", "twice", "no cores"],
)
def test_pools_that_make_no_stack_are_refused(v1: KernelDouble, pools: list[PoolCgroup], message: str) -> None:
    with pytest.raises(HostError, match=f"^{re.escape(message)}$"):
        prepared(v1, *pools)


@pytest.mark.parametrize(("weight", "shares"), [(1, 10), (100, 1024), (333, 3410), (10000, 102400)])
def test_a_weight_is_counted_in_shares_on_v1(weight: int, shares: int) -> None:
    assert cpu_shares(weight) == shares


def test_a_brake_that_a_killed_run_left_is_lifted(v2: KernelDouble) -> None:
    prepared(v2, pool())
    v2.put("memory", "/sutazai/dev/ml", "memory.high", str(512 * MIB))
    assert "    memory.high 512 MiB -> unlimited" in prepared(v2, pool()).lines()
    assert v2.value("memory", "/sutazai/dev/ml", "memory.high") == "max"


def test_a_host_without_the_controllers_has_no_pool_cgroups(v1: KernelDouble) -> None:
    assert not pool_cgroups_present(replace(v1.layout, mounts={}), [pool()], kernel=v1)
