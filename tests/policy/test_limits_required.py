from __future__ import annotations

from typing import Any

import pytest
from sutazai_policy.rules import LIMITS_REQUIRED

from tests.policy.stacks import (
    LEFT_OUT,
    SERVICE,
    UNKNOWN,
    Stack,
    messages,
    reference_stack,
    service,
    small_stack,
    violations,
)

_PLAIN = "is unknown until the update runs: give a plain value, not another resource's output"


def test_the_reference_stack_states_all_its_limits() -> None:
    assert messages(LIMITS_REQUIRED, reference_stack()) == []


@pytest.mark.parametrize("nothing", [None, LEFT_OUT, 0, 0.0])
@pytest.mark.parametrize(
    ("key", "message"),
    [
        (
            "cpuShares",
            "has no cpuShares, so Docker gives it 1024, a whole core: set 1024 x the cores that it requests",
        ),
        ("memory", "has no memory limit: set memory, in MB"),
        (
            "memorySwap",
            "has no memorySwap, so it may swap as much as its memory again: set memorySwap to 512",
        ),
        (
            "memoryReservation",
            "has no memoryReservation, so nothing is kept for it: set it to the memory that it needs, in MB",
        ),
    ],
)
def test_a_number_that_is_left_out_is_a_violation_on_the_container(key: str, message: str, nothing: Any) -> None:
    stack = small_stack().change("redis", **{key: nothing})

    (found,) = violations(LIMITS_REQUIRED, stack)

    assert found.message == f"redis {message}"
    assert found.urn == stack.urn("redis")


@pytest.mark.parametrize("nothing", [None, LEFT_OUT, ""])
def test_a_missing_core_set_is_a_violation(nothing: Any) -> None:
    assert messages(LIMITS_REQUIRED, small_stack().change("redis", cpuSet=nothing)) == [
        'redis has no cpuSet, so it may run on any core: give it its cores, as in "4-5"'
    ]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"cpuShares": 1}, "redis has 1 cpuShares of at least 2: raise them"),
        (
            {"memory": 5, "memorySwap": 5, "memoryReservation": 5},
            "redis has a memory limit of 5 MB of at least 6 MB: raise memory",
        ),
        (
            {"memoryReservation": 513},
            "redis reserves 513 MB of its 512 MB memory: lower memoryReservation, or raise memory",
        ),
        (
            {"memorySwap": -1},
            "redis has a memorySwap of -1, so it may swap without end: set memorySwap to 512",
        ),
        (
            {"memorySwap": 513},
            "redis has a memorySwap of 513 MB, and memory 512 MB with 0 MB of swap allows 512:"
            " set memorySwap to that, or raise swap_allowance_mib",
        ),
        (
            {"memorySwap": 511},
            "redis has a memorySwap of 511 MB, and memory 512 MB with 0 MB of swap allows 512:"
            " set memorySwap to that, or raise swap_allowance_mib",
        ),
        ({"memorySwap": -2}, "redis has a memorySwap that is -2, below -1: give a number from 0 up"),
    ],
)
def test_a_value_that_docker_refuses_or_widens_is_a_violation(changes: dict[str, Any], message: str) -> None:
    assert messages(LIMITS_REQUIRED, small_stack().change("redis", **changes)) == [message]


def test_swap_up_to_the_allowance_is_fine() -> None:
    stack = small_stack().change("redis", memorySwap=576)
    assert messages(LIMITS_REQUIRED, stack, swap_allowance_mib=64) == []

    assert messages(LIMITS_REQUIRED, stack, swap_allowance_mib=63) == [
        "redis has a memorySwap of 576 MB, and memory 512 MB with 63 MB of swap allows 512 to 575:"
        " set memorySwap to that, or raise swap_allowance_mib"
    ]


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (UNKNOWN, _PLAIN),
        ("512", "is the text '512', not a whole number: give a whole number"),
        (256.5, "is 256.5, not a whole number: give a whole number"),
        (float("nan"), "is nan, not a whole number: give a whole number"),
        (float("inf"), "is inf, not a whole number: give a whole number"),
        (True, "is True, not a whole number: give a whole number"),
        ([512], "is a list, not a whole number: give a whole number"),
        ({"mb": 512}, "is a group of properties, not a whole number: give a whole number"),
        (-512, "is -512, below 0: give a number from 0 up"),
        (10**40, "is more than any host has: give a number that a host can hold"),
    ],
)
@pytest.mark.parametrize("key", ["cpuShares", "memory", "memorySwap", "memoryReservation"])
def test_a_number_that_is_none_is_a_violation_with_its_reason(key: str, value: Any, problem: str) -> None:
    if (key, value) == ("memorySwap", -512):
        problem = "is -512, below -1: give a number from 0 up"

    assert messages(LIMITS_REQUIRED, small_stack().change("redis", **{key: value})) == [
        f"redis has a {key} that {problem}"
    ]


