"""What a container may swap is bounded, by as little as the operator allows."""

from __future__ import annotations

from typing import Any

import pytest
from sutazai_policy.rules.memory_swap import RULE

from tests.policy.stacks import (
    LEFT_OUT,
    SERVICE,
    UNKNOWN,
    Secret,
    messages,
    reference_stack,
    service,
    small_stack,
    violations,
)

_MISSING = "redis has no memorySwap, so it may swap as much as its memory again: set memorySwap to 512"
_MB = "is the text '512', not a whole number: give a whole number"


def test_passes_the_reference_stack_and_services() -> None:
    assert messages(RULE, reference_stack().add("worker", service(2, 10**9, 2**28), SERVICE)) == []


@pytest.mark.parametrize(
    ("changes", "allowance"),
    [
        ({"memorySwap": 512}, 0),
        ({"memorySwap": 512.0, "memory": 512.0}, 0),
        ({"memorySwap": Secret(512)}, 0),
        ({"memorySwap": 512}, 64),
        ({"memorySwap": 576}, 64),
        ({"memorySwap": 9999, "memory": None}, 0),
        ({"memorySwap": 9999, "memory": UNKNOWN}, 0),
    ],
)
def test_passes_swap_up_to_the_allowance(changes: dict[str, Any], allowance: int) -> None:
    assert messages(RULE, small_stack().change("redis", **changes), swap_allowance_mib=allowance) == []


@pytest.mark.parametrize("nothing", [None, LEFT_OUT, 0, 0.0])
@pytest.mark.parametrize("start", [True, False])
def test_refuses_a_container_without_a_bound_even_a_stopped_one(nothing: Any, start: bool) -> None:
    stack = small_stack().change("redis", memorySwap=nothing, start=start, mustRun=start, restart="no")

    (found,) = violations(RULE, stack)

    assert found.message == _MISSING
    assert found.urn == stack.urn("redis")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"memorySwap": -1}, "has a memorySwap of -1, so it may swap without end: set memorySwap to 512"),
        (
            {"memorySwap": Secret(-1)},
            "has a memorySwap of (secret), so it may swap without end: set memorySwap to 512",
        ),
        (
            {"memorySwap": -1, "memory": 0},
            "has a memorySwap of -1, so it may swap without end: set memorySwap to the value of memory",
        ),
        (
            {"memorySwap": None, "memory": UNKNOWN},
            "has no memorySwap, so it may swap as much as its memory again: set memorySwap to the value of memory",
        ),
        (
            {"memorySwap": 513},
            "has a memorySwap of 513 MB, and memory 512 MB with 0 MB of swap allows 512:"
            " set memorySwap to that, or raise swap_allowance_mib",
        ),
        (
            {"memorySwap": 511},
            "has a memorySwap of 511 MB, and memory 512 MB with 0 MB of swap allows 512:"
            " set memorySwap to that, or raise swap_allowance_mib",
        ),
        (
            {"memorySwap": Secret(513)},
            "has a memorySwap of (secret) MB, and memory 512 MB with 0 MB of swap allows 512:"
            " set memorySwap to that, or raise swap_allowance_mib",
        ),
        (
            {"memory": Secret(500)},
            "has a memorySwap of 512 MB, and memory (secret) MB with 0 MB of swap allows (secret):"
            " set memorySwap to that, or raise swap_allowance_mib",
        ),
        ({"memorySwap": -2}, "has a memorySwap that is -2, below -1: give a number from 0 up"),
        ({"memorySwap": "512"}, f"has a memorySwap that {_MB}"),
        ({"memorySwap": 512.5}, "has a memorySwap that is 512.5, not a whole number: give a whole number"),
        ({"memorySwap": [512]}, "has a memorySwap that is a list, not a whole number: give a whole number"),
        ({"memorySwap": True}, "has a memorySwap that is True, not a whole number: give a whole number"),
    ],
)
def test_refuses_another_bound_than_memory(changes: dict[str, Any], message: str) -> None:
    assert messages(RULE, small_stack().change("redis", **changes)) == [f"redis {message}"]


def test_obeys_the_allowance() -> None:
    assert messages(RULE, small_stack().change("redis", memorySwap=576), swap_allowance_mib=63) == [
        "redis has a memorySwap of 576 MB, and memory 512 MB with 63 MB of swap allows 512 to 575:"
        " set memorySwap to that, or raise swap_allowance_mib"
    ]
    assert messages(RULE, small_stack().change("redis", memory=Secret(500)), swap_allowance_mib=1) == [
        "redis has a memorySwap of 512 MB, and memory (secret) MB with 1 MB of swap allows (secret) to (secret):"
        " set memorySwap to that, or raise swap_allowance_mib"
    ]
    assert messages(RULE, small_stack().change("redis", memorySwap=0), swap_allowance_mib=1) == [
        f"{_MISSING} to 513"
    ]


def test_obeys_an_exception_for_one_container_and_no_other() -> None:
    stack = small_stack().change("redis", memorySwap=None).change("agent", memorySwap=-1)
    exception = {"service": "agent", "reason": "is meant to swap at night", "expires": "2027-01-31"}

    assert messages(RULE, stack, exceptions=[exception]) == [_MISSING]


@pytest.mark.parametrize("unknown", [UNKNOWN, Secret(UNKNOWN)])
def test_unknown_is_a_violation_and_hides_nothing_else(unknown: Any) -> None:
    stack = small_stack().change("agent", memorySwap=unknown).change("redis", memorySwap=None)

    assert messages(RULE, stack) == [
        "agent has a memorySwap that is unknown until the update runs:"
        " give a plain value, not another resource's output",
        _MISSING,
    ]
