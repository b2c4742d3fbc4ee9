from __future__ import annotations

from workload.metrics import Counted, Family, Histogram, gauge, render


def test_a_family_is_written_as_prometheus_reads_it() -> None:
    family = Family("tasks_total", "counter", "Tasks.", (({"status": "done"}, 3), ({"status": "failed"}, 0.5)))
    assert render([family]) == (
        "# HELP tasks_total Tasks.\n"
        "# TYPE tasks_total counter\n"
        'tasks_total{status="done"} 3\n'
        'tasks_total{status="failed"} 0.5\n'
    )


def test_a_gauge_has_one_sample_without_labels() -> None:
    assert render([gauge("busy", "Busy.", True)]).endswith("busy 1\n")


def test_a_label_is_escaped() -> None:
    assert '{type="a\\"b\\\\c\\nd"}' in render([Family("x", "gauge", "X.", (({"type": 'a"b\\c\nd'}, 1),))])


def test_a_large_count_is_written_in_full() -> None:
    assert render([gauge("x", "X.", 12345678)]).endswith("x 12345678\n")


def test_a_counter_shows_what_has_not_happened_yet() -> None:
    counted = Counted("t", "T.", "status", ("done", "failed"))
    counted.add("done")
    counted.add("done", 2)
    assert render([counted]) == '# HELP t T.\n# TYPE t counter\nt{status="done"} 3\nt{status="failed"} 0\n'


def test_a_histogram_counts_what_is_not_above_each_bound() -> None:
    histogram = Histogram("h", "H.", (0.5, 1))
    for value in (0.25, 0.5, 0.75, 7):
        histogram.observe(value, status="done")
    assert render([histogram]).splitlines()[2:] == [
        'h_bucket{status="done",le="0.5"} 2',
        'h_bucket{status="done",le="1"} 3',
        'h_bucket{status="done",le="+Inf"} 4',
        'h_sum{status="done"} 8.5',
        'h_count{status="done"} 4',
    ]
