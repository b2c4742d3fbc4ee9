"""Every workload requests its CPU, and no more than its own cores and limit hold."""

from __future__ import annotations

from typing import Any

import pytest
from sutazai_policy.rules.cpu_request import RULE

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

_MISSING = "redis has no cpuShares, so Docker gives it 1024, a whole core: set 1024 x the cores that it requests"


def _worker(limit: Any, request: Any) -> Stack:
    resources = {
        "limits": {"nanoCpus": limit, "memoryBytes": 2**28},
        "reservation": {"nanoCpus": request, "memoryBytes": 2**28},
    }
    return Stack().add("worker", service(2, 10**9, 2**28) | {"taskSpec": {"resources": resources}}, SERVICE)


def test_passes_the_reference_stack() -> None:
    assert messages(RULE, reference_stack()) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"cpuShares": 2},
        {"cpuShares": 2048},
        {"cpuShares": 2048.0},
        {"cpuShares": Secret(512)},
        {"cpuShares": 512, "cpus": "0.5"},
        {"cpuShares": 512, "cpus": "0"},
        {"cpuShares": 512, "cpus": ""},
        {"cpuShares": 3072, "cpuSet": ""},
        {"cpuShares": 3072, "cpuSet": "backwards"},
    ],
)
def test_passes_a_request_that_its_cores_and_cpus_hold(changes: dict[str, Any]) -> None:
    assert messages(RULE, small_stack().change("redis", **changes)) == []


def test_passes_a_service_that_reserves_up_to_its_limit() -> None:
    assert messages(RULE, _worker(10**6, 10**6)) == []
    assert messages(RULE, _worker(2 * 10**9, 10**9)) == []


@pytest.mark.parametrize("nothing", [None, LEFT_OUT, 0, 0.0])
@pytest.mark.parametrize("start", [True, False])
def test_refuses_a_container_without_a_request_even_a_stopped_one(nothing: Any, start: bool) -> None:
    stack = small_stack().change("redis", cpuShares=nothing, start=start, mustRun=start, restart="no")

    (found,) = violations(RULE, stack)

    assert found.message == _MISSING
    assert found.urn == stack.urn("redis")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"cpuShares": 1}, "has 1 cpuShares of at least 2: raise them"),
        ({"cpuShares": Secret(1)}, "has (secret) cpuShares of at least 2: raise them"),
        (
            {"cpuShares": 2049},
            "requests 2.001 cores (cpuShares / 1024) of the 2 in its cpuSet:"
            " lower cpuShares, or give it more cores",
        ),
        (
            {"cpuShares": 1025, "cpuSet": Secret("4")},
            "requests 1.001 cores (cpuShares / 1024) of the (secret) in its cpuSet:"
            " lower cpuShares, or give it more cores",
        ),
        (
            {"cpuShares": 1025, "cpus": "1"},
            "requests 1.001 cores (cpuShares / 1024) and may use 1 (cpus): lower cpuShares, or raise cpus",
        ),
        (
            {"cpuShares": 513, "cpus": "0.5"},
            "requests 0.501 cores (cpuShares / 1024) and may use 0.5 (cpus): lower cpuShares, or raise cpus",
        ),
        (
            {"cpuShares": Secret(513), "cpus": Secret("0.5")},
            "requests (secret) cores (cpuShares / 1024) and may use (secret) (cpus):"
            " lower cpuShares, or raise cpus",
        ),
        ({"cpus": "all"}, "has a cpus that is 'all', no number of CPUs: write it as in \"1.5\""),
        ({"cpus": "1e400"}, "has a cpus that is '1e400', no number of CPUs: write it as in \"1.5\""),
        ({"cpus": 1.5}, "has a cpus that is 1.5, not a text: give a text"),
        ({"cpuShares": "512"}, "has a cpuShares that is the text '512', not a whole number: give a whole number"),
        ({"cpuShares": 2.5}, "has a cpuShares that is 2.5, not a whole number: give a whole number"),
        ({"cpuShares": True}, "has a cpuShares that is True, not a whole number: give a whole number"),
        ({"cpuShares": [512]}, "has a cpuShares that is a list, not a whole number: give a whole number"),
        ({"cpuShares": -2}, "has a cpuShares that is -2, below 0: give a number from 0 up"),
        (
            {"cpuShares": 10**40},
            "has a cpuShares that is more than any host has: give a number that a host can hold",
        ),
    ],
)
def test_refuses_a_request_that_docker_refuses_or_that_can_not_be_had(
    changes: dict[str, Any], message: str
) -> None:
    stack = small_stack().change("redis", **changes)

    (found,) = violations(RULE, stack)

    assert found.message == f"redis {message}"
    assert found.urn == stack.urn("redis")


