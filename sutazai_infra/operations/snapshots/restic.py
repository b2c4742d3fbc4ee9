"""The repository: what restic is asked for, and how it answers. The password goes by a descriptor.

A part of a set is a file of its own there, tagged with the set; the manifest is the last one, so what a killed
run left is a set without one, and no set.
"""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import IO, Any

from sutazai_infra.model.errors import SutazaiError
from sutazai_infra.operations.snapshots.archives import Sink
from sutazai_infra.operations.snapshots.manifest import StoredFile

__all__ = ["Entry", "Repository"]

_CHUNK = 1 << 18
_LOCKED = "lock was created at"
# What a killed command was saving ends by itself.
_LOCKED_S, _POLL_S = 60.0, 1.0
_NO_KEY = "wrong password or no key found"
_NONE = ("Is there a repository at the following location", "unable to open config file")


@dataclass(frozen=True)
class Entry:
    """One file that was saved: restic calls it a snapshot."""

    id: str
    path: str
    tags: tuple[str, ...]

    def tag(self, name: str) -> str:
        """Return the value of a tag `name=value`; empty where it has none."""
        return next((tag.partition("=")[2] for tag in self.tags if tag.startswith(f"{name}=")), "")


@dataclass(frozen=True)
class Repository:
    """A stack's repository. Every call raises `SutazaiError` where restic fails."""

    program: str
    address: str
    password: str
    stack: str
    kept_in: str = "the secrets file"

    def ensure(self) -> bool:
        """Make the repository where there is none; whether it was made."""
        if self.exists():
            return False
        self._ask("init")
        return True

    def exists(self) -> bool:
        """Whether there is one that opens with this password."""
        done = self._run("cat", "config")
        if done.returncode and not any(word in _said(done) for word in _NONE):
            raise self._error("cat", _said(done))
        return done.returncode == 0

    def save(self, path: str, tags: Sequence[str], send: Callable[[Sink], None]) -> tuple[StoredFile, int]:
        """Save what `send` gives as a file, or nothing of it where that fails; and by how many bytes it grew."""
        words = ["backup", "--stdin", "--stdin-filename", path, "--host", self.stack, "--json"]
        words += [word for tag in tags for word in ("--tag", tag)]
        digest, size = sha256(), 0
        with self._started(words, stdin=subprocess.PIPE) as process:

            def sink(chunk: bytes) -> None:
                nonlocal size
                _written(process, chunk)
                digest.update(chunk)
                size += len(chunk)

            send(sink)
            answer, errors = process.communicate()
        if process.returncode:
            raise self._error("backup", errors.decode(errors="replace"))
        added = int(json.loads(answer.splitlines()[-1])["data_added"])
        return StoredFile(name=path.rpartition("/")[2], bytes=size, sha256=digest.hexdigest()), added

    def read(self, entry: Entry) -> Iterator[bytes]:
        """Yield a file's content."""
        with self._started(["dump", entry.id, entry.path]) as process:
            while process.stdout is not None and (chunk := process.stdout.read(_CHUNK)):
                yield chunk
            _, errors = process.communicate()
        if process.returncode:
            raise self._error("dump", errors.decode(errors="replace"))

    def entries(self, *tags: str) -> tuple[Entry, ...]:
        """List what was saved with all these tags, the oldest first."""
        listed = json.loads(self._ask("snapshots", "--json", "--tag", ",".join(tags))) or ()
        rows = sorted(listed, key=lambda row: str(row["time"]))
        return tuple(Entry(row["id"], row["paths"][0], tuple(row.get("tags") or ())) for row in rows)

    def check(self, *, data: bool = True) -> None:
        """Check the repository, with all data read and decrypted."""
        self._alone("check", *(["--read-data"] if data else []))

    def beyond(self, tag: str, keep: Sequence[str]) -> tuple[Entry, ...]:
        """List the files with this tag that a policy (restic's `--keep-...`) doesn't keep; removes nothing."""
        words = ["forget", "--dry-run", "--json", "--tag", tag, "--group-by", "", *keep]
        groups = json.loads(self._alone(*words) or b"[]") or ()
        gone = [row["id"] for group in groups for row in group.get("remove") or ()]
        return tuple(entry for entry in self.entries(tag) if entry.id in gone)

    def forget(self, entries: Sequence[Entry]) -> None:
        """Forget files; their data stays until `prune`."""
        if entries:
            self._alone("forget", *(entry.id for entry in entries))

    def prune(self) -> None:
        """Remove data that no file needs any more."""
        self._alone("prune")

    def size(self) -> int:
        """Count the bytes that the repository holds."""
        return int(json.loads(self._ask("stats", "--mode", "raw-data", "--json"))["total_size"])

    def _alone(self, *words: str) -> bytes:
        """Ask for what wants the repository for itself: a dead one's lock is removed, a live one's waited for."""
        until = time.monotonic() + _LOCKED_S
        while True:
            self._ask("unlock")
            done = self._run(*words)
            if done.returncode == 0:
                return bytes(done.stdout)
            if _LOCKED not in _said(done) or time.monotonic() > until:
                raise self._error(words[0], _said(done))
            time.sleep(_POLL_S)

    def _ask(self, *words: str) -> bytes:
        done = self._run(*words)
        if done.returncode:
            raise self._error(words[0], _said(done))
        return bytes(done.stdout)

    def _run(self, *words: str) -> subprocess.CompletedProcess[bytes]:
        with self._started(words) as process:
            answer, errors = process.communicate()
        return subprocess.CompletedProcess(words, process.returncode, answer, errors)

    @contextmanager
    def _started(self, words: Sequence[str], stdin: int = subprocess.DEVNULL) -> Iterator[subprocess.Popen[bytes]]:
        """Yield a process; one that isn't waited for to its end is ended, and has saved nothing."""
        descriptor = os.memfd_create("password")
        try:
            os.write(descriptor, self.password.encode())
            command = [self.program, "--repo", self.address, "--password-file", f"/dev/fd/{descriptor}", *words]
            with subprocess.Popen(  # noqa: S603  words of ours and of the stack's settings
                command,
                stdin=stdin,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                pass_fds=(descriptor,),
            ) as process:
                try:
                    yield process
                finally:
                    _ended(process)
        finally:
            os.close(descriptor)

    def _error(self, what: str, said: str) -> SutazaiError:
        if _NO_KEY in said:
            return SutazaiError(
                f"{self.address}: doesn't open with this stack's snapshot-password; put the one that it was made "
                f"with into {self.kept_in}, or name another repository in the setting snapshots.repository"
            )
        lines = [line for line in said.splitlines() if line.strip()]
        return SutazaiError(f"{self.address}: restic {what} failed: {' '.join(lines[-3:]) or 'without a word'}")


def _said(done: subprocess.CompletedProcess[bytes]) -> str:
    return done.stderr.decode(errors="replace")


def _written(process: subprocess.Popen[bytes], chunk: bytes) -> None:
    stdin: IO[Any] | None = process.stdin
    try:
        if stdin is not None:
            stdin.write(chunk)
    except BrokenPipeError as error:
        said = process.stderr.read().decode(errors="replace").strip() if process.stderr else ""
        raise SutazaiError(f"restic backup ended early: {said}") from error


def _ended(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None and process.stdout is not None and not process.stdout.closed:
        process.terminate()
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream is not None:
                _closed(stream)


def _closed(stream: IO[bytes]) -> None:
    try:
        stream.close()
    except BrokenPipeError:
        return