def test_a_whole_number_sent_as_a_float_is_what_it_says() -> None:
    stack = small_stack().change("redis", memory=512.0, memorySwap=512.0, cpuShares=512.0)

    assert messages(LIMITS_REQUIRED, stack) == []


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"cpuSet": "5-2"},
            "redis has a cpuSet that is '5-2', no core set (5-2 runs backwards): write cores as in \"4-5,8\"",
        ),
        ({"cpuSet": 4}, "redis has a cpuSet that is 4, not a text: give a text"),
        ({"cpus": "all"}, "redis has a cpus that is 'all', no number of CPUs: write it as in \"1.5\""),
        ({"cpus": "1e400"}, "redis has a cpus that is '1e400', no number of CPUs: write it as in \"1.5\""),
        ({"cgroupParent": UNKNOWN}, f"redis has a cgroupParent that {_PLAIN}"),
        ({"start": "yes"}, "redis has a start that is the text 'yes', not true or false: give true or false"),
        (
            {"memory_swap": 512},
            "redis has a property memory_swap, which the provider doesn't know: write memorySwap",
        ),
    ],
)
def test_an_odd_property_is_named_with_its_reason(changes: dict[str, Any], message: str) -> None:
    assert messages(LIMITS_REQUIRED, small_stack().change("redis", **changes)) == [message]


def test_a_snake_case_key_is_no_value() -> None:
    stack = small_stack().change("redis", cpuShares=LEFT_OUT, cpu_shares=512)

    assert messages(LIMITS_REQUIRED, stack) == [
        "redis has a property cpu_shares, which the provider doesn't know: write cpuShares",
        "redis has no cpuShares, so Docker gives it 1024, a whole core: set 1024 x the cores that it requests",
    ]


def test_a_container_without_anything_lists_all_that_is_missing() -> None:
    stack = Stack().add("bare", {})

    assert [text.split(":")[0].split(",")[0] for text in messages(LIMITS_REQUIRED, stack)] == [
        "bare has no cpuSet",
        "bare has no cpuShares",
        "bare has no memory limit",
        "bare has no memoryReservation",
    ]


def test_a_stopped_container_needs_its_limits_too() -> None:
    stack = small_stack().change("redis", start=False, mustRun=False, restart="no", memoryReservation=None)

    assert len(messages(LIMITS_REQUIRED, stack)) == 1


def test_a_service_with_reservations_and_limits_is_fine() -> None:
    assert messages(LIMITS_REQUIRED, Stack().add("worker", service(2, 10**9, 2**28), SERVICE)) == []


@pytest.mark.parametrize("task", [None, {}, {"resources": None}, {"resources": {"limits": None}}])
def test_a_service_without_resources_lists_all_that_is_missing(task: Any) -> None:
    stack = Stack().add("worker", service(2, 10**9, 2**28), SERVICE).change("worker", taskSpec=task)

    found = violations(LIMITS_REQUIRED, stack)

    assert [one.message for one in found] == [
        "worker has no reservation.nanoCpus: set it in taskSpec.resources",
        "worker has no reservation.memoryBytes: set it in taskSpec.resources",
        "worker has no limits.nanoCpus: set it in taskSpec.resources",
        "worker has no limits.memoryBytes: set it in taskSpec.resources",
    ]
    assert {one.urn for one in found} == {stack.urn("worker", SERVICE)}


def test_a_service_that_reserves_more_than_its_limit_is_a_violation() -> None:
    stack = Stack().add("worker", service(2, 10**9, 2**28), SERVICE)
    limits = {"nanoCpus": 5 * 10**8, "memoryBytes": 2**27}
    reservation = {"nanoCpus": 10**9, "memoryBytes": 2**28}
    stack.change("worker", taskSpec={"resources": {"limits": limits, "reservation": reservation}})

    assert messages(LIMITS_REQUIRED, stack) == [
        "worker reserves 1 cores of its 0.5: lower reservation.nanoCpus, or raise limits.nanoCpus",
        "worker reserves 256 MiB of its 128 MiB memory:"
        " lower reservation.memoryBytes, or raise limits.memoryBytes",
    ]


@pytest.mark.parametrize(
    ("mode", "problem"),
    [
        (UNKNOWN, _PLAIN),
        ("global", "is the text 'global', not a group of properties: give a group of properties"),
        ({"replicated": {"replicas": -2}}, "is -2, below 0: give a number from 0 up"),
        ({"replicated": {"replicas": UNKNOWN}}, _PLAIN),
        ({"global": "yes"}, "is the text 'yes', not true or false: give true or false"),
    ],
)
def test_a_service_whose_replicas_can_not_be_read_is_a_violation(mode: Any, problem: str) -> None:
    stack = Stack().add("worker", service(2, 10**9, 2**28), SERVICE).change("worker", mode=mode)

    assert messages(LIMITS_REQUIRED, stack) == [f"worker has a mode that {problem}"]
