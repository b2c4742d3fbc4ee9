"""The counters of both versions of cgroups, read from recorded samples."""

from __future__ import annotations

from exporter.usage import Usage, working_set

from tests.unit.exporter.recorded import STATS_V1, STATS_V2


def test_a_sample_of_cgroup_v1_is_read() -> None:
    assert Usage.of(STATS_V1) == Usage(
        cpu_seconds=0.230717224,
        periods=23,
        throttled_periods=21,
        throttled_seconds=1.883942719,
        working_set=2433024 - 1982464,
        memory_limit=67108864,
        pids=1,
        received=740,
        transmitted=42,
        online_cores=2,
    )


def test_a_sample_of_cgroup_v2_is_read() -> None:
    assert Usage.of(STATS_V2) == Usage(
        cpu_seconds=1.5,
        periods=0,
        throttled_periods=0,
        throttled_seconds=0,
        working_set=38000000,
        memory_limit=268435456,
        pids=3,
        received=1,
        transmitted=2,
        online_cores=12,
    )


def test_more_inactive_pages_than_usage_are_a_moment_of_counting_and_not_subtracted() -> None:
    assert working_set({"usage": 100, "stats": {"inactive_file": 100}}) == 100
    assert working_set({"usage": 100, "stats": {"inactive_file": 99}}) == 1
    assert working_set({"usage": 100}) == 100


def test_a_container_that_stopped_meanwhile_has_no_sample() -> None:
    assert Usage.of({"cpu_stats": {"cpu_usage": {"total_usage": 0}}, "memory_stats": {}, "pids_stats": {}}) is None
    assert Usage.of({}) is None


def test_a_container_without_a_network_has_sent_nothing() -> None:
    usage = Usage.of({key: value for key, value in STATS_V2.items() if key != "networks"})
    assert usage is not None
    assert (usage.received, usage.transmitted) == (0, 0)
