"""Every workload has a memory limit that Docker keeps."""

from __future__ import annotations

from typing import Any

import pytest
from sutazai_policy.rules.memory_limit import RULE

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

_MISSING = "redis has no memory limit: set memory, in MB"


def _worker(limit: Any) -> Stack:
    resources = {"limits": {"memoryBytes": limit}, "reservation": {"memoryBytes": 2**28}}
    return Stack().add("worker", service(2, 10**9, 2**28) | {"taskSpec": {"resources": resources}}, SERVICE)


def test_passes_the_reference_stack() -> None:
    assert messages(RULE, reference_stack()) == []


@pytest.mark.parametrize("memory", [6, 6.0, 512, Secret(6)])
def test_passes_a_container_with_a_limit(memory: Any) -> None:
    assert messages(RULE, small_stack().change("redis", memory=memory)) == []


@pytest.mark.parametrize("limit", [6 * 1024**2, Secret(6 * 1024**2), 2**40])
def test_passes_a_service_with_a_limit(limit: Any) -> None:
    assert messages(RULE, _worker(limit)) == []


@pytest.mark.parametrize("nothing", [None, LEFT_OUT, 0, 0.0, Secret(None)])
@pytest.mark.parametrize("start", [True, False])
def test_refuses_a_container_without_a_limit_even_a_stopped_one(nothing: Any, start: bool) -> None:
    stack = small_stack().change("redis", memory=nothing, start=start, mustRun=start, restart="no")

    (found,) = violations(RULE, stack)

    assert found.message == _MISSING
    assert found.urn == stack.urn("redis")


@pytest.mark.parametrize(
    ("memory", "message"),
    [
        (5, "has a memory limit of 5 MB of at least 6 MB: raise memory"),
        (Secret(5), "has a memory limit of (secret) MB of at least 6 MB: raise memory"),
        (-512, "has a memory that is -512, below 0: give a number from 0 up"),
        ("512", "has a memory that is the text '512', not a whole number: give a whole number"),
        (256.5, "has a memory that is 256.5, not a whole number: give a whole number"),
        (float("nan"), "has a memory that is nan, not a whole number: give a whole number"),
        (float("inf"), "has a memory that is inf, not a whole number: give a whole number"),
        (True, "has a memory that is True, not a whole number: give a whole number"),
        ([512], "has a memory that is a list, not a whole number: give a whole number"),
        ({"mb": 512}, "has a memory that is a group of properties, not a whole number: give a whole number"),
        (10**40, "has a memory that is more than any host has: give a number that a host can hold"),
        (
            Secret("512"),
            "has a memory that is a secret that can't be read as what belongs here: give a plain value",
        ),
    ],
)
def test_refuses_a_limit_that_is_none(memory: Any, message: str) -> None:
    assert messages(RULE, small_stack().change("redis", memory=memory)) == [f"redis {message}"]


@pytest.mark.parametrize("task", [None, LEFT_OUT, {}, {"resources": None}, {"resources": {"limits": None}}])
def test_refuses_a_service_without_a_limit(task: Any) -> None:
    stack = Stack().add("worker", service(2, 10**9, 2**28), SERVICE).change("worker", taskSpec=task)

    (found,) = violations(RULE, stack)

    assert found.message == "worker has no memory limit: set taskSpec.resources.limits.memoryBytes"
    assert found.urn == stack.urn("worker", SERVICE)


@pytest.mark.parametrize(
    ("limit", "message"),
    [
        (0, "has no memory limit: set taskSpec.resources.limits.memoryBytes"),
        (
            6 * 1024**2 - 1,
            "has a memory limit of 5.99 MB of at least 6 MB: raise limits.memoryBytes",
        ),
        (
            Secret(6 * 1024**2 - 1),
            "has a memory limit of (secret) MB of at least 6 MB: raise limits.memoryBytes",
        ),
        (-1, "has a limits.memoryBytes that is -1, below 0: give a number from 0 up"),
        (
            "1g",
            "has a limits.memoryBytes that is the text '1g', not a whole number: give a whole number",
        ),
    ],
)
def test_refuses_a_limit_of_a_service_that_is_none(limit: Any, message: str) -> None:
    assert messages(RULE, _worker(limit)) == [f"worker {message}"]


def test_obeys_exceptions_for_one_container_and_one_service() -> None:
    stack = _worker(None).add("other", service(1, 10**9, 0), SERVICE).add("redis", {}).add("agent", {})
    exceptions = [
        {"service": name, "reason": "its pool's cgroup limits it", "expires": "2027-01-31"}
        for name in ("agent", "worker")
    ]

    assert messages(RULE, stack, exceptions=exceptions) == [
        _MISSING,
        "other has no memory limit: set taskSpec.resources.limits.memoryBytes",
    ]


@pytest.mark.parametrize("unknown", [UNKNOWN, Secret(UNKNOWN)])
def test_unknown_is_a_violation_and_hides_nothing_else(unknown: Any) -> None:
    stack = small_stack().change("agent", memory=unknown).change("redis", memory=0)

    assert messages(RULE, stack) == [f"agent has a memory that {LATER}", _MISSING]


@pytest.mark.parametrize("task", [UNKNOWN, {"resources": UNKNOWN}, {"resources": {"limits": UNKNOWN}}])
def test_unknown_parts_of_a_service_are_violations(task: Any) -> None:
    stack = Stack().add("worker", service(2, 10**9, 2**28) | {"taskSpec": task}, SERVICE)

    assert messages(RULE, stack) == [f"worker has a limits.memoryBytes that {LATER}"]
