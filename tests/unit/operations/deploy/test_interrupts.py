from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading

import pytest

from sutazai_infra.operations.deploy.interrupts import gentle


def test_an_interrupt_is_noted_and_not_raised(capsys: pytest.CaptureFixture[str]) -> None:
    with gentle() as interrupted:
        os.kill(os.getpid(), signal.SIGINT)
        assert interrupted.wait(5)
    assert capsys.readouterr().err == "interrupted: waiting for running steps (again: at once)\n"


def test_the_handlers_are_put_back() -> None:
    before = signal.getsignal(signal.SIGINT)
    with gentle():
        assert signal.getsignal(signal.SIGINT) is not before
    assert signal.getsignal(signal.SIGINT) is before


def test_a_child_is_told_where_no_terminal_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", None)
    # A job in the background ignores interrupts, and hands that on to its children.
    script = "import signal; signal.signal(signal.SIGINT, signal.SIG_DFL); print('up', flush=True); signal.pause()"
    with subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"up\n"
        try:
            with gentle():
                os.kill(os.getpid(), signal.SIGTERM)
                assert child.wait(10) == -signal.SIGINT
        finally:
            child.kill()


def test_another_thread_has_no_handlers() -> None:
    seen: list[bool] = []

    def run() -> None:
        with gentle() as interrupted:
            seen.append(interrupted.is_set())

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert seen == [False]
