"""The order in which services start, and the seconds in which they are probed."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sutazai_infra.model.errors import ConfigError, PlanRefusedError
from sutazai_infra.model.service import Service
from sutazai_infra.planning.planner import plan
from sutazai_infra.planning.schedule import longest_base_ms, probe_intervals, probe_peak, start_stages
from tests.unit.planning.golden_maps import real_catalogue
from tests.unit.planning.planning_samples import reference_host, service, strategy
from tests.unit.planning.planning_samples import settings as stack


def _services(needs: dict[str, list[str]]) -> list[Service]:
    return [Service.model_validate(service(name, depends_on=tuple(others))) for name, others in needs.items()]


def test_a_service_starts_after_its_longest_chain() -> None:
    needs = {"web": ["api", "db"], "api": ["db"], "db": [], "cache": []}
    assert start_stages(_services(needs)) == {"web": 2, "api": 1, "db": 0, "cache": 0}


def test_what_isnt_in_the_stack_is_waited_for_by_nobody() -> None:
    alone = Service.model_validate(service("api", after=("tracing",)))
    assert start_stages([alone]) == {"api": 0}


def test_a_chain_of_5000_services_is_no_trouble() -> None:
    needs = {f"s{n}": [f"s{n + 1}"] for n in range(4999)} | {"s4999": []}
    assert start_stages(_services(needs))["s0"] == 4999


@pytest.mark.parametrize(
    ("needs", "circle"),
    [
        ({"a": ["a"]}, "services/a/depends_on: a circle: a -> a; remove one of them"),
        ({"a": ["b"], "b": ["a"]}, "services/a/depends_on: a circle: a -> b -> a; remove one of them"),
        (
            {"x": ["a"], "a": ["ok", "b"], "b": ["c"], "c": ["a"], "ok": []},
            "services/a/depends_on: a circle: a -> b -> c -> a; remove one of them",
        ),
    ],
)
def test_a_circle_is_named(needs: dict[str, list[str]], circle: str) -> None:
    with pytest.raises(ConfigError) as refused:
        start_stages(_services(needs))
    assert refused.value.problems == (circle,)


def test_every_stage_of_a_plan_is_above_those_that_it_needs() -> None:
    planned = plan(strategy(), reference_host(), stack())
    stages = {s.name: s.stage for s in planned.services}
    assert all(stages[needed] < s.stage for s in planned.services for needed in s.depends_on)
    order = [s.stage for s in planned.residents]
    assert order == sorted(order)


@pytest.mark.parametrize("seconds", [5, 10, 30, 60, 180, 3600, 7200])
def test_intervals_stay_between_their_base_and_half_as_much_again(seconds: int) -> None:
    intervals = probe_intervals({f"s{n}": 1000 * seconds for n in range(100)}, {})
    assert all(1000 * seconds <= interval <= 1500 * seconds for interval in intervals.values())
    assert max(intervals.values()) - 1000 * seconds <= max(15_000, 250 * seconds)


@settings(max_examples=50, deadline=None)
@given(st.integers(3_000, 10_000_000))
def test_no_interval_exceeds_the_cap(cap: int) -> None:
    base = longest_base_ms(cap)
    intervals = probe_intervals({f"s{n}": base for n in range(8)}, {})
    assert max(intervals.values()) <= cap


@pytest.mark.parametrize("count", [1, 5, 13, 30, 69, 87, 168, 300, 1000])
def test_no_second_sees_more_than_a_tenth_of_all_probes(count: int) -> None:
    bases = {f"s{n}": 30_000 if n % 8 == 0 else 60_000 for n in range(count)}
    peak = probe_peak(probe_intervals(bases, {}).values(), 0.1)
    assert peak.services == count
    assert peak.probes <= peak.allowed
    assert peak.allowed == max(4, -(-count // 10))


def test_the_peak_is_the_busiest_second_of_an_hour() -> None:
    # 50 s and 75 s meet each 150 s; 100 s joins them each 300 s.
    assert probe_peak([50_000, 75_000], 1).probes == 2
    assert probe_peak([50_000, 75_000, 100_000], 1).probes == 3
    assert probe_peak([2_999_000, 3_001_000], 1).probes == 1
    assert probe_peak([], 0.1).probes == 0


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 80), st.integers(0, 79))
def test_who_had_an_interval_keeps_it(count: int, leaver: int) -> None:
    before = probe_intervals({f"s{n}": 60_000 for n in range(count)}, {})
    rest = {name: 60_000 for name in before if name != f"s{leaver}"}
    after = probe_intervals({"newcomer": 60_000, **rest}, before)
    assert {name: after[name] for name in rest} == {name: before[name] for name in rest}


def test_who_has_another_base_gets_another_interval() -> None:
    assert probe_intervals({"a": 30_000}, {"a": 60_000}) == {"a": 30_000}


def test_many_are_dealt_out_evenly() -> None:
    intervals = probe_intervals({f"s{n}": 60_000 for n in range(6400)}, {})
    counts = Counter(intervals.values())
    assert len(counts) == 64
    assert min(counts.values()) >= 90
    assert probe_peak(intervals.values(), 0.1).probes <= 640


def test_a_plan_keeps_to_the_stacks_longest_interval() -> None:
    planned = plan(strategy(), reference_host(), stack(probe_interval_max="60s"))
    assert max(s.probe_interval_ms for s in planned.residents) <= 60_000


def test_probes_too_frequent_to_be_spread_are_refused_with_the_way_out() -> None:
    with pytest.raises(PlanRefusedError) as refused:
        plan(strategy(), reference_host(), stack(probe_interval_max="5s"))
    (reason,) = refused.value.reasons
    assert re.fullmatch(
        r"probes per second \d+ of 9 \(83 probed services\): raise probe_interval_max or probe_share", reason
    )


def test_without_a_longest_interval_only_the_share_is_named_as_the_way_out() -> None:
    with pytest.raises(PlanRefusedError) as refused:
        plan(strategy(), reference_host(), stack(probe_share=0.01))
    (reason,) = refused.value.reasons
    assert re.fullmatch(r"probes per second \d+ of 4 \(83 probed services\): raise probe_share", reason)


def test_no_number_of_agents_is_refused_for_its_probes() -> None:
    catalogue = real_catalogue()
    for count in range(81):
        planned = plan(catalogue, reference_host(), stack(agents=count))
        assert planned.probe_peak.probes <= planned.probe_peak.allowed
