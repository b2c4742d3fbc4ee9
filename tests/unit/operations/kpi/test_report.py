"""Key figures: asked in two questions, held to their targets, and never without a value or a reason."""

from __future__ import annotations

import re
from typing import Any

import pytest

from sutazai_infra.operations.kpi.figures import FIGURES, Target
from sutazai_infra.operations.kpi.report import Measured, Report, ScopeUse, report
from sutazai_infra.operations.prometheus import PrometheusError, Series
from sutazai_infra.render.recording import RECORDED

SHORT = "Prometheus knows the last 20 min of 1h only."
ALL = [figure for figures in FIGURES.values() for figure in figures]


class Server:
    """Answers the first question with figures, the second with scopes."""

    url = "http://prometheus"

    def __init__(self, figures: dict[str, float], *scopes: tuple[dict[str, str], float]) -> None:
        known = {"known": 120.0} | figures if figures else {}
        self._answers = [
            tuple(Series(labels={"figure": key}, value=value) for key, value in known.items()),
            tuple(Series(labels=labels, value=value) for labels, value in scopes),
        ]
        self.asked: list[str] = []

    def query(self, expression: str) -> tuple[Series, ...]:
        self.asked.append(expression)
        return self._answers.pop(0)


def reported(server: Any, window: str = "1h") -> Report:
    return report(server, "lab", window)


def figure(key: str, **figures: float) -> Measured:
    return next(one for one in reported(Server({"agents": 1} | figures)).figures if one.key == key)


def test_every_figure_has_a_value_or_says_why_it_has_none() -> None:
    found = reported(Server({"task_p95": 0.25})).figures
    assert [one.key for one in found] == [one.key for one in ALL]
    assert [one.key for one in found if (one.value is None) is not bool(one.reason)] == []
    assert [one.key for one in found if one.value is not None] == ["task_p95"]


@pytest.mark.parametrize(
    ("key", "value", "met"),
    [
        ("host_cpu", 0.39, False),
        ("host_cpu", 0.40, True),
        ("host_cpu", 0.61, False),
        ("memory_waste", 0.20, True),
        ("memory_waste", 0.21, False),
        ("availability", 0.995, True),
        ("availability", 0.994, False),
        ("queue_most", 101, False),
        ("agents", 8, None),
        ("task_completion", 0.5, None),
    ],
)
def test_a_value_is_held_to_its_target_where_it_can_be(key: str, value: float, met: bool | None) -> None:
    found = figure(key, **{key: value})
    assert (found.value, found.met, found.reason) == (value, met, "")


def test_what_a_running_stack_does_not_show_is_named_with_the_reason() -> None:
    assert {one.key: (one.target, one.reason) for one in reported(Server({"agents": 1})).figures[-3:]} == {
        "start_up": ("60 % shorter", "a running stack doesn't show it: `make bench` starts agents both ways"),
        "power": ("30 % less", "no container reads a power meter, and most hosts have none"),
        "interventions": ("70 % fewer", "nobody counts what people do by hand"),
    }


def test_a_target_with_a_bound_on_one_side_knows_none_on_the_other() -> None:
    assert [Target("", least=1).met(value) for value in (0, 1, 99)] == [False, True, True]
    assert [Target("", most=1).met(value) for value in (-9, 1, 2)] == [True, True, False]


def test_scopes_come_from_the_whole_to_its_tiers_in_mebibytes() -> None:
    mib = 1024.0 * 1024
    server = Server(
        {"agents": 1},
        ({"figure": "memory_used_mib", "of": "tier", "tier": "2"}, 3 * mib),
        ({"figure": "cpu_used", "of": "pool", "pool": "agents"}, 0.5),
        ({"figure": "memory_waste", "of": "pool", "pool": "agents"}, 0.25),
        ({"figure": "memory_limit_mib", "of": "stack"}, 8 * mib),
    )
    assert reported(server).scopes == (
        ScopeUse(scope="stack", memory_limit_mib=8),
        ScopeUse(scope="pool agents", cpu_used=0.5, memory_waste=0.25),
        ScopeUse(scope="tier 2", memory_used_mib=3),
    )


def test_the_window_is_in_every_question_and_only_what_is_recorded_is_asked_for() -> None:
    server = Server({"agents": 1})
    reported(server, "30m")
    asked = " ".join(server.asked)
    assert set(re.findall(r"\[(\w+)\]", asked)) == {"30m"}
    named = set(re.findall(r"sutazai:[a-z0-9_:]+", asked))
    assert len(named) > 20
    assert named <= RECORDED


@pytest.mark.parametrize(
    ("known", "window", "remarks"),
    [(40, "1h", (SHORT,)), (107, "1h", ("Prometheus knows the last 54 min of 1h only.",)), (108, "1h", ())],
)
def test_a_window_that_goes_further_back_than_anybody_knows_is_told(
    known: float, window: str, remarks: tuple[str, ...]
) -> None:
    assert reported(Server({"known": known}), window).remarks == remarks


def test_a_server_that_knows_nothing_is_refused_with_the_way_out() -> None:
    with pytest.raises(PrometheusError) as refusal:
        reported(Server({}))
    assert str(refusal.value) == (
        "http://prometheus: knows nothing of a stack within 1h; wait a minute, or name another Prometheus"
    )
