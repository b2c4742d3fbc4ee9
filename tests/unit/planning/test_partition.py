"""Groups and their cores: who gets how many, and what happens when there are too few."""

from __future__ import annotations

import pytest

from sutazai_infra.model.coreset import CoreSet
from sutazai_infra.planning.layout import Cap, partition

_STRATEGY = {"web": 1400, "data": 1400, "llm": 3000, "agents": 1406}


def _written(groups: dict[str, CoreSet]) -> dict[str, str]:
    return {name: str(cores) for name, cores in groups.items()}


@pytest.mark.parametrize(
    ("requests", "cores", "expected"),
    [
        pytest.param(_STRATEGY, "2-11", ["2-3", "4-5", "6-9", "10-11"], id="the strategy's"),
        pytest.param({"a": 500, "b": 500}, "0-3", ["0-1", "2-3"], id="equal requests get equal parts"),
        pytest.param({"a": 500, "b": 500}, "0-4", ["0-2", "3-4"], id="a tie goes to the earlier group"),
        pytest.param({"a": 0, "b": 3000}, "0-3", ["0", "1-3"], id="a group without requests gets one core"),
        pytest.param({"a": 2001, "b": 100}, "0-3", ["0-2", "3"], id="a request is rounded up to whole cores"),
        pytest.param({"a": 500, "b": 500}, "1,5,9,13", ["1,5", "9,13"], id="cores needn't be adjacent by number"),
        pytest.param({"a": 1500, "b": 1500}, "0-2", ["0-1", "1-2"], id="too few cores: neighbours share one"),
        pytest.param({"a": 100, "b": 100, "c": 100}, "0", ["0", "0", "0"], id="one core is everybody's"),
        pytest.param({"a": 5000, "b": 5000}, "0-1", ["0", "1"], id="requests beyond the host are still divided"),
    ],
)
def test_cores_are_divided(requests: dict[str, int], cores: str, expected: list[str]) -> None:
    divided = partition(requests, CoreSet.parse(cores))
    assert _written(divided) == dict(zip(requests, expected, strict=True))


def test_no_groups_get_no_cores() -> None:
    assert partition({}, CoreSet.span(0, 4)) == {}


def test_names_play_no_part() -> None:
    renamed = {name[::-1]: request for name, request in _STRATEGY.items()}
    first, second = (partition(requests, CoreSet.span(2, 10)) for requests in (_STRATEGY, renamed))
    assert list(first.values()) == list(second.values())


def test_a_cap_leaves_cores_to_others_or_idle() -> None:
    cap = Cap(frozenset({"agents"}), 2)
    both = partition({"web": 100, "agents": 1900}, CoreSet.span(0, 8), caps=[cap])
    assert _written(both) == {"web": "0-5", "agents": "6-7"}
    alone = partition({"agents": 1900}, CoreSet.span(0, 8), caps=[cap])
    assert _written(alone) == {"agents": "0-1"}
