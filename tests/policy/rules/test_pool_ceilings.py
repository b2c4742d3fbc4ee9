"""No pool holds more containers, heavy jobs or replicas than it may."""

from __future__ import annotations

from typing import Any

import pytest
from sutazai_policy.rules.pool_ceilings import RULE

from tests.policy.stacks import (
    SERVICE,
    STOPPED,
    UNKNOWN,
    Secret,
    Stack,
    container,
    labels,
    messages,
    reference_stack,
    service,
    small_stack,
    violations,
)
from tests.policy.unreadable import LATER

_MIB = 2**20


def _many(pool: str, count: int, request: int = 8, stack: Stack | None = None, name: str = "c") -> Stack:
    found = stack or Stack()
    for number in range(count):
        own = f"{name}{number:03}"
        found.add(own, container("11", 2, request, request)).relabel(own, pool=pool)
    return found


def _tasks(pool: str, count: int, request: int = _MIB, name: str = "worker") -> Stack:
    return Stack().add(name, service(count, 10**6, request), SERVICE).relabel(name, pool=pool)


def test_passes_the_reference_stack() -> None:
    assert messages(RULE, reference_stack()) == []


@pytest.mark.parametrize(("pool", "most"), [("infrastructure", 24), ("agents", 170), ("ml", 110), ("tools", 2)])
def test_passes_a_full_pool_and_refuses_one_container_more(pool: str, most: int) -> None:
    stack = _many(pool, most)
    assert messages(RULE, stack) == []

    (found,) = violations(RULE, _many(pool, 1, stack=stack, name="d"))

    shown = ["c000", "c001", "c002", "c003", "c004", f"+{most - 4} more"] if most > 4 else ["c000", "c001", "d000"]
    assert found.message == (
        f"pool {pool} is to run {most + 1} containers of at most {most} ({', '.join(shown)}):"
        f" run fewer, or raise pools.{pool}.containers"
    )
    assert found.urn is None


@pytest.mark.parametrize(("pool", "most"), [("ml", 1), ("tools", 2)])
def test_passes_as_many_heavy_jobs_as_may_be_at_once_and_refuses_one_more(pool: str, most: int) -> None:
    assert messages(RULE, _many(pool, most, 257)) == []

    stack = _many(pool, most + 1, 257)

    names = ", ".join(f"c00{number}" for number in range(most + 1))
    assert messages(RULE, stack, pools={pool: {"containers": 9}}) == [
        f"pool {pool} is to run {most + 1} at once of at most {most} ({names}):"
        f" queue them, or raise pools.{pool}.concurrency"
    ]


def test_passes_light_containers_beside_a_job() -> None:
    stack = _many("ml", 9, 256, _many("ml", 1, 257, name="job"))
    assert messages(RULE, stack) == []

    assert messages(RULE, stack.change("c004", memoryReservation=257)) == [
        "pool ml is to run 2 at once of at most 1 (c004, job000): queue them, or raise pools.ml.concurrency"
    ]


def test_refuses_a_service_of_heavy_tasks_by_what_each_requests() -> None:
    assert messages(RULE, _tasks("ml", 2, 256 * _MIB)) == []
    assert messages(RULE, _tasks("ml", 1, 257 * _MIB)) == []

    assert messages(RULE, _tasks("ml", 2, 256 * _MIB + 1)) == [
        "pool ml is to run 2 at once of at most 1 (worker): queue them, or raise pools.ml.concurrency"
    ]


def test_passes_heavy_containers_in_pools_without_turns() -> None:
    assert messages(RULE, _many("agents", 9, 4096, _many("infrastructure", 9, 4096, name="i"))) == []


def test_refuses_more_replicas_of_one_service_than_ten() -> None:
    stack = _many("agents", 11)
    for number in range(10):
        stack.relabel(f"c{number:03}", service="crewai")
    assert messages(RULE, stack) == []

    (found,) = violations(RULE, stack.relabel("c010", service="crewai"))

    assert found.message == (
        "crewai is to run 11 times of at most 10 in pool agents:"
        " lower its replicas, or raise pools.agents.replicas"
    )
    assert found.urn is None


def test_refuses_the_replicas_of_a_swarm_service_with_those_of_its_name() -> None:
    assert messages(RULE, _tasks("agents", 10)) == []
    assert messages(RULE, _tasks("agents", 11)) == [
        "worker is to run 11 times of at most 10 in pool agents:"
        " lower its replicas, or raise pools.agents.replicas"
    ]

    stack = _tasks("agents", 10).add("other", container("11", 2, 8, 8, "2")).relabel("other", service="worker")
    assert len(messages(RULE, stack)) == 1


