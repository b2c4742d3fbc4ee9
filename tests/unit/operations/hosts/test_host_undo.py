from __future__ import annotations

import pytest

from sutazai_infra.operations.hosts import HostError, prepare, undo, undo_diff
from tests.unit.operations.hosts.kernel_double import KernelDouble, pool


def test_undo_removes_the_stack_and_the_empty_parent(either: KernelDouble) -> None:
    prepare(either.layout, [pool(), pool("web")], kernel=either)
    assert undo(either.layout, "dev", kernel=either).lines() == [
        "- /sutazai/dev/ml removed",
        "- /sutazai/dev/web removed",
        "- /sutazai/dev removed",
        "- /sutazai removed",
    ]
    assert not either.directory("memory", "/sutazai").exists()
    assert not undo(either.layout, "dev", kernel=either).changed


def test_undo_leaves_another_stack_and_the_parent_alone(either: KernelDouble) -> None:
    prepare(either.layout, [pool()], kernel=either)
    prepare(either.layout, [pool(stack="prod")], kernel=either)
    names = [cgroup.name for cgroup in undo(either.layout, "dev", kernel=either).cgroups]
    assert names == ["/sutazai/dev/ml", "/sutazai/dev"]
    assert either.directory("memory", "/sutazai/prod/ml").exists()
    assert not either.directory("memory", "/sutazai/dev").exists()


def test_undo_removes_pools_that_the_plan_no_longer_has_and_what_the_engine_made(v1: KernelDouble) -> None:
    prepare(v1.layout, [pool(), pool("old")], kernel=v1)
    v1.make(v1.root / "cpuacct/sutazai")
    v1.make(v1.root / "cpuacct/sutazai/dev")
    undo(v1.layout, "dev", kernel=v1)
    assert [*v1.root.glob("*/sutazai")] == []


def test_undo_is_refused_while_something_runs_and_names_it(either: KernelDouble) -> None:
    prepare(either.layout, [pool()], kernel=either)
    either.container("/sutazai/dev/ml", "a", cores="8")
    process = either.root / "proc/77"
    process.mkdir(parents=True)
    (process / "comm").write_text("stress\n")
    either.put("memory", "/sutazai/dev/ml", "cgroup.procs", "77")
    with pytest.raises(HostError) as refused:
        undo(either.layout, "dev", names=lambda _: "trainer", kernel=either)
    assert str(refused.value) == (
        "stack dev: 2 still in its pool cgroups (stress (pid 77), trainer): "
        "run `pulumi destroy`, or stop them, then undo again"
    )
    assert either.directory("memory", "/sutazai/dev/ml").exists()


def test_what_undo_would_remove_is_shown_without_removing_it(either: KernelDouble) -> None:
    prepare(either.layout, [pool()], kernel=either)
    assert undo_diff(either.layout, "dev", kernel=either).changed
    assert either.directory("memory", "/sutazai/dev/ml").exists()


def test_undo_without_root_says_what_to_run(v2: KernelDouble) -> None:
    prepare(v2.layout, [pool()], kernel=v2)
    v2.read_only = True
    with pytest.raises(HostError) as refused:
        undo(v2.layout, "dev", kernel=v2)
    assert str(refused.value) == (
        f"host: {v2.root} can't be written by this user: run `sudo sutazai host prepare --undo` on the engine's "
        "host, or set pool_cgroups to off"
    )
