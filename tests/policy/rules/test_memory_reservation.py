"""Every workload reserves the memory that it needs, within its limit."""

from __future__ import annotations

from typing import Any

import pytest
from sutazai_policy.rules.memory_reservation import RULE

from tests.policy.stacks import (
    LEFT_OUT,
    SERVICE,
    UNKNOWN,
    Secret,
    Stack,
    messages,
    reference_stack,
    service,
    small_stack,
    violations,
)
from tests.policy.unreadable import LATER

_MISSING = "redis has no memoryReservation, so nothing is kept for it: set it to the memory that it needs, in MB"
_SERVICE_MISSING = "has no reservation.memoryBytes, so nothing is kept for it: set it in taskSpec.resources"


def _worker(limit: Any, request: Any) -> Stack:
    resources = {"limits": {"memoryBytes": limit}, "reservation": {"memoryBytes": request}}
    return Stack().add("worker", service(2, 10**9, 2**28) | {"taskSpec": {"resources": resources}}, SERVICE)


def test_passes_the_reference_stack() -> None:
    assert messages(RULE, reference_stack()) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"memoryReservation": 6},
        {"memoryReservation": 512},
        {"memoryReservation": 512.0},
        {"memoryReservation": Secret(512)},
        {"memoryReservation": 9999, "memory": None},
        {"memoryReservation": 9999, "memory": UNKNOWN},
    ],
)
def test_passes_a_reservation_up_to_memory(changes: dict[str, Any]) -> None:
    assert messages(RULE, small_stack().change("redis", **changes)) == []


@pytest.mark.parametrize(("limit", "request_"), [(2**28, 2**28), (2**28, 1), (None, 2**40), (UNKNOWN, 2**40)])
def test_passes_a_service_that_reserves_up_to_its_limit(limit: Any, request_: Any) -> None:
    assert messages(RULE, _worker(limit, request_)) == []


@pytest.mark.parametrize("nothing", [None, LEFT_OUT, 0, 0.0])
@pytest.mark.parametrize("start", [True, False])
def test_refuses_a_container_that_reserves_nothing_even_a_stopped_one(nothing: Any, start: bool) -> None:
    stack = small_stack().change("redis", memoryReservation=nothing, start=start, mustRun=start, restart="no")

    (found,) = violations(RULE, stack)

    assert found.message == _MISSING
    assert found.urn == stack.urn("redis")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"memoryReservation": 513},
            "reserves 513 MB of its 512 MB memory: lower memoryReservation, or raise memory",
        ),
        (
            {"memoryReservation": Secret(513), "memory": Secret(512)},
            "reserves (secret) MB of its (secret) MB memory: lower memoryReservation, or raise memory",
        ),
        ({"memoryReservation": 5}, "has a memoryReservation of 5 MB of at least 6 MB: raise it"),
        ({"memoryReservation": Secret(5)}, "has a memoryReservation of (secret) MB of at least 6 MB: raise it"),
        ({"memoryReservation": -1}, "has a memoryReservation that is -1, below 0: give a number from 0 up"),
        (
            {"memoryReservation": "448"},
            "has a memoryReservation that is the text '448', not a whole number: give a whole number",
        ),
        (
            {"memoryReservation": 0.5},
            "has a memoryReservation that is 0.5, not a whole number: give a whole number",
        ),
        (
            {"memoryReservation": [6]},
            "has a memoryReservation that is a list, not a whole number: give a whole number",
        ),
    ],
)
def test_refuses_a_reservation_that_can_not_be_kept(changes: dict[str, Any], message: str) -> None:
    stack = small_stack().change("redis", **changes)

    assert messages(RULE, stack) == [f"redis {message}"]


@pytest.mark.parametrize("task", [None, LEFT_OUT, {}, {"resources": None}, {"resources": {"reservation": None}}])
def test_refuses_a_service_that_reserves_nothing(task: Any) -> None:
    stack = Stack().add("worker", service(2, 10**9, 2**28), SERVICE).change("worker", taskSpec=task)

    (found,) = violations(RULE, stack)

    assert found.message == f"worker {_SERVICE_MISSING}"
    assert found.urn == stack.urn("worker", SERVICE)


@pytest.mark.parametrize(
    ("limit", "request_", "message"),
    [
        (
            2**27,
            2**28,
            "reserves 256 MiB of its 128 MiB memory: lower reservation.memoryBytes, or raise limits.memoryBytes",
        ),
        (
            2**28,
            2**28 + 1,
            "reserves 256.01 MiB of its 256 MiB memory:"
            " lower reservation.memoryBytes, or raise limits.memoryBytes",
        ),
        (
            2**28 - 1,
            2**28,
            "reserves 256 MiB of its 255.99 MiB memory:"
            " lower reservation.memoryBytes, or raise limits.memoryBytes",
        ),
        (
            Secret(2**27),
            Secret(2**28),
            "reserves (secret) MiB of its (secret) MiB memory:"
            " lower reservation.memoryBytes, or raise limits.memoryBytes",
        ),
        (2**28, 0, _SERVICE_MISSING),
        (2**28, -1, "has a reservation.memoryBytes that is -1, below 0: give a number from 0 up"),
    ],
)
def test_refuses_a_reservation_of_a_service_that_can_not_be_kept(limit: Any, request_: Any, message: str) -> None:
    assert messages(RULE, _worker(limit, request_)) == [f"worker {message}"]


def test_obeys_exceptions_for_one_container_and_one_service() -> None:
    stack = _worker(None, 0).add("other", service(1, 10**9, 0), SERVICE).add("redis", {}).add("agent", {})
    exceptions = [
        {"service": name, "reason": "may be evicted at any time", "expires": "2027-01-31"}
        for name in ("agent", "worker")
    ]

    assert messages(RULE, stack, exceptions=exceptions) == [_MISSING, f"other {_SERVICE_MISSING}"]


@pytest.mark.parametrize("unknown", [UNKNOWN, Secret(UNKNOWN)])
def test_unknown_is_a_violation_and_hides_nothing_else(unknown: Any) -> None:
    stack = small_stack().change("agent", memoryReservation=unknown).change("redis", memoryReservation=0)

    assert messages(RULE, stack) == [f"agent has a memoryReservation that {LATER}", _MISSING]


@pytest.mark.parametrize("task", [UNKNOWN, {"resources": UNKNOWN}, {"resources": {"reservation": UNKNOWN}}])
def test_unknown_parts_of_a_service_are_violations(task: Any) -> None:
    stack = Stack().add("worker", service(2, 10**9, 2**28) | {"taskSpec": task}, SERVICE)

    assert messages(RULE, stack) == [f"worker has a reservation.memoryBytes that {LATER}"]
