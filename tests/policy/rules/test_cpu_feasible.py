"""Requests fit the cores that they are confined to, whatever their sum is."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sutazai_policy.core_set import core_set_text
from sutazai_policy.rules.cpu_feasible import RULE

from tests.policy.stacks import (
    LEFT_OUT,
    SERVICE,
    STOPPED,
    UNKNOWN,
    Secret,
    Stack,
    container,
    messages,
    reference_stack,
    service,
    small_stack,
    violations,
)


def test_passes_the_reference_stack() -> None:
    assert messages(RULE, reference_stack()) == []


def test_passes_core_sets_that_are_full_to_the_last_share() -> None:
    stack = Stack().add("a", container("4-5", 1536, 16, 16)).add("b", container("5-6", 1536, 16, 16))

    assert messages(RULE, stack) == []


def test_refuses_a_core_set_that_is_asked_for_more_than_it_has() -> None:
    stack = small_stack().change("redis", cpuShares=2048).add("sidecar", container("4-5", 100, 16, 16))

    (found,) = violations(RULE, stack)

    assert found.message == (
        "what is confined to cores 4-5 requests 2.098 cores of 2 (redis 2, sidecar 0.098):"
        " lower cpuShares, or widen a cpuSet"
    )
    assert found.urn is None


def test_refuses_overlapping_core_sets_of_which_each_alone_would_fit() -> None:
    stack = Stack().add("a", container("4-5", 1536, 16, 16)).add("b", container("5-6", 1536, 16, 16))
    stack.add("c", container("4,6", 2, 16, 16)).add("elsewhere", container("6-7", 100, 16, 16))

    assert messages(RULE, stack) == [
        "what is confined to cores 4-6 requests 3.002 cores of 3 (a 1.5, b 1.5, c 0.002):"
        " lower cpuShares, or widen a cpuSet"
    ]


def test_refuses_each_overloaded_set_of_its_own() -> None:
    stack = Stack().add("b", container("8-9", 2049, 16, 16)).add("a", container("4", 1025, 16, 16))

    assert messages(RULE, stack) == [
        "what is confined to core 4 requests 1.001 cores of 1 (a 1.001): lower cpuShares, or widen a cpuSet",
        "what is confined to cores 8-9 requests 2.001 cores of 2 (b 2.001): lower cpuShares, or widen a cpuSet",
    ]


def test_passes_all_usable_cores_together_since_that_sum_is_the_hosts() -> None:
    stack = Stack().add("a", container("2-11", 10241, 16, 16)).add("w", service(9, 10**9, 2**20), SERVICE)

    assert messages(RULE, stack) == []


def test_refuses_what_is_confined_although_services_may_run_anywhere() -> None:
    stack = Stack().add("w", service(9, 10**9, 2**20), SERVICE).add("a", container("4", 1024, 16, 16))
    assert messages(RULE, stack) == []

    assert len(messages(RULE, stack.add("b", container("4", 2, 16, 16)))) == 1


def test_counts_only_usable_cores_of_a_core_set_that_has_some() -> None:
    stack = Stack().add("a", container("0-2,12-14", 1025, 16, 16))

    assert messages(RULE, stack) == [
        "what is confined to core 2 requests 1.001 cores of 1 (a 1.001): lower cpuShares, or widen a cpuSet"
    ]


def test_refuses_too_much_on_the_systems_cores_for_those_that_may_run_there() -> None:
    stack = Stack().add("a", container("0-1", 2048, 16, 16))
    assert messages(RULE, stack) == []

    assert messages(RULE, stack.add("b", container("1", 2, 16, 16))) == [
        "what is confined to cores 0-1 requests 2.002 cores of 2 (a 2, b 0.002):"
        " lower cpuShares, or widen a cpuSet"
    ]


def test_passes_cores_that_the_host_lacks_since_another_rule_tells() -> None:
    stack = Stack().add("a", container("12", 2048, 16, 16))
    assert messages(RULE, stack) == []

    assert messages(RULE, stack.add("b", container("4", 1025, 16, 16))) == [
        "what is confined to core 4 requests 1.001 cores of 1 (b 1.001): lower cpuShares, or widen a cpuSet"
    ]


def test_passes_a_stopped_container() -> None:
    slot = container("4", 2048, 16, 16, **STOPPED)

    assert messages(RULE, Stack().add("slot", slot)) == []


def test_obeys_the_declared_host() -> None:
    stack = Stack().add("a", container("1-2", 2048, 16, 16))
    assert messages(RULE, stack, host={"cores": 6}) == []

    assert messages(RULE, stack, host={"cores": 6, "reserved_cores": 2}) == [
        "what is confined to core 2 requests 2 cores of 1 (a 2): lower cpuShares, or widen a cpuSet"
    ]


def test_writes_no_secret_amount() -> None:
    stack = Stack().add("a", container("4", 2, 16, 16, cpuShares=Secret(1024))).add("b", container("4", 3, 6, 6))

    assert messages(RULE, stack) == [
        "what is confined to core 4 requests 1.003 cores of 1 (a (secret), b 0.003):"
        " lower cpuShares, or widen a cpuSet"
    ]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"cpuSet": UNKNOWN},
            "the core set of redis can't be counted:"
            " it is unknown until the update runs: give a plain value, not another resource's output",
        ),
        (
            {"cpuSet": "5-2"},
            "the core set of redis can't be counted:"
            " it is '5-2', no core set (5-2 runs backwards): write cores as in \"4-5,8\"",
        ),
        (
            {"cpuShares": [512]},
            "the CPU request of redis can't be counted: it is a list, not a whole number: give a whole number",
        ),
    ],
)
def test_unknown_or_odd_cores_and_requests_are_violations(changes: dict[str, Any], message: str) -> None:
    assert messages(RULE, small_stack().change("redis", **changes)) == [message]


@pytest.mark.parametrize("nothing", [None, "", LEFT_OUT])
def test_passes_a_container_without_core_set_as_one_that_may_run_anywhere(nothing: Any) -> None:
    stack = Stack().add("a", container("4", 9000, 16, 16)).change("a", cpuSet=nothing)

    assert messages(RULE, stack) == []


def _fits(demands: list[tuple[int, int]]) -> bool:
    """Take Hall's condition at its word: try every set of cores."""
    return all(
        sum(shares for cores, shares in demands if not cores & ~some) <= 1024 * some.bit_count()
        for some in range(1, 1 << 6)
    )


_demand = st.tuples(st.integers(1, 62), st.sampled_from([2, 100, 512, 1023, 1024, 1025, 1536, 2048]))


@given(st.lists(_demand, max_size=7))
def test_refuses_exactly_what_breaks_halls_condition(demands: list[tuple[int, int]]) -> None:
    stack = Stack()
    for number, (cores, shares) in enumerate(demands):
        stack.add(f"c{number}", container(core_set_text(cores), shares, 16, 16))
    # Core 0 is nobody's, so that no overload is that of all cores together.
    settings = {"host": {"cores": 7, "reserved_cores": 0}}

    assert bool(messages(RULE, stack, **settings)) is not _fits(demands)
