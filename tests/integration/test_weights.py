"""The two guarantees that pool cgroups exist for, CPU under contention and memory, and that they fail without."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from sutazai_infra.model.cgroup import PoolCgroup
from tests.integration.cgroup_helpers import BUSY, IDLE, CgroupLab, cpu_shares_of, eventually, hold, last_core, pid

MIB = 1024 * 1024
REQUEST = 0.8
AGENTS = 8
LIMITS: dict[str, Any] = {"mem_limit": 80 * MIB, "memswap_limit": 80 * MIB}

pytestmark = pytest.mark.engine


@pytest.fixture
def lab() -> Iterator[CgroupLab]:
    with CgroupLab.opened() as opened:
        yield opened


def critical_part(lab: CgroupLab, critical: PoolCgroup | None, borrowers: PoolCgroup | None) -> float:
    """Return what a critical service gets of the CPU time that it and eight busy agents use on one core.

    Both sides share one core, so the part holds whatever else runs on the machine.
    """
    core = str(last_core())
    service = lab.run(BUSY, pool=critical, cpuset_cpus=core, cpu_shares=int(1024 * REQUEST))
    agents = [lab.run(BUSY, pool=borrowers, cpuset_cpus=core, cpu_shares=1024) for _ in range(AGENTS)]
    for container in (*agents, service):
        container.kill("USR1")
    part, _ = cpu_shares_of([[service], agents], seconds=3)
    lab.remove_containers()
    return part


def test_a_busy_critical_service_gets_its_request_beside_eight_busy_agents_and_without_pools_it_starves(
    lab: CgroupLab,
) -> None:
    critical, borrowers = lab.pool("infrastructure", weight=4000), lab.pool("ml", weight=200)
    lab.prepare(critical, borrowers)
    assert critical_part(lab, critical, borrowers) >= REQUEST
    assert critical_part(lab, None, None) < REQUEST / 2


def test_a_pool_over_its_memory_is_killed_inside_the_pool_only(lab: CgroupLab) -> None:
    greedy, other = lab.pool("ml", memory_mib=96), lab.pool("web", memory_mib=96)
    lab.prepare(greedy, other)
    bystander = lab.run(hold(40), pool=other, **LIMITS)
    idle = lab.run(IDLE, **LIMITS)
    before = pid(bystander), pid(idle)
    # Each is within its own limit; together they are over the pool's.
    trainers = [lab.run(hold(64), pool=greedy, **LIMITS) for _ in range(2)]
    assert eventually(lambda: any(pid(trainer) == 0 for trainer in trainers))
    assert {trainer.wait()["StatusCode"] for trainer in trainers if pid(trainer) == 0} == {137}
    assert (pid(bystander), pid(idle)) == before


def test_without_a_pool_cgroup_both_would_run_on(lab: CgroupLab) -> None:
    trainers = [lab.run(hold(64), **LIMITS) for _ in range(2)]
    assert not eventually(lambda: any(pid(trainer) == 0 for trainer in trainers), seconds=3)
