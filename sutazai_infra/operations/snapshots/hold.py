"""Containers held still for a moment by a process of its own: whoever asked may be killed, and they go on.

Run as a module, it says `ready`, waits for a line, pauses the named containers in turn and says `held`. At the
next line, or when there is nobody any more to write one, they go on.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Self

import docker
from docker.errors import DockerException

from sutazai_infra.model.errors import SutazaiError

__all__ = ["Hold", "main"]

# What the gateway has handed on ends meanwhile: a request takes milliseconds.
_GRACE_S = 0.3


class Hold:
    """A process that holds containers when it is told to; the time that its start takes has passed by then."""

    def __init__(self, containers: Sequence[str], process: subprocess.Popen[str]) -> None:
        self.containers = tuple(containers)
        self._process = process
        self._held_at: float | None = None
        self.held_s = 0.0

    @classmethod
    @contextmanager
    def ready(cls, containers: Sequence[str], *, grace: bool = False) -> Iterator[Self]:
        """Yield one that has yet to hold; afterwards nothing is held. With `grace` it waits after the first."""
        words = [sys.executable, "-m", __name__, "--grace" if grace else "--no-grace", *containers]
        # In a session of its own: Ctrl-C is for who asked.
        with subprocess.Popen(  # noqa: S603  our own module
            words,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        ) as process:
            hold = cls(containers, process)
            try:
                hold._expect("ready")
                yield hold
            finally:
                hold.release()

    def hold(self) -> None:
        """Hold them; raises `SutazaiError` where one can't be paused, and then none is."""
        if self.containers:
            self._held_at = time.monotonic()
            self._say()
            self._expect("held")

    def release(self) -> None:
        """Have them go on, and wait until they do."""
        stdin = self._process.stdin
        if stdin is None or stdin.closed:
            return
        with suppress(BrokenPipeError):
            stdin.close()
        self._process.wait()
        if self._held_at is not None:
            self.held_s = time.monotonic() - self._held_at

    def _say(self) -> None:
        if self._process.stdin is not None:
            self._process.stdin.write("go\n")
            self._process.stdin.flush()

    def _expect(self, word: str) -> None:
        said = self._process.stdout.readline().strip() if self._process.stdout else ""
        if said != word:
            reason = self._process.stderr.read().strip() if self._process.stderr else ""
            last = reason.splitlines()[-1] if reason else "its process ended"
            raise SutazaiError(f"{', '.join(self.containers)}: can't be held still: {last}")


def main(arguments: Sequence[str]) -> int:
    """Hold the named containers between two lines of standard input."""
    grace, *names = arguments
    client = docker.from_env()
    _told("ready")
    if not sys.stdin.readline():
        return 0
    paused: list[str] = []
    try:
        for name in names:
            client.api.pause(name)
            paused.append(name)
            if grace == "--grace" and len(paused) == 1:
                time.sleep(_GRACE_S)
        _told("held")
        sys.stdin.readline()
    except DockerException as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        for name in reversed(paused):
            # One that was removed meanwhile is none to care for.
            with suppress(DockerException):
                client.api.unpause(name)
        client.close()
    return 0


def _told(word: str) -> None:
    with suppress(BrokenPipeError):
        print(word, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
