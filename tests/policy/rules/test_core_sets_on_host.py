"""A core set lies inside the host, away from the system's cores."""

from __future__ import annotations

from typing import Any

import pytest
from sutazai_policy.rules.core_sets_on_host import RULE

from tests.policy.stacks import (
    LEFT_OUT,
    SERVICE,
    STOPPED,
    UNKNOWN,
    Secret,
    Stack,
    messages,
    reference_stack,
    service,
    small_stack,
    violations,
)
from tests.policy.unreadable import HIDDEN, LATER


def test_passes_the_reference_stack() -> None:
    assert messages(RULE, reference_stack()) == []


@pytest.mark.parametrize("cores", ["2", "11", "2-11", "4,6,8-9", None, "", LEFT_OUT, Secret("2-11")])
def test_passes_usable_cores_and_leaves_none_at_all_to_another_rule(cores: Any) -> None:
    assert messages(RULE, small_stack().change("redis", cpuSet=cores)) == []


def test_passes_a_service_since_swarm_has_no_core_sets() -> None:
    assert messages(RULE, Stack().add("worker", service(1, 10**9, 2**20), SERVICE)) == []


@pytest.mark.parametrize(
    ("cores", "problems"),
    [
        ("12", ["core 12, and the host has cores 0-11"]),
        ("4,12-13", ["cores 12-13, and the host has cores 0-11"]),
        ("1", ["core 1, and cores 0-1 are for the system"]),
        ("1-2", ["core 1, and cores 0-1 are for the system"]),
        ("0-11", ["cores 0-1, and cores 0-1 are for the system"]),
        (
            "0-8191",
            ["cores 12-8191, and the host has cores 0-11", "cores 0-1, and cores 0-1 are for the system"],
        ),
        (Secret("1,12"), ["(secret), and the host has cores 0-11", "(secret), and cores 0-1 are for the system"]),
    ],
)
def test_refuses_cores_that_are_not_to_be_had(cores: Any, problems: list[str]) -> None:
    stack = small_stack().change("redis", cpuSet=cores)

    found = violations(RULE, stack)

    assert [one.message for one in found] == [
        f"redis may run on {problem}: narrow its cpuSet" for problem in problems
    ]
    assert {one.urn for one in found} == {stack.urn("redis")}


def test_refuses_a_stopped_container_too() -> None:
    stack = small_stack().change("redis", cpuSet="0", **STOPPED)

    assert len(messages(RULE, stack)) == 1


def test_obeys_the_declared_host() -> None:
    stack = small_stack().change("redis", cpuSet="1-5").change("agent", cpuSet="6").remove("aider")
    host = {"cores": 6, "reserved_cores": 0}
    lacking = "agent may run on core 6, and the host has cores 0-5: narrow its cpuSet"

    assert messages(RULE, stack, host=host) == [lacking]
    assert messages(RULE, stack, host=host | {"reserved_cores": 2}) == [
        lacking,
        "redis may run on core 1, and cores 0-1 are for the system: narrow its cpuSet",
    ]


def test_obeys_an_exception_for_one_service_and_no_other() -> None:
    stack = small_stack().change("redis", cpuSet="0").change("agent", cpuSet="0")
    exception = {"service": "agent", "reason": "watches the system itself", "expires": "2027-01-31"}

    assert messages(RULE, stack, exceptions=[exception]) == [
        "redis may run on core 0, and cores 0-1 are for the system: narrow its cpuSet"
    ]


@pytest.mark.parametrize(
    ("cores", "problem"),
    [
        (UNKNOWN, LATER),
        (Secret(UNKNOWN), LATER),
        ("5-2", "is '5-2', no core set (5-2 runs backwards): write cores as in \"4-5,8\""),
        (" 4", "is ' 4', no core set: write cores as in \"4-5,8\""),
        (4.0, "is 4.0, not a text: give a text"),
        (["4"], "is a list, not a text: give a text"),
        (Secret("x"), HIDDEN),
    ],
)
def test_unknown_or_odd_core_sets_are_violations(cores: Any, problem: str) -> None:
    stack = small_stack().change("redis", cpuSet=cores).change("agent", cpuSet="0")

    found = violations(RULE, stack)

    assert [one.message for one in found] == [
        "agent may run on core 0, and cores 0-1 are for the system: narrow its cpuSet",
        f"redis has a cpuSet that {problem}",
    ]
    assert [one.urn for one in found] == [stack.urn("agent"), stack.urn("redis")]
