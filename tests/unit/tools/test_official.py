from __future__ import annotations

import hashlib
import io
import os
import tarfile
from pathlib import Path

import pytest

from tests.unit.tools.conftest import Server
from tools.toolchain import official
from tools.toolchain.pins import Pins
from tools.toolchain.places import Places

HOSTS = {"pulumi": b"cli", "pulumi-language-python": b"host", "pulumi-language-python-exec": b"script"}


@pytest.fixture(autouse=True)
def _one_platform(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(official, "target", lambda: ("linux", "amd64"))


def archive(members: dict[str, bytes], prefix: str = "pulumi/") -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, content in members.items():
            info = tarfile.TarInfo(prefix + name)
            info.size, info.mode = len(content), 0o755
            tar.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def publish_cli(server: Server, pins: Pins, content: bytes, digest: str | None = None) -> None:
    version = pins.pulumi_official
    name = f"pulumi-v{version}-linux-x64.tar.gz"
    (server.directory / name).write_bytes(content)
    (server.directory / f"v{version}").mkdir()
    sums = server.directory / f"v{version}" / f"pulumi-{version}-checksums.txt"
    sums.write_text(f"{digest or hashlib.sha256(content).hexdigest()}  {name}\n")


def test_a_release_brings_the_cli_and_the_host_beside_it(server: Server, pins: Pins, places: Places) -> None:
    publish_cli(server, pins, archive(HOSTS))
    cli = official.get_cli(pins, places)
    assert cli == places.official(pins.pulumi_official)
    assert {path.name: path.read_bytes() for path in cli.parent.iterdir()} == HOSTS
    assert os.access(cli, os.X_OK)
    assert not list((places.cache / "downloads").iterdir())


def test_a_tampered_release_is_not_used(
    server: Server, pins: Pins, places: Places, capsys: pytest.CaptureFixture[str]
) -> None:
    publish_cli(server, pins, archive(HOSTS), digest="0" * 64)
    assert official.get_cli(pins, places) is None
    assert "does not match its published checksum" in capsys.readouterr().err
    assert not places.official(pins.pulumi_official).exists()


def test_a_release_without_its_checksums_is_not_even_downloaded(
    server: Server, pins: Pins, places: Places
) -> None:
    (server.directory / f"pulumi-v{pins.pulumi_official}-linux-x64.tar.gz").write_bytes(archive(HOSTS))
    assert official.get_cli(pins, places) is None
    assert [path for path in server.asked if path.endswith(".tar.gz")] == []


def test_a_source_that_failed_is_not_asked_again(server: Server, pins: Pins, places: Places) -> None:
    assert official.get_cli(pins, places) is None
    asked = len(server.asked)
    assert official.get_cli(pins, places) is None
    assert len(server.asked) == asked


def test_no_member_of_an_archive_lands_outside_its_directory(
    server: Server, pins: Pins, places: Places, tmp_path: Path
) -> None:
    publish_cli(server, pins, archive(HOSTS | {"evil": b"x"}, prefix="../../../"))
    cli = official.get_cli(pins, places)
    assert cli is not None
    assert (cli.parent / "evil").is_file()
    assert not list(tmp_path.glob("evil"))


@pytest.mark.parametrize("content", [b"no archive", archive({"other": b""})], ids=["no archive", "another member"])
def test_an_archive_that_holds_no_cli_is_not_used(
    content: bytes, server: Server, pins: Pins, places: Places
) -> None:
    publish_cli(server, pins, content)
    assert official.get_cli(pins, places) is None


def provider_name(pins: Pins) -> str:
    return f"pulumi-resource-docker-v{pins.provider}-linux-amd64.tar.gz"


def test_the_provider_is_verified_by_the_publisher_s_list(server: Server, pins: Pins, places: Places) -> None:
    content = archive({"pulumi-resource-docker": b"provider"}, prefix="")
    (server.directory / provider_name(pins)).write_bytes(content)
    sums = server.directory / f"pulumi-docker_{pins.provider}_checksums.txt"
    sums.write_text(f"{hashlib.sha1(content, usedforsecurity=False).hexdigest()}  ./{provider_name(pins)}\n")
    found = official.get_provider(pins, places)
    assert found
    assert found.read_bytes() == content


def test_a_provider_without_a_published_list_is_taken_and_said_so(
    server: Server, pins: Pins, places: Places, capsys: pytest.CaptureFixture[str]
) -> None:
    (server.directory / provider_name(pins)).write_bytes(b"content")
    assert official.get_provider(pins, places)
    assert "has no published checksum" in capsys.readouterr().err


def test_a_provider_that_does_not_match_is_not_used(server: Server, pins: Pins, places: Places) -> None:
    (server.directory / provider_name(pins)).write_bytes(b"content")
    sums = server.directory / f"pulumi-docker_{pins.provider}_checksums.txt"
    sums.write_text(f"{'0' * 40}  ./{provider_name(pins)}\n")
    assert official.get_provider(pins, places) is None
