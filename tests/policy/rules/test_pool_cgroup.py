"""A container lies in the cgroup of the pool that its label names."""

from __future__ import annotations

from typing import Any

import pytest
from sutazai_policy.rules.pool_cgroup import RULE

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
from tests.policy.unreadable import LATER

_NOWHERE = "is in no cgroup, so nothing holds its pool together"


def _unlimited(parent: str) -> str:
    return (
        f"agent has the cgroupParent {parent}, which no preparation of the host limits:"
        " Docker makes it without a limit: use its pool's, or list it in pool_cgroups"
    )


def _disagrees(said: str, parent: str, pool: str) -> str:
    return (
        f"agent says that it is in {said}, and its cgroupParent {parent} is that of pool {pool}:"
        " make the two agree"
    )


def test_passes_the_reference_stack() -> None:
    assert messages(RULE, reference_stack(), cgroup_required=True) == []


@pytest.mark.parametrize(
    "parent",
    ["/sutazai/prod/agents", "sutazai-prod-agents.slice", Secret("/sutazai/prod/agents"), None, "", LEFT_OUT],
)
def test_passes_its_own_pools_cgroup_or_none_at_all(parent: Any) -> None:
    assert messages(RULE, small_stack().change("agent", cgroupParent=parent)) == []


@pytest.mark.parametrize(
    ("parent", "pool"),
    [
        ("/sutazai/prod/infrastructure", "infrastructure"),
        ("/sutazai/prod/ml", "ml"),
        ("sutazai-prod-tools.slice", "tools"),
    ],
)
@pytest.mark.parametrize("start", [True, False])
def test_refuses_another_pools_cgroup(parent: str, pool: str, start: bool) -> None:
    stack = small_stack().change("agent", cgroupParent=parent, start=start, mustRun=start, restart="no")

    (found,) = violations(RULE, stack)

    assert found.message == _disagrees("pool agents", parent, pool)
    assert found.urn == stack.urn("agent")


@pytest.mark.parametrize(
    "label", [[], labels(pool=UNKNOWN), [*labels(pool="agents"), *labels(pool="ml")], UNKNOWN, None], ids=str
)
def test_unknown_pools_agree_with_no_cgroup(label: Any) -> None:
    stack = small_stack().change("agent", cgroupParent="/sutazai/prod/agents", labels=label)

    assert messages(RULE, stack) == [_disagrees("no known pool", "/sutazai/prod/agents", "agents")]


@pytest.mark.parametrize(
    ("label", "said"),
    [
        ("Agents", "pool Agents"),
        ("a\nb", "pool 'a\\nb'"),
        (Secret("ml"), "pool a secret"),
        ("/sutazai/prod/agent", "pool /sutazai/prod/agent"),
    ],
)
def test_refuses_a_pool_that_only_reads_alike(label: Any, said: str) -> None:
    stack = small_stack().change("agent", cgroupParent="/sutazai/prod/agents").relabel("agent", pool=label)

    assert messages(RULE, stack) == [_disagrees(said, "/sutazai/prod/agents", "agents")]


@pytest.mark.parametrize(
    "parent",
    [
        "/agents", "agents", "/sutazai/agents", "/sutazai/dev/agents", "/sutazai/prod/agents/more",
        "/sutazai/prod/agents/", "/sutazai/prod/../prod/agents", "sutazai/prod/agents", "/sutazai/prod/unheard-of",
        "//sutazai/prod/agents", "/Sutazai/prod/agents", "sutazai-dev-agents.slice", "sutazai-prod-agents",
        "/sutazai-prod-agents.slice", "system.slice", "/", "/docker",
    ],
)  # fmt: skip
def test_refuses_a_cgroup_that_nobody_limits(parent: str) -> None:
    stack = small_stack().change("agent", cgroupParent=parent)

    (found,) = violations(RULE, stack)

    assert found.message == _unlimited(parent)
    assert found.urn == stack.urn("agent")


def test_writes_no_secret() -> None:
    stack = small_stack().change("agent", cgroupParent=Secret("/elsewhere"))
    assert messages(RULE, stack) == [_unlimited("a secret")]

    stack.change("agent", cgroupParent=Secret("/sutazai/prod/ml"))
    assert messages(RULE, stack) == [_disagrees("pool agents", "a secret", "ml")]


