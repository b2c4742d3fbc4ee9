"""Tar streams, as the engine's API takes and gives files: nothing is held in memory or on a disk on the way."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256

from sutazai_infra.model.errors import SutazaiError
from sutazai_infra.operations.snapshots.manifest import Facts

__all__ = ["Sink", "facts_of_tar", "file_in_tar", "tar_of_file"]

Sink = Callable[[bytes], None]
_BLOCK = 512
_CHUNK = 1 << 18


def tar_of_file(
    name: str, size: int, content: Iterable[bytes], owner: tuple[int, int] = (0, 0)
) -> Iterator[bytes]:
    """Wrap one file of a known size; raises `SutazaiError` where the content is of another one."""
    header = tarfile.TarInfo(name)
    header.size, header.mode = size, 0o644
    header.uid, header.gid = owner
    yield header.tobuf(tarfile.GNU_FORMAT)
    sent = 0
    for chunk in content:
        sent += len(chunk)
        yield chunk
    if sent != size:
        raise SutazaiError(f"{name}: {sent} bytes came of {size}")
    # Padding to a whole block, and two empty ones for the end.
    yield b"\0" * (-size % _BLOCK + 2 * _BLOCK)


def file_in_tar(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Unwrap the only file of an archive."""
    with tarfile.open(fileobj=_Reader(chunks), mode="r|") as tar:
        for member in tar:
            content = tar.extractfile(member)
            while content is not None and (chunk := content.read(_CHUNK)):
                yield chunk
            return


def facts_of_tar(chunks: Iterable[bytes], sink: Sink | None = None) -> Facts:
    """Count what is in an archive, with a checksum that knows of no time and order; `sink` gets all of it."""
    reader = _Reader(chunks, sink)
    lines, files, size = [], 0, 0
    with tarfile.open(fileobj=reader, mode="r|") as tar:
        for member in tar:
            files += member.isreg()
            size += member.size
            lines.append(_line(tar, member))
    reader.drain()
    digest = sha256("\n".join(sorted(lines)).encode("utf-8", "surrogateescape")).hexdigest()
    return Facts(counts={"files": files, "bytes": size}, digests={"content": digest})


def _line(tar: tarfile.TarFile, member: tarfile.TarInfo) -> str:
    content = tar.extractfile(member) if member.isreg() else None
    digest = sha256()
    while content is not None and (chunk := content.read(_CHUNK)):
        digest.update(chunk)
    kind = member.type.decode()
    owner = f"{member.uid}:{member.gid}:{member.mode:o}"
    return f"{member.name}\0{kind}\0{owner}\0{member.linkname}\0{digest.hexdigest()}"


class _Reader(io.RawIOBase):
    """A stream of chunks as a file; whatever is read of it goes to the sink as well."""

    def __init__(self, chunks: Iterable[bytes], sink: Sink | None = None) -> None:
        self._chunks, self._sink, self._rest = iter(chunks), sink, b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        """Read so many bytes; fewer only at the end."""
        parts, wanted = [], size
        while wanted > 0 and (self._rest or self._fetch()):
            part, self._rest = self._rest[:wanted], self._rest[wanted:]
            wanted -= len(part)
            parts.append(part)
        return b"".join(parts)

    def drain(self) -> None:
        """Read what lies behind the end of the archive, too."""
        while self._fetch():
            self._rest = b""

    def _fetch(self) -> bool:
        self._rest = next(self._chunks, b"")
        if self._rest and self._sink is not None:
            self._sink(self._rest)
        return bool(self._rest)
