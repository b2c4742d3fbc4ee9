"""An odd value crashes nothing, and hides nothing that is wrong elsewhere, in every place of every kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sutazai_policy.judge import Judge, Surroundings
from sutazai_policy.resource import UNKNOWN, Provider, Resource, Secret
from sutazai_policy.rule import Violation
from sutazai_policy.rules import all_rules

from tests.policy.odd import KINDS, ODD, bad_stack, odd_resource, paths, with_value_at
from tests.policy.stacks import TODAY

_RULES = all_rules()
_BAD = bad_stack().resources()
_PLACES = [(kind, path) for kind in KINDS for path in paths(kind)]
# It compares with what runs already, so an engine has to be asked.
_FINDS_NOTHING = {"stateful-replacement"}
_Place = tuple[str, tuple[str, ...]]
_Found = Counter[tuple[str, str | None, str]]


def _judged(*odd: Resource) -> list[tuple[str, Violation]]:
    judge = Judge([*_BAD, *odd], _RULES, {}, Surroundings(None, {}, TODAY))
    return [(rule.name, found) for rule, found in judge.all_violations(_RULES)]


def _counted(found: list[tuple[str, Violation]]) -> _Found:
    """Count by rule, resource, and how the message begins: what it goes on to name may be odd resources, too."""
    return Counter((rule, one.urn, " ".join(one.message.split()[:3]) if one.urn else "") for rule, one in found)


_BEFORE = _counted(_judged())


def _problems(*odd: Resource) -> list[str]:
    """Say what odd resources beside the bad ones crash, or hide."""
    found = _judged(*odd)
    crashed = [one.message for _, one in found if "so nothing is let through" in one.message]
    return [*crashed, *(f"hides {one}" for one in _BEFORE - _counted(found))]


def _odd(places: Sequence[_Place], value: Any) -> list[Resource]:
    return [
        odd_resource(f"odd-{number}", kind, with_value_at(KINDS[kind][1], path, value))
        for number, (kind, path) in enumerate(places)
    ]


def _culprit(places: Sequence[_Place], value: Any) -> Sequence[_Place]:
    """Return the one place that is to blame, or those that are together."""
    half = len(places) // 2
    for part in (places[:half], places[half:]):
        if part and _problems(*_odd(part, value)):
            return _culprit(part, value)
    return places


def test_every_rule_has_something_to_find_elsewhere() -> None:
    assert {rule.name for rule in _RULES} - {rule for rule, _, _ in _BEFORE} == _FINDS_NOTHING


@pytest.mark.parametrize("value", ODD, ids=lambda value: repr(value)[:30])
def test_an_odd_value_anywhere_crashes_nothing_and_hides_nothing(value: Any) -> None:
    if _problems(*_odd(_PLACES, value)):  # all places at once, which is quick
        culprit = _culprit(_PLACES, value)
        pytest.fail(f"{culprit}: {_problems(*_odd(culprit, value))}")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("value", [UNKNOWN, None, Secret("x"), [], {}], ids=repr)
def test_a_resource_of_which_nothing_is_known_crashes_nothing_and_hides_nothing(kind: str, value: Any) -> None:
    names = sorted({path[0] for path in paths(kind)})

    assert not _problems(odd_resource("odd", kind, dict.fromkeys(names, value)), odd_resource("odder", kind, {}))


@pytest.mark.parametrize(
    "provider",
    [
        None,
        Provider(""),
        Provider("urn:x", {"host": UNKNOWN, "version": 5.0}),
        Provider("urn:x", {"host": Secret("ssh://x")}),
        Provider("urn:x", {"host": [None]}),
    ],
)
@pytest.mark.parametrize("kind", KINDS)
def test_an_odd_provider_crashes_nothing_and_hides_nothing(kind: str, provider: Provider | None) -> None:
    depends = {"image": ("urn:gone",), "networksAdvanced": (), "volumes": ("urn:pulumi:prod::shop::x::odd",)}

    assert not _problems(odd_resource("odd", kind, KINDS[kind][1], provider=provider, depends=depends))


@pytest.mark.parametrize(
    "token", ["", "docker", "docker:index/container:Nothing", ":::", "docker:index:Container"]
)
def test_an_odd_kind_of_resource_crashes_nothing_and_hides_nothing(token: str) -> None:
    assert not _problems(odd_resource("odd", token, {"cpuSet": UNKNOWN}))


_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=20) | st.sampled_from(ODD),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=10), inner, max_size=3)
        | st.builds(Secret, inner)
    ),
    max_leaves=6,
)


@given(odd=st.lists(st.tuples(st.sampled_from(_PLACES), _values), min_size=1, max_size=6))
@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow])
def test_no_values_whatever_crash_a_rule_or_hide_anything(
    odd: list[tuple[tuple[str, tuple[str, ...]], Any]],
) -> None:
    resources = []
    for kind, (_, properties) in KINDS.items():
        found = properties
        for (own, path), value in odd:
            found = with_value_at(found, path, value) if own == kind else found
        resources.append(odd_resource(f"odd-{kind}", kind, found))

    assert not _problems(*resources)
