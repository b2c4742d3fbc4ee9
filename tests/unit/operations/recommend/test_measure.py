from __future__ import annotations

import pytest

from sutazai_infra.model.usage import Sample
from sutazai_infra.operations.recommend.measure import Asked, measure
from tests.unit.operations.recommend.fakes import END, FakePrometheus

HOUR = 3600


@pytest.mark.parametrize(
    ("window_s", "step_s", "peak_s"),
    [
        (300, 15, 37),
        (HOUR, 15, 450),
        (24 * HOUR, 60, 3 * HOUR),
        (168 * HOUR, 420, 21 * HOUR),
        (480 * HOUR, 1200, 24 * HOUR),
    ],
)
def test_a_window_has_at_most_1440_samples_and_at_least_eight_peaks(
    window_s: int, step_s: int, peak_s: int
) -> None:
    asked = Asked(END, window_s)
    assert (asked.step_s, asked.peak_s) == (step_s, peak_s)


def test_samples_are_taken_by_service_with_their_age() -> None:
    server = FakePrometheus(redis=(0.25, 12))
    used = measure(server, Asked(END, 150))["redis"]
    assert (used.containers, used.oom_kills, used.throttled) == (1, 0, 0)
    assert used.cpu == tuple(Sample(age, 0.25) for age in range(135, -1, -15))
    assert used.memory == tuple(Sample(age, 12) for age in range(126, -1, -18))


def test_it_asks_for_the_window_alone() -> None:
    server = FakePrometheus()
    assert measure(server, Asked(END, HOUR)) == {}
    cpu, memory, *counts = server.asked
    assert cpu == {
        "path": "query_range",
        "query": "rate(sutazai_container_cpu_seconds_total[60s])",
        "start": str(END - HOUR + 15),
        "end": str(END),
        "step": "15",
    }
    assert (memory["query"], memory["step"]) == (
        "max_over_time(sutazai_container_memory_working_set_bytes[450s])",
        "450",
    )
    assert [one["query"] for one in counts] == [
        f"sum by (service) (increase(sutazai_container_{name}[3600s]))"
        for name in ("oom_kills_total", "cpu_throttled_periods_total", "cpu_periods_total")
    ]
    assert {one["time"] for one in counts} == {str(END)}


def test_kills_and_throttling_are_those_of_the_window() -> None:
    server = FakePrometheus(redis=(0.1, 1), api=(0.1, 1))
    server.kills = {"redis": "1.97"}
    server.throttled = {"redis": ("30", "120"), "api": ("0", "0")}
    used = measure(server, Asked(END, HOUR))
    assert (used["redis"].oom_kills, used["redis"].throttled) == (2, 0.25)
    assert (used["api"].oom_kills, used["api"].throttled) == (0, 0)
