"""Ctrl-C while Pulumi works: the engine finishes what runs and writes its state, and only then do we end."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import psutil

__all__ = ["gentle"]

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def gentle() -> Iterator[threading.Event]:
    """Pass interrupts on instead of dying of them; the event is set when there was one."""
    interrupted = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield interrupted
        return

    def heard(number: int, _frame: FrameType | None) -> None:
        if not interrupted.is_set():
            print("interrupted: waiting for running steps (again: at once)", file=sys.stderr, flush=True)
        interrupted.set()
        if not _from_terminal(number):
            _pass_on()

    before = {number: signal.signal(number, heard) for number in _SIGNALS}
    try:
        yield interrupted
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _from_terminal(number: int) -> bool:
    """A terminal's Ctrl-C reaches our children by itself; twice would make the engine drop everything."""
    return number == signal.SIGINT and sys.stdin is not None and sys.stdin.isatty()


def _pass_on() -> None:
    for child in psutil.Process().children():
        try:
            child.send_signal(signal.SIGINT)
        except psutil.NoSuchProcess:
            continue
