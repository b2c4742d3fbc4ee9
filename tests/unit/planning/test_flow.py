"""Whether requests fit on overlapping core sets, against Hall's condition by brute force and against CP-SAT."""

from __future__ import annotations

from itertools import chain, combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sutazai_infra.model.coreset import CoreSet
from sutazai_infra.planning.feasibility import Shortfall, shortfall
from tests.unit.planning.oracles import fits_by_linear_program

_CORES = 5
_CORE_SETS = st.sets(st.integers(0, _CORES - 1), min_size=1).map(CoreSet)
_REQUESTS = st.lists(st.tuples(_CORE_SETS, st.integers(0, 1500)), max_size=8)


@pytest.mark.parametrize(
    ("requests", "lacking"),
    [
        pytest.param([("0", 1000), ("0-1", 1000)], None, id="a wide one gives way to a pinned one"),
        pytest.param([("0", 1001)], ("0", 1001, 1000), id="a core holds one core"),
        pytest.param([("0", 600), ("1", 600), ("0-1", 801)], ("0-1", 2001, 2000), id="sums on both cores"),
        pytest.param(
            [("2-3", 1900), ("2-5", 200), ("4-5", 2000)], ("2-5", 4100, 4000), id="no single set is to blame"
        ),
        pytest.param([("0-2", 1500), ("1-3", 1500), ("2", 1000)], None, id="what can move is moved"),
        pytest.param([("0-9", 3000), ("8-9", 2100)], ("8-9", 2100, 2000), id="though the sum would fit"),
        pytest.param([], None, id="nothing fits"),
        pytest.param([("0-1", 0), ("0", 0)], None, id="no request needs no core"),
    ],
)
def test_a_shortfall_is_found_where_there_is_one(
    requests: list[tuple[str, int]], lacking: tuple[str, int, int] | None
) -> None:
    expected = lacking and Shortfall(CoreSet.parse(lacking[0]), lacking[1], lacking[2])
    assert shortfall((CoreSet.parse(cores), request) for cores, request in requests) == expected


@given(_REQUESTS)
def test_hall_is_right(requests: list[tuple[CoreSet, int]]) -> None:
    found = shortfall(requests)
    assert (found is not None) == any(_overloaded(CoreSet(cores), requests) for cores in _subsets())
    if found is not None:
        assert _overloaded(found.cores, requests)
        assert found.requested == sum(request for cores, request in requests if cores <= found.cores)


@given(_REQUESTS)
def test_a_linear_program_agrees(requests: list[tuple[CoreSet, int]]) -> None:
    assert (shortfall(requests) is None) == fits_by_linear_program(requests)


def _subsets() -> chain[tuple[int, ...]]:
    return chain.from_iterable(combinations(range(_CORES), size) for size in range(1, _CORES + 1))


def _overloaded(cores: CoreSet, requests: list[tuple[CoreSet, int]]) -> bool:
    return sum(request for own, request in requests if own <= cores) > 1000 * len(cores)
