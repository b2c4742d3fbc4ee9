"""What a workload claims: all that may run counts, and nothing that is left out makes a claim smaller."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sutazai_policy.claims import Claim
from sutazai_policy.core_set import span
from sutazai_policy.facts import read_facts
from sutazai_policy.rules.cpu_feasible import RULE as CPU_FEASIBLE
from sutazai_policy.rules.host_budget import RULE as HOST_BUDGET
from sutazai_policy.units import CORE, MIB, SHARE

from tests.policy.stacks import (
    LEFT_OUT,
    SERVICE,
    STOPPED,
    UNKNOWN,
    Secret,
    Stack,
    container,
    messages,
    service,
    small_stack,
)


def _claims(stack: Stack) -> dict[str, Claim]:
    return {claim.name: claim for claim in read_facts(stack.resources()).claims}


@pytest.mark.parametrize("restart", ["no", "", None, LEFT_OUT])
def test_a_container_that_is_plainly_declared_stopped_claims_nothing(restart: Any) -> None:
    slot = container("8-11", 10240, 90000, 90000, "3", **STOPPED)
    stack = small_stack().add("slot", slot).change("slot", restart=restart)

    assert messages(HOST_BUDGET, stack) == []


@pytest.mark.parametrize(
    "running",
    [
        {"start": True},
        {"start": None},
        {"start": LEFT_OUT},
        {"start": UNKNOWN},
        {"start": "false"},
        {"start": 0},
        {"mustRun": True},
        {"mustRun": None},
        {"mustRun": LEFT_OUT},
        {"mustRun": UNKNOWN},
        {"mustRun": "no"},
        {"restart": "always"},
        {"restart": "No"},
        {"restart": UNKNOWN},
        {"restart": ["no"]},
    ],
    ids=str,
)
def test_a_container_that_may_run_all_the_same_counts(running: dict[str, Any]) -> None:
    slot = container("8-11", 64, 90000, 90000, "3", **STOPPED)
    stack = small_stack().add("slot", slot).change("slot", **running)

    assert len(messages(HOST_BUDGET, stack)) == 2


@pytest.mark.parametrize(
    ("mode", "tasks"),
    [
        ({"global": False, "replicated": {"replicas": 3}}, 3),
        ({"replicated": {"replicas": 3.0}}, 3),
        (Secret({"replicated": {"replicas": Secret(3)}}), 3),
        ({"global": True, "replicated": None}, 1),
        ({"global": True, "replicated": {"replicas": 0}}, 1),
        ({"global": False, "replicated": None}, 1),
        ({"replicated": {}}, 1),
        ({}, 1),
        (None, 1),
        (UNKNOWN, 1),
        ({"global": UNKNOWN, "replicated": {"replicas": 0}}, 1),
        ({"global": "no", "replicated": {"replicas": 0}}, 1),
        ({"replicated": {"replicas": UNKNOWN}}, 1),
        ({"replicated": {"replicas": -1}}, 1),
        ({"replicated": {"replicas": "0"}}, 1),
        ({"replicated": [{"replicas": 0}]}, 1),
    ],
    ids=str,
)
def test_a_service_counts_with_its_tasks_and_at_least_once(mode: Any, tasks: int) -> None:
    stack = Stack().add("worker", service(7, 10**9, 2**20) | {"mode": mode}, SERVICE)

    claim = _claims(stack)["worker"]

    assert (claim.tasks, claim.cpu_request, claim.memory_request) == (tasks, tasks * CORE, tasks * MIB)
    assert (claim.cpu_limit, claim.memory_limit) == (tasks * CORE, tasks * MIB)


def test_a_service_scaled_to_zero_claims_nothing() -> None:
    assert _claims(Stack().add("worker", service(0, 10**12, 2**50), SERVICE)) == {}


def test_a_missing_request_counts_as_the_limit_and_a_missing_limit_as_none() -> None:
    worker = service(2, 10**9, 2**20)
    worker["taskSpec"]["resources"] = {"limits": {"memoryBytes": 3 * MIB}}
    stack = Stack().add("worker", worker, SERVICE).add("job", container("4", 2, 0, 300))
    stack.add("free", container("4", 2, 100, 0, cpus=None)).add("odd", container("4", 2, 100, -1))

    claims = _claims(stack)

    assert claims["worker"].memory_request == claims["worker"].memory_limit == 6 * MIB
    assert (claims["worker"].cpu_request, claims["worker"].cpu_limit) == (2 * CORE, None)
    assert claims["job"].memory_request == 300 * MIB
    assert [claims[name].unlimited for name in ("worker", "job", "free", "odd")] == [False, False, True, False]


@pytest.mark.parametrize(
    ("cores", "cpus", "expected"),
    [("4-5", "1.5", 3 * CORE // 2), ("4", "1.5", CORE), ("4-5", None, 2 * CORE), (None, "0.000000001", 2),
     (None, None, None), ("4-5", "0", 2 * CORE), ("5-2", "0.5", CORE // 2)],
)  # fmt: skip
def test_a_cpu_limit_is_the_smaller_of_cores_and_cpus(cores: Any, cpus: Any, expected: int | None) -> None:
    stack = Stack().add("c", container("4", 2, 6, 6, cpus=cpus)).change("c", cpuSet=cores)

    assert _claims(stack)["c"].cpu_limit == expected


@pytest.mark.parametrize(("shares", "counted"), [(0, 1024), (None, 1024), (1, 2), (2, 2), (3, 3), (UNKNOWN, 1024)])
def test_shares_count_as_docker_takes_them(shares: Any, counted: int) -> None:
    assert _claims(Stack().add("c", container("4", shares, 6, 6)))["c"].cpu_request == counted * SHARE


_LEAVABLE = ("cpuSet", "cpuShares", "cpus", "memory", "memoryReservation", "labels", "cgroupParent")


@given(
    left_out=st.sets(st.sampled_from(_LEAVABLE), min_size=1),
    instead=st.sampled_from([None, LEFT_OUT, UNKNOWN, "", "?", 0, -1, [], {}, Secret(UNKNOWN)]),
    sizes=st.tuples(st.integers(2, 1024), st.integers(1, 500), st.integers(500, 1000)),
)
def test_nothing_left_out_makes_a_claim_smaller(left_out: set[str], instead: Any, sizes: Any) -> None:
    whole = Stack().add("c", container("4-5", *sizes, cpus="1.5"))
    before = _claims(whole)["c"]

    after = _claims(whole.change("c", **dict.fromkeys(left_out, instead)))["c"]

    assert before.cpu_request <= after.cpu_request
    assert before.memory_request <= after.memory_request or "memory request" in after.unread
    assert after.cpu_limit is None or (before.cpu_limit or 0) <= after.cpu_limit
    assert after.memory_limit in (None, before.memory_limit)
    assert after.cores in (None, before.cores)
    assert after.rank in (0, before.rank)


_sizes = st.tuples(st.integers(1, span(0, 6)), st.integers(0, 3000), st.integers(0, 9000), st.integers(0, 9000))


@given(st.lists(_sizes, min_size=1, max_size=6))
def test_what_passes_the_budgets_fits_the_host(sizes: list[tuple[int, int, int, int]]) -> None:
    host = {"cores": 7, "memory_mib": 20000, "reserved_cores": 1}
    stack = Stack()
    for number, (cores, shares, request, limit) in enumerate(sizes):
        text = ",".join(str(core + 1) for core in range(6) if cores >> core & 1)
        stack.add(f"c{number}", container(text, shares, request, limit))

    if not messages(HOST_BUDGET, stack, host=host) and not messages(CPU_FEASIBLE, stack, host=host):
        usable = 20000 - 2048 * 20000 // 30085 - 389 * 20000 // 30085
        assert sum(request or limit for _, _, request, limit in sizes) <= usable
        assert sum(limit for *_, limit in sizes) <= usable
        assert all(limit for *_, limit in sizes)
        for some in range(1, span(0, 6) + 1):
            confined = sum(shares or 1024 for cores, shares, _, _ in sizes if not cores & ~some)
            assert confined <= 1024 * some.bit_count()
