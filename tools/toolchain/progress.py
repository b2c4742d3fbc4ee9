"""Tells the person who waits what goes on: on a terminal in one line, elsewhere in some plain lines."""

from __future__ import annotations

import sys
import time
from typing import TextIO

PLAIN_SECONDS = 10.0
TERMINAL_SECONDS = 0.5


def say(message: str) -> None:
    """Write one line on standard error: standard output is for what programs read."""
    print(f"toolchain: {message}", file=sys.stderr, flush=True)


def elapsed(seconds: float) -> str:
    """Write `7 s`, `3 min 05 s`."""
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"


class Progress:
    """The state of one long step; `show` may be called as often as there is news."""

    def __init__(self, what: str, stream: TextIO | None = None) -> None:
        self.what = what
        self.stream = stream or sys.stderr
        self.terminal = self.stream.isatty()
        self.began = self.shown = time.monotonic()

    def show(self, news: str) -> None:
        """Show the news if it is time for a line."""
        now = time.monotonic()
        if now - self.shown < (TERMINAL_SECONDS if self.terminal else PLAIN_SECONDS):
            return
        self.shown = now
        line = f"toolchain: {self.what}: {elapsed(now - self.began)}, {news}"
        if self.terminal:
            # Back to the line's start, and clear what the last one left.
            self.stream.write(f"\r\x1b[K{line[:110]}")
        else:
            self.stream.write(line + "\n")
        self.stream.flush()

    def done(self, result: str) -> None:
        """End the step with a line that stays."""
        end = f"toolchain: {self.what}: {result} after {elapsed(time.monotonic() - self.began)}"
        self.stream.write((f"\r\x1b[K{end}" if self.terminal else end) + "\n")
        self.stream.flush()
