"""Each Docker name is wanted once."""

from __future__ import annotations

from typing import Any

import pytest
from sutazai_policy.rules.unique_names import RULE

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
from tests.policy.unreadable import LATER


def test_passes_the_reference_stack() -> None:
    assert messages(RULE, reference_stack()) == []


@pytest.mark.parametrize("nothing", [None, "", LEFT_OUT, Secret("")])
def test_passes_names_that_pulumi_makes(nothing: Any) -> None:
    assert messages(RULE, small_stack().change("redis", name=nothing).change("agent", name=nothing)) == []


@pytest.mark.parametrize("other", ["Cache", "cache2", "cache/x", "redis"])
def test_passes_names_that_differ(other: str) -> None:
    assert messages(RULE, small_stack().change("redis", name="cache").change("agent", name=other)) == []


@pytest.mark.parametrize(
    ("first", "second", "shown"),
    [
        ("cache", "cache", "cache"),
        ("/cache", "cache", "cache"),
        ("cache", "/cache", "cache"),
        ("a\nb", "a\nb", "'a\\nb'"),
        (Secret("cache"), "cache", "a secret"),
        ("cache", Secret("cache"), "a secret"),
    ],
)
def test_refuses_the_second_of_two_containers_of_one_name(first: Any, second: Any, shown: str) -> None:
    stack = small_stack().change("redis", name=second).change("aider", name=first).change("agent", name="a")

    (found,) = violations(RULE, stack)

    assert found.message == f"redis wants the container name {shown}, which aider has: give it another"
    assert found.urn == stack.urn("redis")


def test_refuses_every_further_one_stopped_or_not() -> None:
    stack = small_stack().change("redis", name="x", **STOPPED)

    assert messages(RULE, stack.change("agent", name="x").change("aider", name="x")) == [
        "aider wants the container name x, which agent has: give it another",
        "redis wants the container name x, which agent has: give it another",
    ]


def test_refuses_two_services_of_one_name_though_a_container_may_have_it_too() -> None:
    stack = Stack().add("c", container("4", 2, 8, 8, name="web"))
    for name in ("a", "b"):
        stack.add(name, service(0, 10**9, 2**20) | {"name": "web"}, SERVICE)

    (found,) = violations(RULE, stack)

    assert found.message == "b wants the service name web, which a has: give it another"
    assert found.urn == stack.urn("b", SERVICE)


def test_refuses_one_name_under_two_parents() -> None:
    stack = Stack()
    for parent in ("pkg:web:Pool", "pkg:data:Pool"):
        stack.add("redis", container("4", 2, 8, 8, name="cache"), parent=parent)

    assert messages(RULE, stack) == ["redis wants the container name cache, which redis has: give it another"]


def test_obeys_no_exception_since_the_engine_knows_none() -> None:
    stack = small_stack().change("redis", name="x").change("agent", name="x")
    exception = {"service": "redis", "reason": "wants it all the same", "expires": "2027-01-31"}

    (found,) = messages(RULE, stack, exceptions=[exception])

    assert found.startswith("the settings of unique-names can't be used: exceptions: ")


@pytest.mark.parametrize(
    ("name", "problem"),
    [(UNKNOWN, LATER), (7, "is 7, not a text: give a text"), (["x"], "is a list, not a text: give a text")],
)
def test_unknown_or_odd_names_are_violations(name: Any, problem: str) -> None:
    stack = small_stack().change("redis", name=name).change("agent", name="x").change("aider", name="x")
    stack.add("worker", service(1, 10**9, 2**20) | {"name": name}, SERVICE)

    found = violations(RULE, stack)

    assert [one.message for one in found] == [
        "aider wants the container name x, which agent has: give it another",
        f"redis has a name that {problem}",
        f"worker has a name that {problem}",
    ]
    assert [one.urn for one in found][1:] == [stack.urn("redis"), stack.urn("worker", SERVICE)]
