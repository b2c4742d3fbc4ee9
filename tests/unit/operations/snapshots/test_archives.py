"""Tar streams are taken apart and put together without being held anywhere."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator

import pytest

from sutazai_infra.model.errors import SutazaiError
from sutazai_infra.operations.snapshots.archives import facts_of_tar, file_in_tar, tar_of_file


def archive(*files: tuple[str, bytes], mtime: int = 0, mode: int = 0o644) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, content in files:
            member = tarfile.TarInfo(name)
            member.size, member.mtime, member.mode = len(content), mtime, mode
            tar.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def chunked(content: bytes, size: int = 100) -> Iterator[bytes]:
    return (content[at : at + size] for at in range(0, len(content), size))


@pytest.mark.parametrize("content", [b"", b"x", b"x" * 512, b"ab" * 5000])
def test_a_file_that_is_wrapped_and_unwrapped_is_the_same(content: bytes) -> None:
    wrapped = b"".join(tar_of_file("dump.rdb", len(content), chunked(content), (999, 998)))
    with tarfile.open(fileobj=io.BytesIO(wrapped)) as tar:
        (member,) = tar
    assert (member.name, member.size, member.uid, member.gid) == ("dump.rdb", len(content), 999, 998)
    assert b"".join(file_in_tar(chunked(wrapped))) == content


def test_a_file_of_another_size_than_was_said_is_refused() -> None:
    with pytest.raises(SutazaiError, match=r"^dump\.rdb: 4 bytes came of 5$"):
        b"".join(tar_of_file("dump.rdb", 5, [b"four"]))


def test_all_of_an_archive_is_passed_on_and_counted() -> None:
    whole, passed = archive(("a", b"1" * 700), ("b/c", b"")), list[bytes]()
    facts = facts_of_tar(chunked(whole), passed.append)
    assert b"".join(passed) == whole
    assert facts.counts == {"files": 2, "bytes": 700}


def test_the_checksum_knows_nothing_of_order_and_time() -> None:
    first = facts_of_tar([archive(("a", b"1"), ("b", b"2"), mtime=5)])
    assert facts_of_tar([archive(("b", b"2"), ("a", b"1"), mtime=9)]) == first


@pytest.mark.parametrize(
    "other",
    [
        archive(("a", b"1"), ("b", b"3")),
        archive(("a", b"2"), ("b", b"1")),
        archive(("a", b"1"), ("c", b"2")),
        archive(("a", b"1"), ("b", b"2"), mode=0o600),
    ],
)
def test_the_checksum_knows_content_names_and_rights(other: bytes) -> None:
    assert facts_of_tar([other]).digests != facts_of_tar([archive(("a", b"1"), ("b", b"2"))]).digests
