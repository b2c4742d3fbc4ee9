from __future__ import annotations

import hashlib
import os
import socket
import time
from pathlib import Path

import pytest

from tests.unit.tools.conftest import Server
from tools.toolchain import download
from tools.toolchain.download import Memory, NotFetchedError, NotPublishedError


def test_a_file_arrives_whole_and_leaves_no_part(server: Server, tmp_path: Path) -> None:
    (server.directory / "file").write_bytes(b"x" * 1_000_000)
    download.save(f"{server.url}/file", tmp_path / "to" / "file")
    assert (tmp_path / "to" / "file").stat().st_size == 1_000_000
    assert [path.name for path in (tmp_path / "to").iterdir()] == ["file"]


def test_a_missing_file_is_told_from_a_missing_server(server: Server, tmp_path: Path) -> None:
    with pytest.raises(NotPublishedError, match="has no /nothing"):
        download.text(f"{server.url}/nothing")
    url = server.url
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
        with pytest.raises(NotFetchedError, match=r"is not reached: .*refused"):
            download.save(url, tmp_path / "file")
    assert not (tmp_path / "file").exists()


def test_a_server_that_accepts_and_stays_silent_costs_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "ANSWER_SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        began = time.monotonic()
        with pytest.raises(NotFetchedError, match=r"127\.0\.0\.1"):
            download.text(f"http://127.0.0.1:{silent.getsockname()[1]}/file")
        assert time.monotonic() - began < 2


@pytest.mark.parametrize("algorithm", ["sha1", "sha256", "sha512"])
def test_a_checksum_is_compared_with_the_publisher_s_list(algorithm: str, tmp_path: Path) -> None:
    (tmp_path / "a.tgz").write_bytes(b"content")
    digest = hashlib.new(algorithm, b"content").hexdigest()
    download.verify(tmp_path / "a.tgz", "a.tgz", f"{'0' * len(digest)}  b.tgz\n{digest}  ./a.tgz\n")
    (tmp_path / "a.tgz").write_bytes(b"other")
    with pytest.raises(NotFetchedError, match="does not match its published checksum"):
        download.verify(tmp_path / "a.tgz", "a.tgz", f"{digest}  a.tgz\n")


def test_a_file_that_the_list_lacks_is_not_trusted(tmp_path: Path) -> None:
    (tmp_path / "a.tgz").write_bytes(b"content")
    with pytest.raises(NotFetchedError, match=r"do not list a\.tgz"):
        download.verify(tmp_path / "a.tgz", "a.tgz", "short  a.tgz\n")


def test_a_failure_is_remembered_for_a_day(tmp_path: Path) -> None:
    memory = Memory(tmp_path)
    assert memory.failure("https://a.example/x") is None
    memory.remember("https://a.example/x", "not reached")
    assert memory.failure("https://a.example/x") == "not reached"
    assert memory.failure("https://b.example/x") is None
    (stamp,) = (tmp_path / "unreached").iterdir()
    os.utime(stamp, (time.time() - 25 * 3600,) * 2)
    assert memory.failure("https://a.example/x") is None


def test_failures_can_be_forgotten(tmp_path: Path) -> None:
    Memory(tmp_path).remember("https://a.example/x", "not reached")
    Memory(tmp_path).forget()
    assert Memory(tmp_path).failure("https://a.example/x") is None
