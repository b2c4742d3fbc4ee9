"""Which parent cgroups hold a ceiling, and what what sits in them may take at most."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sutazai_policy.cgroups import Cgroup, PoolCgroups
from sutazai_policy.facts import read_facts
from sutazai_policy.rules.host_budget import RULE
from sutazai_policy.units import MIB

from tests.policy.stacks import UNKNOWN, Stack, container, messages, small_stack


def _boxed(**parents: str) -> Stack:
    """Return containers of 9000 MiB each, by the cgroup that they sit in."""
    stack = Stack()
    for name, parent in parents.items():
        stack.add(name, container("8-11", 64, 48, 9000, "3", cgroupParent=parent))
    return stack


def _culprits(stack: Stack, **settings: Any) -> str:
    """Return the parts of what the stack may take, on a host that has nearly no memory."""
    host = {"memory_mib": 1, "system_reserve_mib": 0, "emergency_reserve_mib": 0}
    (found,) = (text for text in messages(RULE, stack, host=host, **settings) if " may take " in text)
    return found.partition(" usable memory (")[2].partition(");")[0]


_LIMITS = {"agents": 8192, "ml": 5120, "tools": 2048, "infrastructure": 14336}


@pytest.mark.parametrize("parent", ["/sutazai/prod/agents", "sutazai-prod-agents.slice"])
def test_a_pool_cgroup_of_the_stack_carries_the_ceiling(parent: str) -> None:
    stack = small_stack().change("agent", memory=90000, cgroupParent=parent)

    assert messages(RULE, stack) == []


@pytest.mark.parametrize(
    "parent",
    [
        None, "/agents", "/sutazai/agents", "/sutazai/dev/agents", "/sutazai/prod/agents/more",
        "/sutazai/prod/agents/", "/sutazai/prod/../prod/agents", "sutazai/prod/agents", "/sutazai/prod/unheard-of",
        "sutazai-dev-agents.slice", "sutazai-prod-agents", "/sutazai-prod-agents.slice", UNKNOWN, 5,
    ],
)  # fmt: skip
def test_any_other_parent_cgroup_is_not_trusted(parent: Any) -> None:
    stack = small_stack().change("agent", memory=90000, cgroupParent=parent)

    (message,) = messages(RULE, stack)

    assert message.startswith("the stack may take 91024 MiB of 27648 MiB usable memory (agent 90000, ")


def test_a_slice_is_trusted_only_as_its_name_is_written_for_a_stack_with_a_dash() -> None:
    for parent, count in (("sutazai-my_shop-agents.slice", 0), ("sutazai-my-shop-agents.slice", 1)):
        stack = Stack("my-shop").add("agent", container("4", 64, 48, 90000, cgroupParent=parent))

        assert len(messages(RULE, stack)) == count


def test_what_sits_in_a_cgroup_takes_no_more_than_it_may_itself() -> None:
    stack = _boxed(a="/sutazai/prod/agents")
    assert _culprits(stack, pool_cgroups=_LIMITS) == "pool agents 8192"

    assert _culprits(stack.change("a", memory=100), pool_cgroups=_LIMITS) == "pool agents 100"
    assert _culprits(stack.change("a", memory=None), pool_cgroups=_LIMITS) == "pool agents 8192"


def test_a_cgroup_in_two_spellings_counts_twice_since_only_one_is_prepared() -> None:
    stack = _boxed(a="/sutazai/prod/agents", b="sutazai-prod-agents.slice")

    assert _culprits(stack, pool_cgroups=_LIMITS) == "pool agents 8192, pool agents 8192"


def test_tools_share_the_ceiling_of_ml() -> None:
    stack = _boxed(pytorch="/sutazai/prod/ml", aider="/sutazai/prod/tools")

    assert _culprits(stack, pool_cgroups=_LIMITS) == "pool ml 5120"
    assert _culprits(stack.change("pytorch", memory=1000), pool_cgroups=_LIMITS) == "pool ml 3048"
    assert _culprits(stack.remove("pytorch"), pool_cgroups=_LIMITS) == "pool ml 2048"


def test_without_trust_in_ml_tools_have_a_ceiling_of_their_own() -> None:
    stack = _boxed(pytorch="/sutazai/prod/ml", aider="/sutazai/prod/tools")

    assert _culprits(stack, pool_cgroups=_LIMITS | {"ml": None}) == "pytorch 9000, pool tools 2048"


@pytest.mark.parametrize(("own", "pool"), [("/my/own", "/sutazai/prod/ml"), ("my.slice", "sutazai-prod-ml.slice")])
def test_any_cgroup_can_be_trusted_by_its_full_name_and_lie_within_a_pool(own: str, pool: str) -> None:
    stack = _boxed(a=own, b=pool)

    assert _culprits(stack, pool_cgroups=_LIMITS | {own: 4096}) == f"pool ml 5120, pool {own} 4096"
    within = _LIMITS | {own: {"memory": 4096, "within": "ml"}}
    assert _culprits(stack, pool_cgroups=within) == "pool ml 5120"
    assert _culprits(stack.change("b", memory=10), pool_cgroups=within) == "pool ml 4106"


def test_a_pools_cgroup_under_its_full_name_stays_the_pools() -> None:
    for parent in ("/sutazai/prod/ml", "sutazai-prod-ml.slice"):
        assert _culprits(_boxed(a=parent), pool_cgroups=_LIMITS | {parent: 9999}) == "pool ml 5120"


def test_limits_scale_with_the_host_unless_they_are_given() -> None:
    stack = Stack().add("a", container("2", 2, 8, 90000, cgroupParent="/sutazai/prod/agents"))
    host = {"cores": 12, "memory_mib": 15043}
    assert messages(RULE, stack, host=host) == []

    (found,) = messages(RULE, stack, host=host, pool_cgroups={"agents": 13826})

    assert found.startswith("the stack may take 13826 MiB of 13825 MiB usable memory (pool agents 13826);")


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"/my/own": {}}, "/my/own.memory: missing: give the cgroup's memory limit in MiB"),
        ({"batch": {"within": "ml"}}, "batch.memory: missing: give the cgroup's memory limit in MiB"),
        ({"agents": {"within": "tools"}}, "agents.within: tools can't contain it: name an outermost pool"),
        ({"agents": {"within": "agents"}}, "agents.within: agents can't contain it: name an outermost pool"),
        ({"x": {"memory": 1, "within": "x"}}, "x.within: x can't contain it: name an outermost pool"),
        ({"agents": -1}, "agents.memory: input should be greater than or equal to 0"),
    ],
)
def test_a_cgroup_that_can_not_be_is_no_setting(given: dict[str, Any], problem: str) -> None:
    assert messages(RULE, small_stack(), pool_cgroups=given) == [
        f"the settings of host-budget can't be used: pool_cgroups.{problem}"
        " (they come from policy/stacks.yaml and --policy-pack-config)"
    ]


def test_a_stack_whose_name_is_not_known_has_no_pools() -> None:
    cgroups = PoolCgroups(None, {"ml": Cgroup(1), "/my/own": Cgroup(2)})

    assert [cgroups.pool_of(name) for name in ("/sutazai/None/ml", "sutazai-None-ml.slice", "/my/own")] == [
        None,
        None,
        "/my/own",
    ]


_PARENTS = ["/sutazai/prod/ml", "/sutazai/prod/tools", "sutazai-prod-ml.slice", "/sutazai/prod/agents", "/x", None]
_placed = st.lists(st.tuples(st.sampled_from(_PARENTS), st.integers(1, 9000)), max_size=6)


@given(placed=_placed, more=st.tuples(st.sampled_from(_PARENTS), st.integers(0, 9000)))
def test_ceilings_never_exceed_what_is_in_them_and_never_shrink(
    placed: list[tuple[str | None, int]], more: tuple[str | None, int]
) -> None:
    limits = {"ml": Cgroup(5000 * MIB), "tools": Cgroup(2000 * MIB, "ml"), "agents": Cgroup(6000 * MIB)}
    cgroups = PoolCgroups("prod", limits)

    def total(some: list[tuple[str | None, int]]) -> int:
        stack = Stack()
        for number, (parent, limit) in enumerate(some):
            stack.add(f"c{number}", container("4", 2, 6, limit, cgroupParent=parent))
        return sum(part.amount for part in cgroups.ceiling(read_facts(stack.resources()).claims))

    outside = sum(limit for parent, limit in placed if parent in ("/x", None))
    inside = sum(limit for parent, limit in placed if parent not in ("/x", None))
    assert outside * MIB <= total(placed) <= (outside + min(inside, 5000 + 5000 + 6000)) * MIB
    if more[1] or more[0] in _PARENTS[:4]:
        assert total(placed) <= total([*placed, more])
