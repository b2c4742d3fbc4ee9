"""The few things that one can do to a cgroup tree; tests put a tree with the kernel's rules in its place."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["Kernel"]


class Kernel:
    """Reads and writes control files, makes and removes cgroups."""

    def read(self, path: Path) -> str | None:
        """Return a file's stripped text, or None where the file is missing."""
        try:
            return path.read_text().strip()
        except (FileNotFoundError, NotADirectoryError):
            return None

    def write(self, path: Path, value: str) -> None:
        """Write a value in one call, as control files demand; never makes a file."""
        descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
        try:
            os.write(descriptor, value.encode())
        finally:
            os.close(descriptor)

    def make(self, path: Path) -> None:
        """Make a cgroup; one that another stack's preparation just made is as good."""
        path.mkdir(exist_ok=True)

    def remove(self, path: Path) -> None:
        """Remove an empty cgroup."""
        path.rmdir()

    def children(self, path: Path) -> list[Path]:
        """Return the cgroups directly below, sorted; none where `path` is missing."""
        try:
            with os.scandir(path) as entries:
                return sorted(Path(entry.path) for entry in entries if entry.is_dir(follow_symlinks=False))
        except (FileNotFoundError, NotADirectoryError):
            return []

    def writable(self, path: Path) -> bool:
        """Whether this process may change what is in a directory."""
        return os.access(path, os.W_OK)

    @contextmanager
    def locked(self, path: Path) -> Iterator[None]:
        """Hold off other preparations of this host: two stacks share the parent cgroup."""
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_DIRECTORY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)
