"""A property is read, absent, or odd with its reason in words; nothing fails, and no secret is quoted."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sutazai_policy import reading
from sutazai_policy.reading import Reading

from tests.policy.stacks import LEFT_OUT, UNKNOWN, Secret
from tests.policy.unreadable import HIDDEN, LATER

_READERS: list[Callable[[Any, str], Reading[Any]]] = [
    reading.raw, reading.whole, reading.text, reading.flag, reading.core_set, reading.cpus, reading.nested,
    reading.items, reading.texts, reading.table, reading.pairs, reading.duration,
]  # fmt: skip
_every_reader = pytest.mark.parametrize("read", _READERS, ids=lambda read: read.__name__)


def _problem(read: Callable[[Any, str], Reading[Any]], value: Any) -> str | None:
    found = read({"x": value}, "x")
    assert found.value is None
    assert not found.absent
    return found.problem


@_every_reader
@pytest.mark.parametrize("value", [LEFT_OUT, None, Secret(None)])
def test_what_was_left_out_is_absent_and_no_problem(read: Any, value: Any) -> None:
    assert read({} if value is LEFT_OUT else {"x": value}, "x").absent


@_every_reader
@pytest.mark.parametrize("value", [UNKNOWN, Secret(UNKNOWN), Secret(Secret(UNKNOWN))])
def test_what_only_the_update_will_tell_says_so(read: Any, value: Any) -> None:
    assert _problem(read, value) == LATER
    assert read({"x": value}, "x").unknown
    assert not read({"x": [1]}, "x").unknown


@pytest.mark.parametrize(
    ("read", "value", "found"),
    [
        (reading.whole, 256.0, 256),
        (reading.whole, 0, 0),
        (reading.whole, -0.0, 0),
        (reading.whole, 2**53, 2**53),
        (reading.text, "a", "a"),
        (reading.flag, True, True),
        (reading.flag, False, False),
        (reading.core_set, "0,2-3", 0b1101),
        (reading.cpus, "1.5", Fraction(3, 2)),
        (reading.cpus, "0", Fraction(0)),
        (reading.nested, {}, {}),
        (reading.nested, {"y": UNKNOWN}, {"y": UNKNOWN}),
        (reading.raw, [1, {}], [1, {}]),
        (reading.duration, "1h2m3s", Fraction(3723)),
        (reading.duration, "1.5s", Fraction(3, 2)),
        (reading.duration, "5ms", Fraction(1, 200)),
        (reading.duration, "5m", Fraction(300)),
        (reading.duration, "7us", Fraction(7, 10**6)),
        (reading.duration, "7µs", Fraction(7, 10**6)),
        (reading.duration, "7ns", Fraction(7, 10**9)),
        (reading.duration, "0s", Fraction(0)),
        (reading.duration, "2m2m", Fraction(240)),
    ],
)
def test_a_value_is_read_secret_or_not(read: Any, value: Any, found: Any) -> None:
    assert read({"x": value}, "x") == Reading(found)
    if not isinstance(value, dict | list):
        assert read({"x": Secret(value)}, "x") == Reading(found, secret=True)


def test_an_empty_text_is_absent() -> None:
    assert reading.text({"x": ""}, "x").absent
    assert reading.core_set({"x": ""}, "x").absent


@pytest.mark.parametrize(
    ("read", "value", "problem"),
    [
        (reading.whole, "512", "is the text '512', not a whole number: give a whole number"),
        (reading.whole, True, "is True, not a whole number: give a whole number"),
        (reading.whole, 0.5, "is 0.5, not a whole number: give a whole number"),
        (reading.whole, float("nan"), "is nan, not a whole number: give a whole number"),
        (reading.whole, float("-inf"), "is -inf, not a whole number: give a whole number"),
        (reading.whole, 2.0**53 + 2, "is more than any host has: give a number that a host can hold"),
        (reading.whole, -1e308, "is more than any host has: give a number that a host can hold"),
        (reading.whole, -1.0, "is -1, below 0: give a number from 0 up"),
        (reading.whole, [512], "is a list, not a whole number: give a whole number"),
        (reading.text, 5.0, "is 5.0, not a text: give a text"),
        (reading.text, {}, "is a group of properties, not a text: give a text"),
        (reading.flag, "true", "is the text 'true', not true or false: give true or false"),
        (reading.flag, 1.0, "is 1.0, not true or false: give true or false"),
        (reading.flag, "x" * 90, f"is the text '{'x' * 36}..., not true or false: give true or false"),
        (reading.flag, "x" * 39, f"is the text '{'x' * 36}..., not true or false: give true or false"),
        (reading.flag, "x" * 38, f"is the text '{'x' * 38}', not true or false: give true or false"),
        (reading.flag, object(), "is of the type object, not true or false: give true or false"),
        (reading.nested, "a", "is the text 'a', not a group of properties: give a group of properties"),
        (reading.items, "abc", "is the text 'abc', not a list: give a list"),
        (reading.items, {"0": 1}, "is a group of properties, not a list: give a list"),
        (reading.core_set, "5-2", "is '5-2', no core set (5-2 runs backwards): write cores as in \"4-5,8\""),
        (reading.cpus, "1e3", "is '1e3', no number of CPUs: write it as in \"1.5\""),
        (reading.cpus, "-1", "is '-1', no number of CPUs: write it as in \"1.5\""),
        (reading.cpus, "1\n", "is '1\\n', no number of CPUs: write it as in \"1.5\""),
        (reading.cpus, "1" * 10, "is '1111111111', no number of CPUs: write it as in \"1.5\""),
        (reading.cpus, "\uff11", "is '\uff11', no number of CPUs: write it as in \"1.5\""),
        (reading.duration, "5", "is '5', no duration: write it as in \"1m30s\""),
        (reading.duration, "1h30", "is '1h30', no duration: write it as in \"1m30s\""),
        (reading.duration, "-1s", "is '-1s', no duration: write it as in \"1m30s\""),
        (reading.duration, "1 s", "is '1 s', no duration: write it as in \"1m30s\""),
        (reading.duration, "1d", "is '1d', no duration: write it as in \"1m30s\""),
        (reading.duration, "1s\n", "is '1s\\n', no duration: write it as in \"1m30s\""),
        (reading.duration, "\u0661s", "is '\u0661s', no duration: write it as in \"1m30s\""),
        (reading.duration, "1" * 10 + "s", "is '1111111111s', no duration: write it as in \"1m30s\""),
        (reading.duration, 30.0, "is 30.0, not a text: give a text"),
    ],
)
def test_an_odd_value_says_what_it_is_and_what_belongs_there_unless_it_is_secret(
    read: Any, value: Any, problem: str
) -> None:
    assert _problem(read, value) == problem
    assert _problem(read, Secret(value)) == HIDDEN
    assert read({"x": Secret(value)}, "x").secret


def test_a_number_may_have_a_least_value_of_its_own() -> None:
    assert reading.whole({"x": -1.0}, "x", least=-1) == Reading(-1)
    assert reading.whole({"x": -2.0}, "x", least=-1).problem == "is -2, below -1: give a number from 0 up"
    assert reading.whole({"x": 1.0}, "x", least=2).problem == "is 1, below 2: give a number from 2 up"


def test_lists_are_read_one_by_one() -> None:
    found = reading.texts({"x": ["a", "", None, UNKNOWN, 5.0, Secret("s"), Secret(5.0)]}, "x")

    assert found.value == (
        Reading("a"),
        Reading(),
        Reading(),
        Reading(problem=LATER),
        Reading(problem="is 5.0, not a text: give a text"),
        Reading("s", secret=True),
        Reading(problem=HIDDEN, secret=True),
    )


def test_tables_are_read_one_by_one() -> None:
    found = reading.table({"x": {"a": "b", "c": UNKNOWN, "d": None, "e": Secret("s"), "f": 5.0}}, "x")

    assert found.value == {
        "a": Reading("b"),
        "c": Reading(problem=LATER),
        "d": Reading(),
        "e": Reading("s", secret=True),
        "f": Reading(problem="is 5.0, not a text: give a text"),
    }


def test_lists_of_groups_are_read_one_by_one() -> None:
    found = reading.pairs({"x": [{"a": 1.0}, UNKNOWN, "b", Secret({"c": 2.0})]}, "x")

    assert found.value == (
        Reading({"a": 1.0}),
        Reading(problem=LATER),
        Reading(problem="is the text 'b', not a group of properties: give a group of properties"),
        Reading({"c": Secret(2.0)}, secret=True),
    )


def test_what_is_in_a_secret_is_secret_however_far_in() -> None:
    (group,) = reading.pairs({"x": Secret([{"a": {"b": ["c", 5.0]}, "d": None}])}, "x").value or ()
    inner = group.then(lambda found: reading.nested(found, "a")).then(lambda found: reading.texts(found, "b"))

    assert inner == Reading((Reading("c", secret=True), Reading(problem=HIDDEN, secret=True)), secret=True)
    assert group.value is not None
    assert reading.nested(group.value, "a").secret
    assert reading.text(group.value, "d").absent
    assert reading.table({"x": Secret({"a": "b"})}, "x").value == {"a": Reading("b", secret=True)}
    assert reading.items({"x": Secret(("a",))}, "x").value == (Reading("a", secret=True),)


_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.just(UNKNOWN),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=5), inner, max_size=3)
        | st.builds(Secret, inner)
    ),
    max_leaves=8,
)


@given(value=_values)
def test_no_value_whatever_makes_reading_fail(value: Any) -> None:
    for read in _READERS:
        found = read({"x": value}, "x")
        assert found.value is None or found.problem is None


@given(value=_values)
def test_no_problem_quotes_a_secret(value: Any) -> None:
    for read in _READERS:
        found = read({"x": Secret(value)}, "x")
        assert found.problem in (None, LATER, HIDDEN)
        if isinstance(found.value, tuple):
            assert all(one.secret or one.absent or one.problem == LATER for one in found.value)
