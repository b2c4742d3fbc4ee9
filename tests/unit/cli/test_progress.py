from __future__ import annotations

import io
import re
import time
from collections.abc import Mapping

import pytest
from rich.console import Console

from sutazai_infra.cli.progress import Progress
from sutazai_infra.operations.deploy.events import Step


def piped() -> tuple[Progress, io.StringIO]:
    stream = io.StringIO()
    return Progress(Console(file=stream, width=80, highlight=False, markup=False)), stream


def lines(stream: io.StringIO) -> list[str]:
    return [re.sub(r"\d+\.\d s", "T s", line) for line in stream.getvalue().splitlines()]


def test_a_pipe_gets_a_line_for_each_finished_resource_and_one_for_the_phase() -> None:
    progress, stream = piped()
    with progress.phase("update") as phase:
        phase.step(Step("create", "container", "redis", "running"))
        phase.step(Step("create", "container", "redis", "done"))
        phase.result = "1 done"
    assert lines(stream) == ["    created container redis (T s)", "✓ update   1 done (T s)"]


def test_a_failed_resource_is_called_so() -> None:
    progress, stream = piped()
    with progress.phase("update") as phase:
        phase.step(Step("create", "container", "redis", "failed"))
    assert lines(stream)[0] == "    failed container redis (T s)"


def test_a_quiet_phase_is_one_line() -> None:
    progress, stream = piped()
    with progress.phase("preview", quiet=True) as phase:
        phase.step(Step("create", "container", "redis", "done"))
        phase.note("thinking")
    assert len(lines(stream)) == 1


def test_the_same_note_is_said_once() -> None:
    progress, stream = piped()
    with progress.phase("health") as phase:
        phase.note("waiting for redis")
        phase.note("waiting for redis")
    assert lines(stream)[:-1] == ["    waiting for redis"]


def test_a_phase_that_fails_leaves_no_tick() -> None:
    progress, stream = piped()
    with pytest.raises(ValueError, match="no"), progress.phase("update"):
        raise ValueError("no")
    assert stream.getvalue() == ""


def test_a_container_that_turns_unhealthy_is_named_once_while_it_is_waited_for() -> None:
    progress, stream = piped()
    with progress.phase("update") as phase:
        for health in ("starting", "unhealthy", "unhealthy"):
            phase.saw({"redis": health})
    assert lines(stream)[:-1] == ["    redis is unhealthy; still waiting for it"]


def test_a_watch_that_fails_breaks_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sutazai_infra.cli.progress._POLL_S", 0.01)
    asked: list[int] = []

    def watch() -> Mapping[str, str]:
        asked.append(1)
        raise OSError("the engine is gone")

    progress, _ = piped()
    with progress.phase("update", watch):
        until = time.monotonic() + 5
        while len(asked) < 2 and time.monotonic() < until:
            time.sleep(0.01)
    assert len(asked) >= 2


def test_a_terminal_shows_what_runs_with_the_containers_state() -> None:
    stream = io.StringIO()
    console = Console(file=stream, width=80, force_terminal=True, color_system=None, highlight=False)
    with Progress(console).phase("update") as phase:
        phase.step(Step("create", "container", "redis", "running"))
        phase.saw({"redis": "starting"})
    assert re.search(r"container redis +starting", stream.getvalue())
