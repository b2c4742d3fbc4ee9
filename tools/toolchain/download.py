"""Downloads official files: verified, bounded in time, and not tried at every call where nothing answers."""

from __future__ import annotations

import hashlib
import http.client
import threading
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from tools.toolchain.progress import Progress, elapsed

ANSWER_SECONDS = 6.0  # until the first byte: name, connection, proxy and handshake together
STALL_SECONDS = 30.0
TOTAL_SECONDS = 900.0
RETRY_SECONDS = 24 * 3600.0
CHUNK = 1 << 18
# By the length of a hexadecimal digest. The provider's publisher makes its list with `shasum`: SHA-1.
ALGORITHMS = {40: "sha1", 64: "sha256", 128: "sha512"}


class NotFetchedError(Exception):
    """A file that could not be had; the caller knows another way."""


class NotPublishedError(NotFetchedError):
    """The server answers, and has no such file."""


def open_url(url: str) -> http.client.HTTPResponse:
    """Open a URL within seconds. In a thread, for the look-up of a name knows no time-out."""
    box: list[http.client.HTTPResponse | Exception] = []

    def opener() -> None:
        try:
            # The addresses are the pins'.
            box.append(urllib.request.urlopen(url, timeout=ANSWER_SECONDS))  # noqa: S310
        except (OSError, http.client.HTTPException, ValueError) as error:
            box.append(error)

    thread = threading.Thread(target=opener, daemon=True)
    thread.start()
    thread.join(ANSWER_SECONDS)
    host = urlsplit(url).netloc
    if not box:
        raise NotFetchedError(f"{host} does not answer within {ANSWER_SECONDS:.0f} s")
    answer = box[0]
    if isinstance(answer, urllib.error.HTTPError):
        answer.close()
        if answer.code != http.client.NOT_FOUND:
            raise NotFetchedError(f"{host} answers {answer.code} for {urlsplit(url).path}")
        raise NotPublishedError(f"{host} has no {urlsplit(url).path}")
    if isinstance(answer, Exception):
        raise NotFetchedError(f"{host} is not reached: {getattr(answer, 'reason', None) or answer}")
    return answer


def text(url: str) -> str:
    """Fetch a small file."""
    try:
        with open_url(url) as response:
            return response.read().decode("utf-8", "replace")
    except (OSError, http.client.HTTPException) as error:
        raise NotFetchedError(f"{url} broke off: {error}") from error


def save(url: str, target: Path) -> None:
    """Download a file. It appears under its name only when it is whole."""
    name = url.rsplit("/", 1)[-1]
    progress, part = Progress(f"downloading {name}"), target.with_name(target.name + ".part")
    until, size = time.monotonic() + TOTAL_SECONDS, 0
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with open_url(url) as response, part.open("wb") as file:
            length = int(response.headers.get("Content-Length") or 0)
            while chunk := response.read(CHUNK):
                file.write(chunk)
                size += len(chunk)
                progress.show(f"{size >> 20} of {length >> 20} MiB")
                if time.monotonic() > until:
                    raise NotFetchedError(f"{name} takes longer than {elapsed(TOTAL_SECONDS)}")
        if length and size < length:
            raise NotFetchedError(f"{name} broke off after {size} of {length} bytes")
        part.replace(target)
    except (OSError, http.client.HTTPException) as error:
        raise NotFetchedError(f"{name} broke off: {error}") from error
    finally:
        part.unlink(missing_ok=True)
    progress.done(f"{size >> 20} MiB")


def verify(file: Path, name: str, checksums: str) -> None:
    """Compare a file with a publisher's list of `DIGEST  NAME` lines."""
    listed = {path.lstrip("*").removeprefix("./"): digest for digest, path in pairs(checksums)}
    expected = listed.get(name, "").lower()
    if len(expected) not in ALGORITHMS:
        raise NotFetchedError(f"the published checksums do not list {name}")
    actual = hashlib.new(ALGORITHMS[len(expected)], file.read_bytes(), usedforsecurity=False).hexdigest()
    if actual != expected:
        raise NotFetchedError(f"{name} does not match its published checksum ({actual}, not {expected})")


def pairs(checksums: str) -> list[tuple[str, str]]:
    """Pick the lines of two words."""
    lines = (line.split() for line in checksums.splitlines())
    return [(words[0], words[1]) for words in lines if len(words) == 2]


@dataclass(frozen=True)
class Memory:
    """Remembers for a day which sources failed, so that a machine without them pays for it once."""

    cache: Path

    def failure(self, source: str) -> str | None:
        """Tell why the source is not to be tried now."""
        stamp = self._stamp(source)
        try:
            age = time.time() - stamp.stat().st_mtime
            return stamp.read_text(encoding="utf-8") if 0 <= age < RETRY_SECONDS else None
        except OSError:
            return None

    def remember(self, source: str, reason: str) -> None:
        """Note a failure."""
        stamp = self._stamp(source)
        stamp.parent.mkdir(parents=True, exist_ok=True)
        stamp.write_text(reason, encoding="utf-8")

    def forget(self) -> None:
        """Let every source be tried again."""
        for stamp in (self.cache / "unreached").glob("*"):
            stamp.unlink(missing_ok=True)

    def _stamp(self, source: str) -> Path:
        return self.cache / "unreached" / hashlib.sha256(source.encode()).hexdigest()[:16]