def test_refuses_the_slice_of_a_stack_with_a_dash_in_any_spelling_but_the_preparations() -> None:
    for parent, count in (("sutazai-my_shop-agents.slice", 0), ("sutazai-my-shop-agents.slice", 1)):
        stack = Stack("my-shop").add("agent", container("10", 2, 8, 8, "2", cgroupParent=parent))

        assert len(messages(RULE, stack)) == count
    stack = Stack("my-shop").add("agent", container("10", 2, 8, 8, "2", cgroupParent="/sutazai/my-shop/agents"))
    assert messages(RULE, stack) == []


def test_obeys_a_cgroup_of_ones_own_by_its_full_name() -> None:
    stack = small_stack().change("agent", cgroupParent="/my/own")
    assert messages(RULE, stack, pool_cgroups={"/my/own": 4096}) == []

    assert messages(RULE, stack, pool_cgroups={"/my/own": None}) == [_unlimited("/my/own")]
    assert messages(RULE, stack, pool_cgroups={"/my/own": {"memory": 9, "within": "agents"}}) == []
    assert messages(RULE, stack, pool_cgroups={"/my/own": {"memory": 9, "within": "ml"}}) == [
        _disagrees("pool agents", "/my/own", "ml")
    ]


@pytest.mark.parametrize("parent", ["/sutazai/prod/ml", "sutazai-prod-ml.slice"])
def test_obeys_no_full_name_that_hands_a_pools_cgroup_to_everybody(parent: str) -> None:
    stack = small_stack().change("agent", cgroupParent=parent)

    assert messages(RULE, stack, pool_cgroups={parent: 4096}) == [_disagrees("pool agents", parent, "ml")]


def test_obeys_a_pool_of_ones_own_and_the_loss_of_trust_in_one() -> None:
    stack = small_stack().change("agent", cgroupParent="/sutazai/prod/batch").relabel("agent", pool="batch")
    assert messages(RULE, stack) == [_unlimited("/sutazai/prod/batch")]
    assert messages(RULE, stack, pool_cgroups={"batch": 512}) == []

    stack = small_stack().change("agent", cgroupParent="/sutazai/prod/agents")
    assert messages(RULE, stack, pool_cgroups={"agents": None}) == [_unlimited("/sutazai/prod/agents")]


def test_obeys_that_a_cgroup_is_required_of_what_runs() -> None:
    slot = container("10", 2, 8, 8, "2", **STOPPED)
    stack = Stack().add("slot", slot).add("agent", container("10", 2, 8, 8, "2"))
    stack.add("worker", service(1, 10**9, 2**20), SERVICE).add("none", service(0, 10**9, 2**20), SERVICE)
    assert messages(RULE, stack) == []

    found = violations(RULE, stack, cgroup_required=True)

    assert [one.message for one in found] == [
        f"agent {_NOWHERE}: set cgroupParent to its pool's (`sutazai host prepare` makes it)",
        f"worker {_NOWHERE}: make it a container: Swarm has no cgroupParent",
    ]
    assert [one.urn for one in found] == [stack.urn("agent"), stack.urn("worker", SERVICE)]


def test_obeys_an_exception_for_one_service_and_no_other() -> None:
    stack = small_stack().change("aider", cgroupParent="/x").change("agent", cgroupParent="/x")
    exception = {"service": "aider", "reason": "has a cgroup of its own", "expires": "2027-01-31"}

    assert messages(RULE, stack, exceptions=[exception]) == [_unlimited("/x")]


@pytest.mark.parametrize(
    ("parent", "problem"),
    [(UNKNOWN, LATER), (5, "is 5, not a text: give a text"), (["/x"], "is a list, not a text: give a text")],
)
def test_unknown_or_odd_cgroups_are_violations(parent: Any, problem: str) -> None:
    stack = small_stack().change("agent", cgroupParent=parent)

    (found,) = violations(RULE, stack)

    assert found.message == f"agent has a cgroupParent that {problem}"
    assert found.urn == stack.urn("agent")
