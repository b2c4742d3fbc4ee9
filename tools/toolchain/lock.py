"""Lets one call at a time change the cache."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tools.toolchain.progress import say


@contextmanager
def locked(cache: Path) -> Iterator[None]:
    """Hold the cache's lock, waiting for another call. The kernel frees it however its holder dies."""
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "lock").open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            say(f"waiting for another call (process {file.read().strip() or '?'}) that is at work in {cache}")
            fcntl.flock(file, fcntl.LOCK_EX)
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
