from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from sutazai_policy.core_set import span
from sutazai_policy.flow import overloaded
from sutazai_policy.units import CORE

_CORES = 5
_demands = st.dictionaries(
    keys=st.integers(1, span(0, _CORES)),
    values=st.sampled_from([1, CORE // 3, CORE // 2, CORE, CORE + 1, 2 * CORE, 3 * CORE]),
    max_size=8,
)


def _overloaded_by_hall(demands: dict[int, int]) -> set[int]:
    """Hall's condition taken at its word: try every set of cores."""
    return {
        cores
        for cores in range(1, span(0, _CORES) + 1)
        if sum(need for mask, need in demands.items() if not mask & ~cores) > cores.bit_count() * CORE
    }


@given(_demands)
def test_flow_finds_an_overload_exactly_where_halls_condition_is_broken(demands: dict[int, int]) -> None:
    expected = _overloaded_by_hall(demands)

    found = overloaded(demands)

    assert bool(found) == bool(expected)
    assert set(found) <= expected


def test_demands_that_only_fit_after_moving_each_other_fit() -> None:
    chain = {0b0011: CORE, 0b0110: CORE, 0b1100: CORE, 0b1000: CORE}

    assert overloaded(chain) == []


def test_two_separate_overloads_are_both_found() -> None:
    assert overloaded({0b0001: CORE + 1, 0b1100: 3 * CORE, 0b0010: CORE}) == [0b0001, 0b1100]


def test_a_large_set_is_overloaded_by_what_overflows_a_small_one() -> None:
    assert overloaded({0b01: CORE, 0b11: CORE + 1}) == [0b11]


def test_a_demand_without_cores_is_left_to_other_checks() -> None:
    assert overloaded({0: CORE}) == []