def test_refuses_replicas_without_number_in_no_time() -> None:
    assert [text.split(" (")[0] for text in messages(RULE, _tasks("tools", 10**15, 257 * _MIB))] == [
        f"pool tools is to run {10**15} containers of at most 2",
        f"pool tools is to run {10**15} at once of at most 2",
        f"worker is to run {10**15} times of at most 10 in pool tools:"
        " lower its replicas, or raise pools.tools.replicas",
    ]


def test_counts_replicas_by_pool_and_names_services_in_order() -> None:
    stack = _many("agents", 12, stack=_many("ml", 3, name="m"))
    for name in ("m000", "m001", "m002", *(f"c{number:03}" for number in range(6))):
        stack.relabel(name, service="zeta")
    for number in range(6, 12):
        stack.relabel(f"c{number:03}", service="alpha")

    found = messages(RULE, stack, pools={"agents": {"replicas": 5}, "ml": {"replicas": 3}})

    assert [text.partition(":")[0] for text in found] == [
        "alpha is to run 6 times of at most 5 in pool agents",
        "zeta is to run 6 times of at most 5 in pool agents",
    ]


def test_passes_a_service_scaled_to_zero_and_stopped_containers() -> None:
    stack = _many("tools", 9, 999).add("none", service(0, 10**9, 2**40), SERVICE)
    for number in range(9):
        stack.change(f"c00{number}", **STOPPED)

    assert messages(RULE, stack) == []


def test_leaves_what_is_in_no_pool_to_other_rules() -> None:
    stack = Stack()
    for number in range(30):
        stack.add(f"c{number}", container("11", 2, 999, 999, labels=labels(pool="batch", service="c")))

    assert messages(RULE, stack) == []


def test_writes_no_secret_and_nothing_that_a_terminal_obeys() -> None:
    for given, shown in (
        (Secret("hunter2"), "the service of worker"),
        ("a\nb", "'a\\nb'"),
        ("crew ai", "'crew ai'"),
    ):
        stack = _tasks("agents", 11).relabel("worker", service=given)

        assert messages(RULE, stack)[0].startswith(f"{shown} is to run 11 times of at most 10")

    stack = _many("agents", 11)
    for number in range(11):
        stack.relabel(f"c{number:03}", service="crewai" if number else Secret("crewai"))
    assert messages(RULE, stack)[0].startswith("the service of c000 is to run 11 times of at most 10")


def test_obeys_ceilings_that_are_given() -> None:
    stack = _many("tools", 4, 999)
    pools = {"tools": {"containers": 4, "concurrency": 4, "replicas": 1}}
    assert messages(RULE, stack, pools=pools) == []

    for key, text in (("containers", "4 containers of at most 3"), ("concurrency", "4 at once of at most 3")):
        (found,) = messages(RULE, stack, pools={"tools": pools["tools"] | {key: 3}})
        assert text in found
    (found, *_) = messages(RULE, stack, pools={"tools": pools["tools"] | {"replicas": 0}})
    assert found.startswith("c000 is to run 1 times of at most 0 in pool tools:")


def test_obeys_a_pool_of_ones_own_without_ceilings() -> None:
    batch: dict[str, Any] = {"tier": "3", "cpu": 1, "memory": 1}
    stack = _many("batch", 12, 999)
    for number in range(12):
        stack.relabel(f"c{number:03}", service="one")
    assert messages(RULE, stack, pools={"batch": batch}) == []

    found = messages(RULE, stack, pools={"batch": batch | {"containers": 11, "concurrency": 11, "replicas": 11}})
    assert [text.partition(" of at most")[0] for text in found] == [
        "pool batch is to run 12 containers",
        "pool batch is to run 12 at once",
        "one is to run 12 times",
    ]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"memoryReservation": UNKNOWN}, f"the memory request of redis can't be counted: it {LATER}"),
        (
            {"memoryReservation": None, "memory": None},
            "the memory request of redis can't be counted:"
            " it is given by neither a reservation nor a limit: set both",
        ),
        (
            {"labels": labels(service=UNKNOWN, pool="agents")},
            f"the service label of redis can't be counted: it {LATER}",
        ),
    ],
)
def test_unknown_amounts_are_violations(changes: dict[str, Any], message: str) -> None:
    assert messages(RULE, small_stack().change("redis", **changes)) == [message]


def test_unknown_replicas_are_a_violation() -> None:
    worker = service(1, 10**8, 2**28) | {"mode": {"replicated": UNKNOWN}}

    assert messages(RULE, Stack().add("worker", worker, SERVICE)) == [
        f"the replicas of worker can't be counted: it {LATER}"
    ]
