"""Requests and limits from measured use: a percentile with decay, bounds that narrow, and what isn't touched."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sutazai_infra.model.service import Kind, Resources, Service
from sutazai_infra.model.usage import Figure, Recommendation, Sample, ServiceUsage, Sizing
from sutazai_infra.planning.rightsizing import (
    TEMPLATE,
    advise,
    bounds,
    percentile,
    resized,
    sized_by_memory,
    together,
)
from tests.unit.planning.planning_samples import agents, catalogue, service

DAY = 24 * 3600
SIZING = Sizing()
CPU = [(number, 1) for number in range(1, 60)]


def over(days: float, *values: float) -> tuple[Sample, ...]:
    """Spread values evenly over some days, the last one now."""
    gap = days * DAY / max(1, len(values) - 1)
    return tuple(Sample((len(values) - 1 - number) * gap, value) for number, value in enumerate(values))


def declared(
    requests: tuple[float, int] = (0.1, 100), limits: tuple[float, int] = (1, 512), **more: Any
) -> Service:
    return catalogue([service("api", requests, limits, **more)]).service("api")


def used(
    cpu: float = 0.085, memory: float = 100, days: float = 8, samples: int = 100, **more: Any
) -> ServiceUsage:
    return ServiceUsage("api", 1, over(days, *[cpu] * samples), over(days, *[memory] * 8), **more)


def advised(service: Service, usage: ServiceUsage, **more: Any) -> Recommendation:
    return advise(service, usage, SIZING, **more)


def moved(one: Recommendation) -> dict[str, tuple[int, int]]:
    return {path: (figure.now, figure.advised) for path, figure in one.changes.items()}


def test_a_percentile_is_the_least_value_with_so_much_at_or_below_it() -> None:
    samples = [Sample(0, float(number)) for number in range(1, 11)]
    assert [percentile(samples, part, DAY) for part in (0.1, 0.5, 0.9, 0.95, 1)] == [1, 5, 9, 10, 10]


def test_what_is_a_half_life_old_counts_half() -> None:
    samples = [Sample(DAY, 100), Sample(0, 10)]
    assert percentile(samples, 0.66, DAY) == 10
    assert percentile(samples, 0.67, DAY) == 100


def test_bounds_have_the_margin_and_the_confidence_of_kubernetes() -> None:
    found = bounds(over(2, *range(1, 101)), Sizing(half_life_s=1e18))
    assert found.target == pytest.approx(90 * 1.15)
    assert found.lower == pytest.approx(50 * 1.15 * (1 + 0.001 / 2) ** -2)
    assert found.upper == pytest.approx(95 * 1.15 * 1.5)
    assert found.peak == 100


def test_one_sample_has_wide_bounds() -> None:
    found = bounds([Sample(0, 10)], SIZING)
    assert found.target == pytest.approx(11.5)
    assert found.peak == 10
    assert found.upper == pytest.approx(11.5 * (1 + 24 * 60))


SAMPLES = st.lists(
    st.builds(Sample, age_s=st.floats(0, 20 * DAY), value=st.floats(0, 1e6)), min_size=1, max_size=40
)


@given(SAMPLES)
def test_a_target_lies_between_its_bounds_and_within_what_was_measured(samples: list[Sample]) -> None:
    found, values = bounds(samples, SIZING), [sample.value for sample in samples]
    assert found.lower <= found.target <= found.upper
    assert 1.15 * min(values) <= found.target * (1 + 1e-9) <= 1.15 * max(values) * (1 + 1e-8)
    assert found.peak == max(values)


@given(SAMPLES, st.floats(0.05, 1), st.floats(0.05, 1))
def test_a_higher_percentile_is_no_less(samples: list[Sample], one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert percentile(samples, low, DAY) <= percentile(samples, high, DAY)


@given(SAMPLES, st.floats(0, 1000))
def test_the_moment_of_the_look_does_not_matter(samples: list[Sample], later: float) -> None:
    assume(len(samples) < 2 or len({s.value for s in samples}) == len(samples))
    moved_on = [Sample(sample.age_s + later, sample.value) for sample in samples]
    found = {percentile(each, 0.5, DAY) for each in (samples, moved_on)}
    values = sorted(sample.value for sample in samples)
    # By rounding alone it may be the neighbour.
    assert max(values.index(value) for value in found) - min(values.index(value) for value in found) <= 1


def test_requests_follow_use_with_the_margin() -> None:
    one = advised(declared((1, 400), (2, 512)), used(cpu=0.2, memory=100))
    assert moved(one) == {"requests/cpu": (1000, 230), "requests/memory": (400, 116), "limits/memory": (512, 160)}
    assert (one.entry, one.containers, one.samples, one.notes) == ("api", 1, 100, ())


def test_a_short_window_lowers_requests_and_no_limit() -> None:
    one = advised(declared((1, 400), (2, 512)), used(cpu=0.2, memory=100, days=0.05))
    assert moved(one) == {"requests/cpu": (1000, 230), "requests/memory": (400, 116)}


def test_a_difference_of_a_tenth_is_not_worth_a_new_plan() -> None:
    assert advised(declared((0.22, 106), (1, 165)), used(cpu=0.2, memory=100)).changes == {}


def test_too_few_samples_say_nothing() -> None:
    one = advised(declared((1, 400)), used(samples=59))
    assert (one.changes, one.notes, one.cpu) == ({}, ("59 of 60 samples: wait",), None)


def test_a_limit_that_the_peak_comes_close_to_is_raised() -> None:
    one = advised(declared((0.1, 100), (1, 128)), used(memory=120))
    assert moved(one) == {"requests/memory": (100, 144), "limits/memory": (128, 144)}


def test_after_a_kill_for_memory_there_is_more_than_the_peak() -> None:
    one = advised(declared((0.1, 100), (1, 128)), used(memory=128, oom_kills=2))
    assert moved(one) == {"requests/memory": (100, 240), "limits/memory": (128, 240)}
    assert one.notes == ("killed for memory 2 times",)


def test_a_throttled_service_gets_a_higher_limit_and_nobody_a_lower_one() -> None:
    one = advised(declared((0.1, 100), (1, 128)), used(cpu=0.1, throttled=0.06))
    assert moved(one)["limits/cpu"] == (1000, 1500)
    assert one.notes == ("throttled in 6% of its periods",)
    assert "limits/cpu" not in moved(advised(declared((0.1, 100), (4, 128)), used(cpu=0.1, throttled=0.05)))


def test_a_request_is_never_above_the_limit() -> None:
    one = advised(declared((0.1, 64), (0.2, 128)), used(cpu=0.5, memory=10, days=30))
    assert moved(one)["requests/cpu"] == (100, 200)


def test_an_idle_service_keeps_dockers_least() -> None:
    one = advised(declared((0.1, 64), (1, 128)), used(cpu=0, memory=0.1, days=0.1))
    assert moved(one) == {"requests/cpu": (100, 2), "requests/memory": (64, 6), "limits/memory": (128, 32)}


def test_the_limit_that_settings_follow_from_is_not_lowered() -> None:
    postgres = declared((1, 400), (2, 2048), tuning="postgres")
    assert moved(advised(postgres, used(cpu=1, memory=100))) == {
        "requests/cpu": (1000, 1150),
        "requests/memory": (400, 116),
    }


def test_memory_that_follows_from_another_limit_than_the_catalogues_is_left_alone() -> None:
    postgres = declared((1, 400), (2, 2048), tuning="postgres")
    one = advised(postgres, used(cpu=0.2, memory=100), as_declared=False)
    assert moved(one) == {"requests/cpu": (1000, 230)}
    assert one.notes == ("memory: its settings follow from its limit, which is another here: measured elsewhere",)
    plain = advised(declared((1, 400)), used(cpu=1, memory=100), as_declared=False)
    assert "requests/memory" in moved(plain)


@pytest.mark.parametrize(("rule", "does"), [("postgres", True), ("go", True), ("python", False), (None, False)])
def test_which_rules_take_memory_is_seen_from_the_rules(rule: str | None, does: bool) -> None:
    assert sized_by_memory(declared(tuning=rule)) is does


def test_agents_are_sized_together() -> None:
    one, two = used(cpu=0.1), used(cpu=0.3, oom_kills=1, throttled=0.5)
    both = together([one, two])
    assert (both.service, both.containers, both.oom_kills, both.throttled) == (TEMPLATE, 2, 1, 0.25)
    assert (len(both.cpu), len(both.memory)) == (200, 16)


def test_the_catalogue_takes_what_is_advised_each_agent_the_templates() -> None:
    before = catalogue([service("api", (0.1, 64), (1, 128)), service("backend"), *agents(2)])
    agent = next(one for one in before.services if one.kind is Kind.AGENT)
    figures = {
        "cpu_request": Figure(now=agent.requests.cpu, advised=3),
        "memory_request": Figure(now=agent.requests.memory, advised=40),
        "cpu_limit": Figure(now=agent.limits.cpu, advised=600),
        "memory_limit": Figure(now=agent.limits.memory, advised=200),
    }
    after = resized(before, [Recommendation(entry=TEMPLATE, containers=2, samples=1, **figures)])
    sizes = {one.name: (one.requests, one.limits) for one in after.services}
    pair = Resources.model_construct
    assert {sizes[one.name] for one in before.services if one.kind is Kind.AGENT} == {
        (pair(cpu=3, memory=40), pair(cpu=600, memory=200))
    }
    assert sizes["api"] == (before.service("api").requests, before.service("api").limits)


@given(
    st.builds(
        used,
        cpu=st.floats(0, 8),
        memory=st.floats(1, 20_000),
        days=st.floats(0.01, 30),
        oom_kills=st.integers(0, 3),
    ),
    st.integers(6, 4096),
    st.integers(0, 4096),
)
def test_whatever_was_measured_the_request_fits_below_the_limit_and_the_limit_above_the_peak(
    usage: ServiceUsage, request: int, more: int
) -> None:
    one = advised(declared((0.1, request), (1, request + more)), usage)
    assert one.cpu_request.advised <= one.cpu_limit.advised
    assert one.memory_request.advised <= one.memory_limit.advised
    assert one.memory_limit.advised >= usage.memory[0].value
    assert one.cpu_limit.advised >= one.cpu_limit.now
