from __future__ import annotations

from workload.metrics import Family, gauge, render


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
