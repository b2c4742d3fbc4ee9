"""`sutazai top`: one look in a pipe or for programs, look after look on a terminal."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from typing import Any

import pytest
from rich.console import Console

from sutazai_infra.cli import top as module
from sutazai_infra.cli.app import main
from sutazai_infra.operations.top.frame import Frame
from tests.unit.cli.test_top_tables import moment


class Watch:
    def __init__(self, looks: int = 1) -> None:
        self.left = looks
        self.done: list[str] = []

    def prime(self) -> None:
        self.done.append("primed")

    def frame(self) -> Frame:
        self.done.append("look")
        if not self.left:
            raise KeyboardInterrupt
        self.left -= 1
        return moment({"cpu_cores": 0.1}, {"instance": "api", "restarts": 3})

    def close(self) -> None:
        self.done.append("closed")


class Client:
    closed = False

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def watching(project: object, monkeypatch: pytest.MonkeyPatch) -> Callable[[Watch], Client]:
    del project

    def install(watch: Watch) -> Client:
        client = Client()
        monkeypatch.setattr(module, "engine_client", lambda: client)
        monkeypatch.setattr(module, "_watch", lambda *_: watch)
        return client

    return install


def test_in_a_pipe_it_looks_once(watching: Callable[[Watch], Client], capsys: pytest.CaptureFixture[str]) -> None:
    watch = Watch()
    client = watching(watch)
    assert main(["top", "-s", "lab", "--sort", "restarts"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[-2:]] == ["api", "redis"]
    assert (watch.done, client.closed) == (["primed", "look", "closed"], True)


def test_programs_get_one_moment_as_json(
    watching: Callable[[Watch], Client], capsys: pytest.CaptureFixture[str]
) -> None:
    watching(Watch())
    assert main(["top", "-s", "lab", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["version"], found["stack"], found["taken"]) == (1, "lab", "2026-01-02T03:04:05Z")
    assert [row["instance"] for row in found["services"]] == ["redis", "api"]


def test_on_a_terminal_it_looks_until_ctrl_c(
    watching: Callable[[Watch], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    watch, slept, drawn = Watch(looks=2), list[float](), io.StringIO()
    client = watching(watch)
    terminal: Any = Console(file=drawn, force_terminal=True, width=80, height=30)
    monkeypatch.setattr(module, "screen", lambda: terminal)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.setattr("time.sleep", slept.append)
    assert main(["top", "-s", "lab", "--interval", "5"]) == 0
    assert watch.done == ["primed", "look", "look", "look", "closed"]
    assert (len(slept), client.closed) == (2, True)
    # The other screen is left, and the cursor comes back.
    assert drawn.getvalue().endswith("\x1b[?25h\x1b[?1049l")
    assert "2 of 2 containers healthy" in drawn.getvalue()
