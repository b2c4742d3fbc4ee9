"""`sutazai kpi`: tables for people, JSON for programs, and a line to whoever calls it wrongly."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sutazai_infra.cli.app import main
from sutazai_infra.operations import prometheus
from sutazai_infra.operations.prometheus import PrometheusError, Series

FIGURES = {
    "known": 120,
    "host_cpu": 0.5,
    "memory_waste": 0.72,
    "answer_p95": 0.0123,
    "task_p99": 2.5,
    "tasks_ended": 41.25,
    "requests": 7.5,
    "restarts": 2.0,
}
SCOPES = {"cpu_used": 0.25, "cpu_requested": 1.5, "memory_used_mib": 512 * 2**20, "memory_waste": 0.5}


class Server:
    url = "https://127.0.0.1:10047/prometheus"
    asked = 0

    def query(self, _expression: str) -> tuple[Series, ...]:
        self.asked += 1
        if self.asked == 1:
            return tuple(Series(labels={"figure": key}, value=value) for key, value in FIGURES.items())
        labels = {"of": "pool", "pool": "agents"}
        return tuple(Series(labels={"figure": key, **labels}, value=value) for key, value in SCOPES.items())

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        self.asked = -1


@pytest.fixture
def server(project: object, monkeypatch: pytest.MonkeyPatch) -> Server:
    del project
    found = Server()
    monkeypatch.setattr(prometheus, "prometheus_of", lambda *_: found)
    return found


def test_figures_stand_beside_their_targets(server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["kpi", "-s", "lab"]) == 0
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert lines[0] == "Stack lab, the last 1h"
    assert "Host CPU busy 50.0 % 40 to 60 % under load met" in lines
    assert "Memory requested and not used 72.0 % below 20 % missed" in lines
    assert "Answer of the backend, p95 12 ms" in lines
    assert "Task, from hand-out to end, p99 2.5 s" in lines
    assert "Tasks that ended 41.2/min" in lines
    assert "Requests at the gateway 7.5/s" in lines
    assert "Restarts 2 80 % fewer in a storm" in lines
    assert "Power drawn - 30 % less" in lines
    assert "Power drawn: no container reads a power meter, and most hosts have none" in lines
    assert "pool agents 0.25 1.5 - 512 - - 50%" in lines
    assert server.asked == -1


def test_it_fits_a_terminal_of_100_columns(server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    del server
    assert main(["kpi", "-s", "lab"]) == 0
    assert max(len(line) for line in capsys.readouterr().out.splitlines()) <= 100


def test_programs_get_values_targets_and_reasons(server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    del server
    assert main(["kpi", "-s", "lab", "--json", "--window", "30m"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert (found["version"], found["stack"], found["window"]) == (1, "lab", "30m")
    figures = {one["key"]: one for one in found["figures"]}
    assert figures["memory_waste"] == {
        "key": "memory_waste",
        "section": "Use",
        "title": "Memory requested and not used",
        "unit": "share",
        "value": 0.72,
        "target": "below 20 %",
        "met": False,
        "reason": "",
    }
    assert figures["power"]["value"] is None


@pytest.mark.parametrize("window", ["1", "0h", "hour", "1y", "-1h", "1h30m"])
def test_a_window_that_is_no_time_is_a_wrong_call(
    server: Server, capsys: pytest.CaptureFixture[str], window: str
) -> None:
    assert main(["kpi", "-s", "lab", "--window", window]) == 2
    assert "is no time" in capsys.readouterr().err
    assert server.asked == 0


def test_without_a_way_to_prometheus_it_says_so_in_one_line(
    project: object, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    del project

    def refuse(*_: object) -> Server:
        raise PrometheusError("stack lab: it publishes neither its gateway nor Prometheus")

    monkeypatch.setattr(prometheus, "prometheus_of", refuse)
    assert main(["kpi", "-s", "lab"]) == 1
    assert capsys.readouterr().err == "stack lab: it publishes neither its gateway nor Prometheus\n"
