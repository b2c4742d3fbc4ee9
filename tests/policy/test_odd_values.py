"""One odd resource is a violation itself, crashes nothing, and hides nothing that is wrong elsewhere."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pulumi_policy import proxy
from sutazai_policy.rule import Rule
from sutazai_policy.rules import HOST_BUDGET, LIMITS_REQUIRED, RULES, TIER_QUOTAS

from tests.policy.stacks import CONTAINER, SERVICE, Stack, container, messages, service, violations

_NUMBERS = ("cpuShares", "memory", "memorySwap", "memoryReservation")
_TEXTS = ("cpuSet", "cpus", "cgroupParent", "restart")
_FLAGS = ("start", "mustRun")
_UNKNOWNS = sorted(value for name, value in vars(proxy).items() if name.startswith("UNKNOWN_"))
_ODD: list[Any] = [
    *_UNKNOWNS,
    "", "a", "5-2", "1024", "0x10", "-1", "nan", "1e999", "9" * 500, "\x00", "\uff14",
    -1, -(10**30), 1, 3, 2**53 + 1, 10**300, 0.5, -0.0, 1e308, float("nan"), float("inf"), float("-inf"),
    True, False, [], [1], [None], {}, {"value": 1}, object(), b"5", None,
]  # fmt: skip


def _broken_stack() -> Stack:
    """Return a stack in which every rule has something to find, away from the resource named odd."""
    return (
        Stack()
        .add("odd", container("4-5", 512, 448, 512, "1"))
        .add("hog", container("8-12", 4096, 30000, 30000, "3", memorySwap=None))
    )


def _expected(rule: Rule[Any]) -> set[str]:
    return set(messages(rule, _broken_stack().remove("odd")))


def _about_the_hog(texts: list[str]) -> set[str]:
    """Drop what an added container changes in the text of a sum: its amounts and its other culprits."""
    return {re.sub(r"( requests| may take) .*", r"\1", text) for text in texts}


def _shown(value: Any) -> str:
    """Without an address: workers that share the tests must collect them under the same names."""
    return repr(value).partition(" at 0x")[0][:30]


@pytest.mark.parametrize("value", _ODD, ids=_shown)
@pytest.mark.parametrize("key", [*_NUMBERS, *_TEXTS, *_FLAGS, "labels", "name"])
def test_an_odd_value_of_a_container_hides_nothing_else(key: str, value: Any) -> None:
    stack = _broken_stack().change("odd", **{key: value})

    for rule in RULES:
        assert _about_the_hog(list(_expected(rule))) <= _about_the_hog(messages(rule, stack)), rule.name


@pytest.mark.parametrize("value", _ODD, ids=_shown)
@pytest.mark.parametrize("key", ["mode", "taskSpec", "labels", "name"])
def test_an_odd_value_of_a_service_hides_nothing_else(key: str, value: Any) -> None:
    odd = service(1, 10**8, 2**28) | {key: value}
    stack = _broken_stack().add("odd-service", odd, SERVICE)

    for rule in RULES:
        assert _about_the_hog(list(_expected(rule))) <= _about_the_hog(messages(rule, stack)), rule.name


@pytest.mark.parametrize("unknown", _UNKNOWNS)
@pytest.mark.parametrize("key", [*_NUMBERS, *_TEXTS, *_FLAGS])
def test_an_unknown_value_is_a_mandatory_violation_on_its_resource(key: str, unknown: str) -> None:
    stack = Stack().add("odd", container("4-5", 512, 448, 512, "1", **{key: unknown}))

    (found,) = violations(LIMITS_REQUIRED, stack)

    assert found.urn == stack.urn("odd")
    assert found.message == (
        f"odd has a {key} that is unknown until the update runs: give a plain value, not another resource's output"
    )


@pytest.mark.parametrize("rule", [HOST_BUDGET, TIER_QUOTAS], ids=lambda rule: rule.name)
@pytest.mark.parametrize("key", [*_NUMBERS[:2], _NUMBERS[3], "cpuSet"])
def test_a_budget_that_can_not_be_summed_is_never_passed(key: str, rule: Rule[Any]) -> None:
    stack = Stack().add("odd", container("4-5", 512, 448, 512, "1", **{key: _UNKNOWNS[0]}))

    assert [text for text in messages(rule, stack) if "of odd can't be counted" in text]


def test_properties_that_are_all_unknown_crash_nothing() -> None:
    stack = _broken_stack().change("odd", **dict.fromkeys(container("4", 2, 6, 6), _UNKNOWNS[-1]))

    for rule in RULES:
        assert _about_the_hog(list(_expected(rule))) <= _about_the_hog(messages(rule, stack)), rule.name


_values = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20), st.sampled_from(_UNKNOWNS)
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=6,
)
_properties = st.dictionaries(
    st.sampled_from([*container("4", 2, 6, 6), *service(1, 1, 1), "name", "cpu_set", "memory_swap"]), _values
)


@given(kind=st.sampled_from([CONTAINER, SERVICE]), properties=_properties)
@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_no_properties_whatever_crash_a_rule(kind: str, properties: dict[str, Any]) -> None:
    stack = Stack().add("odd", properties, kind)

    for rule in RULES:
        assert not [text for text in messages(rule, stack) if "so nothing is let through" in text]


@given(properties=_properties)
@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_what_passes_limits_required_is_a_container_with_real_limits(properties: dict[str, Any]) -> None:
    given_properties = container("4-5", 512, 448, 512, "1") | properties
    stack = Stack().add("odd", given_properties)

    if not messages(LIMITS_REQUIRED, stack):
        assert 6 <= given_properties["memory"] <= given_properties["memorySwap"]
        assert 0 < given_properties["memoryReservation"] <= given_properties["memory"]
        assert given_properties["cpuShares"] >= 2
