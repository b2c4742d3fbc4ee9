from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from sutazai_infra.cli.app import main
from tests.unit.operations.recommend.fakes import FakePrometheus

pytestmark = pytest.mark.usefixtures("server")
COMMAND = ["recommend", "-s", "lab", "--window", "1h"]


@pytest.fixture
def server(project: Path, monkeypatch: pytest.MonkeyPatch) -> FakePrometheus:
    server = FakePrometheus(redis=(0.01, 12.0))

    @contextmanager
    def found(folder: Path, stack: str, url: str | None) -> Iterator[FakePrometheus]:
        assert (folder, stack, url) == (project, "lab", None)
        yield server

    monkeypatch.setattr("sutazai_infra.operations.prometheus.prometheus_of", found)
    return server


def said(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]


def test_it_shows_what_should_be_the_effect_and_the_patch(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(COMMAND) == 0
    lines = said(capsys)
    assert lines[:5] == [
        "Stack lab: use of the last 1 h",
        "entry CPU request of limit MiB request of limit",
        "redis 0.4 -> 0.012 0.011..0.289 1 448 -> 14 13..392 512",
        "59 min were measured: less than a day says little of a busy one",
        "not measured: postgres",
    ]
    assert "tier 1 memory requests [MiB] 1472 1038 14336" in lines
    assert "memory: 448 -> 14 MiB requested, 12 used; waste 97% -> 14%" in lines
    assert lines[-7:] == [
        "priority: critical",
        "image: redis",
        "- requests: {cpu: 0.4, memory: 448Mi}",
        "+ requests: {cpu: 0.012, memory: 14Mi}",
        "limits: {cpu: 1, memory: 512Mi}",
        "separate: databases",
        "ports:",
    ]


def test_the_patch_is_written_where_it_is_wanted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "sizes.patch"
    assert main([*COMMAND, "--output", str(path)]) == 0
    assert path.read_text().startswith("--- a/catalogue/services/infrastructure.yaml\n")
    assert capsys.readouterr().out.endswith(f"\nwritten to {path}; take it: git apply {path}\n")


def test_the_patch_alone_is_printed_for_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*COMMAND, "-o", "-"]) == 0
    assert capsys.readouterr().out.startswith("--- a/catalogue/services/infrastructure.yaml\n")


def test_for_programs_it_is_one_document(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*COMMAND, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    (redis,) = document["recommendations"]
    assert (document["stack"], document["window_s"], redis["entry"]) == ("lab", 3600, "redis")
    assert redis["memory_request"] == {"now": 448, "advised": 14}


def test_where_nothing_was_measured_it_says_so(server: FakePrometheus, capsys: pytest.CaptureFixture[str]) -> None:
    server.use = {}
    assert main(COMMAND) == 0
    lines = said(capsys)
    assert "not measured: postgres, redis" in lines
    assert lines[-1] == "nothing to change"


@pytest.mark.parametrize(
    ("window", "why"), [("soon", "'soon' is no duration"), ("60s", "60s: too short to say anything; at least 5m")]
)
def test_a_window_that_is_none_is_a_wrong_call(window: str, why: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["recommend", "-s", "lab", "--window", window]) == 2
    assert why in " ".join(said_error(capsys).split())


def said_error(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().err.replace("│", "")


def test_a_file_that_can_not_be_written_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*COMMAND, "-o", str(tmp_path)]) == 1
    assert capsys.readouterr().err == f"{tmp_path}: can't be written: Is a directory\n"


def test_more_samples_may_be_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*COMMAND, "--min-samples", "1000"]) == 0
    assert any("240 of 1000 samples: wait" in line for line in said(capsys))


def test_a_plan_that_would_be_refused_is_said(
    project: Path, server: FakePrometheus, capsys: pytest.CaptureFixture[str]
) -> None:
    settings: Any = project / "Pulumi.lab.yaml"
    text = settings.read_text().replace("config:\n", "config:\n  sutazai-infra:tiers: {1: {request_cpu: 1.4}}\n")
    settings.write_text(text)
    server.use = {"redis": (0.9, 12.0)}
    assert main(COMMAND) == 0
    assert any(line.startswith("the plan would be refused: tier 1 requests") for line in said(capsys))
