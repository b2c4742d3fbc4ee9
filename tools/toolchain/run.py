"""Runs programs; the one place that a test replaces."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.toolchain.errors import ToolchainError


@dataclass(frozen=True)
class Result:
    """How a program ended, and what it said."""

    code: int
    output: str


Runner = Callable[..., Result]


def run(
    command: Sequence[str | Path], *, env: Mapping[str, str] | None = None, timeout: float | None = 60.0
) -> Result:
    """Run a program to its end, both streams together. One that cannot start, or hangs, has code 127."""
    try:
        done = subprocess.run(  # noqa: S603 - every program is named in this package
            [str(each) for each in command],
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=timeout,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return Result(127, str(error))
    return Result(done.returncode, done.stdout)


def stream(
    command: Sequence[str | Path], *, cwd: Path | None = None, env: Mapping[str, str] | None = None
) -> Iterator[str]:
    """Yield a program's lines as they come. If it fails, raise with the last; if the caller ends, end it."""
    with subprocess.Popen(  # noqa: S603 - see above
        [str(each) for each in command],
        cwd=cwd,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as process:
        last: list[str] = []
        try:
            for line in process.stdout or ():
                last = [*last[-14:], line.rstrip()]
                yield line.rstrip()
        except BaseException:
            process.terminate()
            raise
        if process.wait():
            raise ToolchainError("\n".join([f"{os.fspath(command[0])} failed:", *(f"  {line}" for line in last)]))
