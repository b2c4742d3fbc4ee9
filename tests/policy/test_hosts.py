"""The host that is declared: what its reserves leave, and which hosts can't be."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sutazai_policy.host import Host, Occupant
from sutazai_policy.rules.host_budget import RULE
from sutazai_policy.units import CORE, MIB

from tests.policy.stacks import Stack, container, messages, small_stack


@pytest.mark.parametrize(
    ("host", "usable"),
    [
        ("reference", 27648),
        ({}, 27648),
        ({"cores": 24, "memory_mib": 60170}, 57344),
        ({"cores": 12, "memory_mib": 30085, "system_reserve_mib": 1000}, 28696),
        ({"memory_mib": 30085, "emergency_reserve_mib": 0}, 28037),
        ({"memory_mib": 15043}, 13825),
        ({"cores": 2, "memory_mib": 24105}, 22154),
    ],
)
def test_a_declared_host_gives_what_its_reserves_leave(host: Any, usable: int) -> None:
    stack = Stack().add("redis", container("4-5", 512, usable, usable))
    assert messages(RULE, stack, host=host) == []

    stack.change("redis", memoryReservation=usable + 1, memory=usable + 1)

    assert f"of {usable} MiB usable memory" in messages(RULE, stack, host=host)[0]


@pytest.mark.parametrize(
    ("host", "cores"),
    [
        ("reference", 10),
        ({"cores": 24}, 20),
        ({"cores": 11}, 10),
        ({"cores": 5}, 5),
        ({"cores": 6}, 5),
        ({"cores": 6, "reserved_cores": 0}, 6),
        ({"reserved_cores": 5}, 7),
    ],
)
def test_a_declared_host_keeps_a_sixth_of_its_cores_unless_it_says(host: Any, cores: int) -> None:
    stack = Stack().add("redis", container("4-5", cores * 1024, 8, 8))
    assert messages(RULE, stack, host=host) == []

    (found,) = messages(RULE, stack.change("redis", cpuShares=cores * 1024 + 1), host=host)

    assert found.startswith(f"the stack requests {cores}.001 of {cores} usable cores (redis {cores}.001):")


@pytest.mark.parametrize(
    ("host", "problem"),
    [
        ({"cores": 4, "reserved_cores": 4}, "host.reserved_cores: leaves none of 4 cores: reserve fewer"),
        ({"cores": 4, "reserved_cores": 9}, "host.reserved_cores: leaves none of 4 cores: reserve fewer"),
        (
            {"memory_mib": 1000, "system_reserve_mib": 1000, "emergency_reserve_mib": 0},
            "host: the reserves leave no memory: lower system_reserve_mib or emergency_reserve_mib",
        ),
        ("laptop", 'host: "laptop" is no host: give auto, reference, or cores and memory_mib'),
        (
            {"cores": 0},
            "host.cores: input should be greater than or equal to 1; host.cores: input should be 'auto'",
        ),
        ({"core": 4}, "host.core: extra inputs are not permitted"),
    ],
)
def test_a_host_that_can_not_be_is_refused_not_guessed(host: object, problem: str) -> None:
    assert messages(RULE, small_stack(), host=host) == [
        f"the settings of host-budget can't be used: {problem}"
        " (they come from policy/stacks.yaml and --policy-pack-config)"
    ]


def test_others_may_hold_more_than_there_is_and_leave_nothing_then() -> None:
    full = Host(4, 100, 0, 0, 0, measured=True, occupants=(Occupant("x", 101, 5 * CORE, None),))

    assert (full.free_memory, full.free_cpu) == (0, 0)


@pytest.mark.parametrize(("usable", "limit"), [(1, 1), (2, 2), (3, 3), (4, 2), (5, 2), (6, 3), (10, 4), (11, 5)])
def test_a_cpu_limit_is_all_of_a_host_with_fewer_cores_than_groups_and_whole_cores_above(
    usable: int, limit: int
) -> None:
    assert Host.scaled(usable, 30085 * MIB, 0).scale_cpu_limit(4) == limit * CORE


@given(cores=st.integers(1, 8192), memory=st.integers(1, 2**44))
def test_any_host_keeps_no_more_than_it_has_and_its_quotas_fit_it(cores: int, memory: int) -> None:
    host = Host.scaled(cores, memory)

    assert 0 <= host.reserved_cores <= cores / 6
    assert 0 < host.usable_memory <= memory
    assert host.usable_cores & host.system_cores == 0
    assert host.usable_cores | host.system_cores == host.all_cores
    assert sum(map(host.scale_memory, (14336, 8192, 5120))) <= host.usable_memory
    assert sum(map(host.scale_cpu_request, (6, 2, 2))) <= host.usable_cores.bit_count() * CORE
    assert host.scale_cpu_limit(10) == host.usable_cores.bit_count() * CORE
