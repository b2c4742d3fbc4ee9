"""Labels say what a workload is; what can't be told apart is told as odd, and makes nobody important."""

from __future__ import annotations

from typing import Any

import pytest
from sutazai_policy import reading
from sutazai_policy.labels import Labels, read_labels
from sutazai_policy.reading import Reading

from tests.policy.stacks import UNKNOWN, Secret, labels
from tests.policy.unreadable import LATER


def _read(*lists: Any) -> Labels:
    return read_labels(*(reading.items({"x": one}, "x") for one in lists))


def test_each_label_is_read_on_its_own() -> None:
    found = _read(labels(stack="prod", service="a", pool="ml", tier="3", priority="low", other="x"))

    assert found == Labels(Reading("prod"), Reading("a"), Reading("ml"), Reading("3"), Reading("low"), Reading())
    assert _read([{"label": "sutazai.replaces-on", "value": "abc"}]).replaces_on == Reading("abc")
    assert _read() == _read(None) == _read([]) == Labels(*[Reading()] * 6)


def test_a_value_that_can_not_be_read_is_odd_alone() -> None:
    found = _read(labels(pool=UNKNOWN, tier="3"))

    assert (found.pool.problem, found.tier) == (LATER, Reading("3"))


@pytest.mark.parametrize(
    ("first", "second", "found"),
    [
        ("1", "1", Reading("1")),
        ("1", "3", Reading(problem="is given twice (1 and 3): give it once")),
        ("1", "", Reading(problem="is given twice (1 and nothing): give it once")),
        ("1", None, Reading(problem="is given twice (1 and nothing): give it once")),
        ("1", UNKNOWN, Reading(problem=LATER)),
        (UNKNOWN, "1", Reading(problem=LATER)),
        ("1", Secret("1"), Reading("1", secret=True)),
        (Secret("1"), "1", Reading("1", secret=True)),
        ("1", Secret("3"), Reading(problem="is given twice (1 and a secret): give it once")),
        (Secret("1"), Secret("3"), Reading(problem="is given twice (a secret and a secret): give it once")),
        ("a b", "c", Reading(problem="is given twice ('a b' and c): give it once")),
    ],
)
def test_a_label_that_is_given_twice_is_one_only_if_both_agree(first: Any, second: Any, found: Any) -> None:
    assert _read([*labels(tier=first), *labels(tier=second)]).tier == found
    assert _read(labels(tier=first), labels(tier=second)).tier == found


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        (UNKNOWN, f"is among labels of which one {LATER}"),
        (None, "is among labels of which one is no pair: give pairs of label and value"),
        ("a", "is among labels of which one is no pair: give pairs of label and value"),
        ({"label": UNKNOWN, "value": "1"}, f"is among labels of which one has a name that {LATER}"),
        ({"value": "1"}, "is among labels of which one has a name that is empty: give it one"),
        ({"label": "", "value": "1"}, "is among labels of which one has a name that is empty: give it one"),
    ],
)
def test_one_label_that_may_be_any_of_them_makes_all_odd(entry: Any, problem: str) -> None:
    for found in (
        _read([entry, *labels(tier="1")]),
        _read([*labels(tier="1"), entry]),
        _read(labels(pool="a"), [entry]),
    ):
        assert {one.problem for one in (found.stack, found.service, found.tier, found.replaces_on)} == {problem}


@pytest.mark.parametrize("bad", [UNKNOWN, "a", {}])
def test_a_list_that_can_not_be_read_makes_all_odd(bad: Any) -> None:
    found = _read(labels(tier="1"), bad)

    assert found.tier.value is None
    assert (found.tier.problem or "").startswith("is among labels of which the list is ")


@pytest.mark.parametrize(
    ("priority", "rank"),
    [
        ("critical", 1000),
        ("high", 800),
        ("medium", 600),
        ("low", 400),
        ("background", 200),
        ("700", 700),
        ("1" * 12, 111111111),
        ("Critical", 0),
        ("-5", 0),
        ("5.5", 0),
        ("\u0665", 0),
        ("²", 0),
        ("", 0),
        (UNKNOWN, 0),
        (5.0, 0),
    ],
)
def test_a_priority_ranks_as_it_says_and_an_odd_one_last(priority: Any, rank: int) -> None:
    assert _read(labels(priority=priority)).rank == rank