def test_refuses_both_when_neither_cores_nor_cpus_hold_a_request() -> None:
    stack = small_stack().change("redis", cpuShares=4096, cpus="1.5")

    assert messages(RULE, stack) == [
        "redis requests 4 cores (cpuShares / 1024) of the 2 in its cpuSet: lower cpuShares, or give it more cores",
        "redis requests 4 cores (cpuShares / 1024) and may use 1.5 (cpus): lower cpuShares, or raise cpus",
    ]


@pytest.mark.parametrize("task", [None, LEFT_OUT, {}, {"resources": None}, {"resources": {"limits": {}}}])
def test_refuses_a_service_without_its_request_and_limit(task: Any) -> None:
    stack = Stack().add("worker", service(2, 10**9, 2**28), SERVICE).change("worker", taskSpec=task)

    found = violations(RULE, stack)

    assert [one.message for one in found] == [
        "worker has no reservation.nanoCpus: set it in taskSpec.resources",
        "worker has no limits.nanoCpus: set it in taskSpec.resources",
    ]
    assert {one.urn for one in found} == {stack.urn("worker", SERVICE)}


@pytest.mark.parametrize(
    ("limit", "request_", "message"),
    [
        (
            5 * 10**8,
            10**9,
            "reserves 1 cores of its 0.5: lower reservation.nanoCpus, or raise limits.nanoCpus",
        ),
        (
            10**9 - 1,
            10**9,
            "reserves 1 cores of its 0.999: lower reservation.nanoCpus, or raise limits.nanoCpus",
        ),
        (
            10**9,
            10**9 + 1,
            "reserves 1.001 cores of its 1: lower reservation.nanoCpus, or raise limits.nanoCpus",
        ),
        (
            Secret(5 * 10**8),
            Secret(10**9),
            "reserves (secret) cores of its (secret): lower reservation.nanoCpus, or raise limits.nanoCpus",
        ),
        (10**9, 999_999, "has a reservation.nanoCpus of 999999 of at least 1000000: raise it"),
        (10**9, Secret(999_999), "has a reservation.nanoCpus of (secret) of at least 1000000: raise it"),
        (
            10**9,
            -1,
            "has a reservation.nanoCpus that is -1, below 0: give a number from 0 up",
        ),
        (
            "1",
            10**9,
            "has a limits.nanoCpus that is the text '1', not a whole number: give a whole number",
        ),
        (0, 10**9, "has no limits.nanoCpus: set it in taskSpec.resources"),
    ],
)
def test_refuses_a_service_whose_request_can_not_be_had(limit: Any, request_: Any, message: str) -> None:
    assert messages(RULE, _worker(limit, request_)) == [f"worker {message}"]


def test_obeys_exceptions_for_one_container_and_one_service() -> None:
    stack = _worker(None, 10**9).add("other", service(1, 0, 2**28), SERVICE)
    stack.add("redis", {}).add("agent", {})
    exceptions = [
        {"service": name, "reason": "its weight is set by hand", "expires": "2027-01-31"}
        for name in ("agent", "worker")
    ]

    assert messages(RULE, stack, exceptions=exceptions) == [
        _MISSING,
        "other has no reservation.nanoCpus: set it in taskSpec.resources",
        "other has no limits.nanoCpus: set it in taskSpec.resources",
    ]


@pytest.mark.parametrize("key", ["cpuShares", "cpus"])
@pytest.mark.parametrize("unknown", [UNKNOWN, Secret(UNKNOWN)])
def test_unknown_is_a_violation(key: str, unknown: Any) -> None:
    assert messages(RULE, small_stack().change("redis", **{key: unknown})) == [f"redis has a {key} that {LATER}"]


def test_unknown_hides_nothing_else() -> None:
    stack = small_stack().change("agent", cpuShares=UNKNOWN, cpus=UNKNOWN).change("redis", cpuShares=0)

    assert messages(RULE, stack) == [
        f"agent has a cpus that {LATER}",
        f"agent has a cpuShares that {LATER}",
        _MISSING,
    ]


@pytest.mark.parametrize(
    "task", [UNKNOWN, {"resources": UNKNOWN}, {"resources": {"limits": UNKNOWN, "reservation": UNKNOWN}}]
)
def test_unknown_parts_of_a_service_are_violations(task: Any) -> None:
    stack = Stack().add("worker", service(2, 10**9, 2**28) | {"taskSpec": task}, SERVICE)

    assert messages(RULE, stack) == [
        f"worker has a reservation.nanoCpus that {LATER}",
        f"worker has a limits.nanoCpus that {LATER}",
    ]
