"""Core sets: written and read as Docker does, immutable, and sets in every respect."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from sutazai_infra.model.coreset import CoreSet

CORES = st.frozensets(st.integers(0, 300), max_size=40)
ADAPTER = TypeAdapter(CoreSet)


@pytest.mark.parametrize(
    ("text", "cores", "written"),
    [
        ("0", [0], "0"),
        ("2-3,6", [2, 3, 6], "2-3,6"),
        (" 2-3 , 6 ", [2, 3, 6], "2-3,6"),
        ("6,2,3", [2, 3, 6], "2-3,6"),
        ("1-3,2-4", [1, 2, 3, 4], "1-4"),
        ("5-5", [5], "5"),
        ("0,2,4", [0, 2, 4], "0,2,4"),
    ],
)
def test_a_core_set_is_read_in_any_order_and_written_in_one(text: str, cores: list[int], written: str) -> None:
    parsed = CoreSet.parse(text)
    assert list(parsed) == cores
    assert str(parsed) == written


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "'' is no core set: write it as in 2-3,6"),
        ("all", "'all' is no core set: write it as in 2-3,6"),
        ("1,,2", "'1,,2' is no core set: write it as in 2-3,6"),
        ("-1", "'-1' is no core set: write it as in 2-3,6"),
        ("1-", "'1-' is no core set: write it as in 2-3,6"),
        ("1-2-3", "'1-2-3' is no core set: write it as in 2-3,6"),
        ("5-2", "'5-2' is no core set: '5-2' descends; write 2-5"),
        ("123456", "'123456' is no core set: write it as in 2-3,6"),
    ],
)
def test_what_docker_would_take_for_something_else_is_refused(text: str, message: str) -> None:
    with pytest.raises(ValueError) as refused:  # noqa: PT011 (the whole message is compared)
        CoreSet.parse(text)
    assert str(refused.value) == message


def test_a_negative_core_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^core -1 is negative: cores are numbered from 0$"):
        CoreSet([-1, 2])


def test_a_core_set_cannot_be_changed() -> None:
    with pytest.raises(AttributeError, match=r"^a core set is immutable: _cores can't be set$"):
        CoreSet([1])._cores = (2,)


@given(CORES)
def test_what_is_written_is_read_back(cores: frozenset[int]) -> None:
    if cores:
        assert CoreSet.parse(str(CoreSet(cores))) == CoreSet(cores)
    else:
        assert str(CoreSet()) == ""


@given(CORES, CORES)
def test_it_is_a_set_in_every_respect(one: frozenset[int], other: frozenset[int]) -> None:
    left, right = CoreSet(one), CoreSet(other)
    assert set(left | right) == one | other
    assert set(left & right) == one & other
    assert set(left - right) == one - other
    assert (left <= right) == (one <= other)
    assert (left == right) == (one == other)
    assert len(left) == len(one)
    assert bool(left) == bool(one)


@given(CORES)
def test_equal_sets_have_equal_hashes(cores: frozenset[int]) -> None:
    assert hash(CoreSet(sorted(cores))) == hash(CoreSet(sorted(cores, reverse=True)))


@given(CORES, st.integers(0, 50))
def test_the_last_are_the_highest_numbered(cores: frozenset[int], count: int) -> None:
    assert list(CoreSet(cores).last(count)) == sorted(cores)[max(0, len(cores) - count) :]


def test_a_span_is_adjacent() -> None:
    assert str(CoreSet.span(6, 4)) == "6-9"
    assert str(CoreSet.span(6, 0)) == ""


def test_a_core_set_is_not_equal_to_its_text() -> None:
    assert CoreSet([1]) != "1"


def test_yaml_may_give_a_single_core_as_a_number_but_not_as_a_truth() -> None:
    assert ADAPTER.validate_python(3) == CoreSet([3])
    with pytest.raises(ValidationError, match="True is no core set: write it as in 2-3,6"):
        ADAPTER.validate_python(True)


def test_it_is_written_to_json_as_docker_writes_it() -> None:
    assert ADAPTER.dump_json(CoreSet([2, 3, 6])) == b'"2-3,6"'
    assert repr(CoreSet([2, 3])) == "CoreSet('2-3')"
