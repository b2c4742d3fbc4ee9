"""Every container says which cores it runs on, in words that Docker reads."""

from __future__ import annotations

from typing import Any

import pytest
from sutazai_policy.rules.core_set_required import RULE

from tests.policy.stacks import LEFT_OUT, SERVICE, UNKNOWN, Secret, messages, service, small_stack, violations
from tests.policy.unreadable import HIDDEN

_MISSING = 'redis has no cpuSet, so it may run on any core: give it its cores, as in "4-5"'


@pytest.mark.parametrize("cores", ["4", "4-5", "0,2-3", Secret("4-5")])
def test_passes_a_container_with_cores(cores: Any) -> None:
    assert messages(RULE, small_stack().change("redis", cpuSet=cores)) == []


def test_passes_a_service_that_can_have_none() -> None:
    assert messages(RULE, small_stack().add("worker", service(2, 10**9, 2**28), SERVICE)) == []


@pytest.mark.parametrize("nothing", [None, LEFT_OUT, ""])
@pytest.mark.parametrize("start", [True, False])
def test_refuses_a_container_without_cores_even_a_stopped_one(nothing: Any, start: bool) -> None:
    stack = small_stack().change("redis", cpuSet=nothing, start=start, mustRun=start, restart="no")

    (found,) = violations(RULE, stack)

    assert found.message == _MISSING
    assert found.urn == stack.urn("redis")


@pytest.mark.parametrize(
    ("cores", "problem"),
    [
        ("5-2", "is '5-2', no core set (5-2 runs backwards): write cores as in \"4-5,8\""),
        ("a", "is 'a', no core set: write cores as in \"4-5,8\""),
        (" 4", "is ' 4', no core set: write cores as in \"4-5,8\""),
        ("4-5,", "is '4-5,', no core set: write cores as in \"4-5,8\""),
        ("0-9000", "is '0-9000', no core set (Linux has no core 9000): write cores as in \"4-5,8\""),
        (4, "is 4, not a text: give a text"),
        (["4"], "is a list, not a text: give a text"),
        ({"cores": "4"}, "is a group of properties, not a text: give a text"),
        (Secret("5-2"), HIDDEN),
    ],
)
def test_refuses_cores_that_can_not_be_read(cores: Any, problem: str) -> None:
    stack = small_stack().change("redis", cpuSet=cores)

    (found,) = violations(RULE, stack)

    assert found.message == f"redis has a cpuSet that {problem}"
    assert found.urn == stack.urn("redis")


def test_refuses_each_container_that_has_none() -> None:
    stack = small_stack().change("redis", cpuSet=None).change("agent", cpuSet="x")

    assert [one.urn for one in violations(RULE, stack)] == [stack.urn("agent"), stack.urn("redis")]


def test_obeys_an_exception_for_one_container_and_no_other() -> None:
    stack = small_stack().change("redis", cpuSet=None).change("agent", cpuSet=None)
    exception = {"service": "agent", "reason": "moves between the hosts' cores", "expires": "2027-01-31"}

    assert messages(RULE, stack, exceptions=[exception]) == [_MISSING]


@pytest.mark.parametrize("unknown", [UNKNOWN, Secret(UNKNOWN)])
def test_unknown_is_a_violation(unknown: Any) -> None:
    assert messages(RULE, small_stack().change("redis", cpuSet=unknown)) == [
        "redis has a cpuSet that is unknown until the update runs:"
        " give a plain value, not another resource's output"
    ]
