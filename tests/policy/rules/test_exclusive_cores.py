"""Cores that have one owner are used by no other."""

from __future__ import annotations

from typing import Any

import pytest
from sutazai_policy.rules.exclusive_cores import RULE

from tests.policy.stacks import (
    LEFT_OUT,
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

_WAY_OUT = "2-7 are infrastructure's alone: narrow its cpuSet, or change exclusive.infrastructure"


def test_passes_the_reference_stack() -> None:
    assert messages(RULE, reference_stack()) == []


@pytest.mark.parametrize("cores", ["2", "7", "2-11", None, UNKNOWN])
def test_passes_the_owner_wherever_it_runs(cores: Any) -> None:
    assert messages(RULE, small_stack().change("redis", cpuSet=cores)) == []


@pytest.mark.parametrize(
    ("cores", "taken"),
    [
        ("2", "core 2"),
        ("7-8", "core 7"),
        ("0-11", "cores 2-7"),
        (None, "cores 2-7"),
        ("", "cores 2-7"),
        (LEFT_OUT, "cores 2-7"),
        (Secret("3"), "(secret)"),
    ],
)
def test_refuses_another_pools_container(cores: Any, taken: str) -> None:
    stack = small_stack().change("agent", cpuSet=cores)

    (found,) = violations(RULE, stack)

    assert found.message == f"agent may run on {taken}, and {_WAY_OUT}"
    assert found.urn == stack.urn("agent")


@pytest.mark.parametrize("cores", ["8", "0-1,8-11", "12"])
def test_passes_others_on_other_cores(cores: str) -> None:
    assert messages(RULE, small_stack().change("agent", cpuSet=cores)) == []


@pytest.mark.parametrize(
    "label",
    [
        [],
        None,
        UNKNOWN,
        labels(pool=UNKNOWN),
        labels(pool="Infrastructure"),
        labels(pool="infrastructure "),
        labels(service="infrastructure", pool="agents"),
        [*labels(pool="infrastructure"), *labels(pool="agents")],
        [*labels(pool="infrastructure"), {"label": UNKNOWN, "value": "agents"}],
        [{"label": "sutazai.Pool", "value": "infrastructure"}],
    ],
    ids=str,
)
def test_refuses_who_does_not_plainly_say_that_it_is_the_owner(label: Any) -> None:
    stack = small_stack().change("redis", labels=label)

    assert messages(RULE, stack) == [f"redis may run on cores 4-5, and {_WAY_OUT}"]


def test_refuses_a_service_since_swarm_runs_it_anywhere() -> None:
    stack = Stack().add("worker", service(1, 10**9, 2**20), SERVICE)

    (found,) = violations(RULE, stack)

    assert found.message == (
        "worker may run on cores 2-7, and 2-7 are infrastructure's alone:"
        " make it a container: Swarm has no core sets, or change exclusive.infrastructure"
    )
    assert found.urn == stack.urn("worker", SERVICE)
    assert messages(RULE, Stack().add("web", service(1, 10**9, 2**20, "1"), SERVICE)) == []


def test_passes_what_is_never_to_run() -> None:
    slot = container("2", 2, 6, 6, "3", **STOPPED)
    stack = Stack().add("slot", slot).add("none", service(0, 10**9, 2**20), SERVICE)

    assert messages(RULE, stack) == []


@pytest.mark.parametrize(
    "host",
    [{"cores": 24}, {"cores": 12, "reserved_cores": 1}, {"cores": 2, "reserved_cores": 0}],
)
def test_passes_anybody_on_a_host_whose_layout_is_not_known(host: dict[str, int]) -> None:
    assert messages(RULE, small_stack().change("agent", cpuSet="2-7"), host=host) == []


def test_obeys_owners_of_ones_own_by_pool_and_by_service() -> None:
    stack = small_stack().change("aider", cpuSet="4,11").change("agent", cpuSet="2-5,10-11")
    settings = {"service:redis": "4-5", "agents": "10-11"}

    assert messages(RULE, stack, exclusive=settings) == [
        "agent may run on cores 4-5, and 4-5 are service:redis's alone:"
        " narrow its cpuSet, or change exclusive.service:redis",
        "aider may run on core 4, and 4-5 are service:redis's alone:"
        " narrow its cpuSet, or change exclusive.service:redis",
        "aider may run on core 11, and 10-11 are agents's alone: narrow its cpuSet, or change exclusive.agents",
    ]


def test_obeys_a_services_name_by_its_label_before_its_resource() -> None:
    stack = small_stack().relabel("redis", service="cache").relabel("agent", service="redis")
    stack.change("agent", cpuSet="4")

    found = violations(RULE, stack, exclusive={"service:redis": "4-5"})

    assert [one.urn for one in found] == [stack.urn("redis")]
    assert messages(RULE, stack, exclusive={"service:cache": "4-5"})[0].startswith("agent may run on core 4,")


def test_obeys_no_pool_label_that_reads_like_a_service() -> None:
    stack = small_stack().change("agent", cpuSet="4").relabel("agent", pool="service:redis")

    assert len(messages(RULE, stack, exclusive={"service:redis": "4-5"})) == 1


def test_obeys_that_nobody_owns_anything() -> None:
    assert messages(RULE, small_stack().change("agent", cpuSet="2-7"), exclusive={}) == []


def test_obeys_an_exception_for_one_service_and_no_other() -> None:
    stack = small_stack().change("aider", cpuSet="7").change("agent", cpuSet="7")
    exception = {"service": "agent", "reason": "answers what people wait for", "expires": "2027-01-31"}

    assert messages(RULE, stack, exceptions=[exception]) == [f"aider may run on core 7, and {_WAY_OUT}"]


@pytest.mark.parametrize(
    ("exclusive", "problem"),
    [
        ({"b": "4-6", "a": "2-4,6"}, "exclusive: a and b both own cores 4,6 alone: divide them"),
        ({"a": "2-4", "service:a": "4"}, "exclusive: a and service:a both own core 4 alone: divide them"),
        ({"a": "4-2"}, "exclusive.a: no core set (4-2 runs backwards)"),
        ({"a": 4}, "exclusive.a: give cores as a text such as 8-11"),
    ],
)
def test_refuses_owners_that_can_not_be(exclusive: dict[str, Any], problem: str) -> None:
    assert messages(RULE, small_stack(), exclusive=exclusive) == [
        f"the settings of exclusive-cores can't be used: {problem}"
        " (they come from policy/stacks.yaml and --policy-pack-config)"
    ]


@pytest.mark.parametrize("cores", [UNKNOWN, "5-2", 9, ["9"], Secret(UNKNOWN), Secret("x")])
def test_unknown_or_odd_core_sets_count_as_every_core(cores: Any) -> None:
    (found,) = messages(RULE, small_stack().change("agent", cpuSet=cores))

    assert found.endswith(f", and {_WAY_OUT}")
