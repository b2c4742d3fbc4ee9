from __future__ import annotations

import os
from pathlib import Path
from typing import Any, cast

import docker
import pytest
import requests
from docker.errors import APIError

from sutazai_infra.operations.images import bootstrap
from sutazai_infra.operations.images.base import BASE, ensure_base
from sutazai_infra.operations.images.source import ImageError
from tests.unit.operations.images.fakes import FakeClient, FakeEngine


def ensure(engine: FakeEngine, cache: Path) -> list[str]:
    said: list[str] = []
    ensure_base(cast("docker.DockerClient", FakeClient(engine)), said.append, cache)
    return said


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Stand in for debootstrap: the archive is there at once."""
    archive = tmp_path / "base.tar.gz"
    monkeypatch.setattr("sutazai_infra.operations.images.base.base_archive", lambda _cache, _say: archive)
    return archive


@pytest.mark.usefixtures("made")
def test_a_base_that_is_there_is_left_alone(tmp_path: Path) -> None:
    engine = FakeEngine(tags=[BASE])
    assert ensure(engine, tmp_path) == []
    assert (engine.asked_with_timeout, engine.imported) == ([], [])


@pytest.mark.usefixtures("made")
def test_a_base_is_pulled_where_a_registry_answers(tmp_path: Path) -> None:
    engine = FakeEngine()
    assert ensure(engine, tmp_path) == ["pulling"]
    assert engine.tags == [BASE]


@pytest.mark.usefixtures("made")
@pytest.mark.parametrize("failure", [APIError("no such host"), requests.ReadTimeout("read timed out")])
def test_a_base_is_made_where_no_registry_answers(tmp_path: Path, failure: Exception) -> None:
    engine = FakeEngine(registry=failure)
    ensure(engine, tmp_path)
    assert engine.imported == [BASE]


@pytest.mark.usefixtures("made")
def test_the_registry_is_given_little_time_and_the_engines_time_out_comes_back(tmp_path: Path) -> None:
    engine = FakeEngine(registry=APIError("no such host"))
    ensure(engine, tmp_path)
    assert engine.asked_with_timeout == [10]
    assert engine.timeout == 60


@pytest.mark.usefixtures("made")
def test_an_unreached_registry_is_not_asked_again_for_a_day(tmp_path: Path) -> None:
    ensure(FakeEngine(registry=APIError("no such host")), tmp_path)
    engine = FakeEngine(registry=APIError("no such host"))
    ensure(engine, tmp_path)
    assert engine.asked_with_timeout == []
    (note,) = tmp_path.glob("no-registry-*")
    os.utime(note, (1, 1))
    ensure(engine := FakeEngine(), tmp_path)
    assert engine.tags == [BASE]


def test_without_debootstrap_and_apt_the_way_out_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda _name: None)
    monkeypatch.setattr("os.geteuid", lambda: 0)
    with pytest.raises(ImageError) as refusal:
        bootstrap.base_archive(tmp_path, print)
    assert str(refusal.value) == (
        "debian:bookworm-slim: no registry is reached, and making it here needs debootstrap, and here is "
        "no apt-get: install it, or bring the image by hand (docker save elsewhere, docker load here)"
    )


class Bare:
    """A machine with apt-get and without debootstrap, whose commands are only noted."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, terminal: bool, answer: str | None = None) -> None:
        self.ran: list[tuple[str, ...]] = []
        self.asked: list[str] = []
        self.said: list[str] = []
        self.answer = answer
        for name in ("YES", "CI"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setattr("shutil.which", lambda name: None if name == "debootstrap" else f"/usr/bin/{name}")
        monkeypatch.setattr("os.geteuid", lambda: 0)
        monkeypatch.setattr("sys.stdin.isatty", lambda: terminal, raising=False)
        monkeypatch.setattr("builtins.input", self.ask)
        monkeypatch.setattr(bootstrap, "_run", lambda *command: self.ran.append(command))
        monkeypatch.setattr(bootstrap, "_make", lambda archive, _say: archive.write_text("made"))

    def ask(self, question: str) -> str:
        self.asked.append(question)
        if self.answer is None:
            raise EOFError
        return self.answer


INSTALLED = [
    ("apt-get", "-q", "update"),
    ("apt-get", "-qy", "install", "--no-install-recommends", "debootstrap"),
]


def test_root_in_a_pipe_gets_debootstrap_by_apt_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare = Bare(monkeypatch, terminal=False)
    bootstrap.base_archive(tmp_path, bare.said.append)
    assert (bare.asked, bare.said, bare.ran) == ([], ["apt: debootstrap, which makes the base"], INSTALLED)


@pytest.mark.parametrize(("name", "value"), [("YES", "1"), ("CI", "true"), ("CI", "1")])
def test_who_said_yes_before_is_not_asked_for_debootstrap(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    bare = Bare(monkeypatch, terminal=True)
    monkeypatch.setenv(name, value)
    bootstrap.base_archive(tmp_path, bare.said.append)
    assert (bare.asked, bare.ran) == ([], INSTALLED)


@pytest.mark.parametrize("answer", ["", "y", "Yes"])
def test_a_person_is_asked_once_before_debootstrap_is_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    bare = Bare(monkeypatch, terminal=True, answer=answer)
    bootstrap.base_archive(tmp_path, bare.said.append)
    assert bare.ran == INSTALLED
    (question,) = bare.asked
    assert question.endswith("needs debootstrap. Install it with apt-get? [Y/n] ")


@pytest.mark.parametrize("answer", ["n", "what?", None])
def test_a_no_installs_nothing_and_names_the_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: str | None
) -> None:
    bare = Bare(monkeypatch, terminal=True, answer=answer)
    with pytest.raises(ImageError, match="needs debootstrap: install it, or bring the image by hand"):
        bootstrap.base_archive(tmp_path, bare.said.append)
    assert (bare.ran, bare.said) == ([], [])


def test_an_apt_that_fails_shows_its_last_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tool = tmp_path / "apt-get"
    tool.write_text("#!/bin/sh\nseq 1 20\necho E: no archive >&2\nexit 100\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin")
    monkeypatch.setenv("YES", "1")
    monkeypatch.setattr("shutil.which", lambda name: None if name == "debootstrap" else str(tool))
    monkeypatch.setattr("os.geteuid", lambda: 0)
    with pytest.raises(ImageError, match=r"failed in apt-get; its last words:\n10\n(.|\n)*E: no archive$"):
        bootstrap.base_archive(tmp_path / "cache", lambda _text: None)


def test_without_root_the_way_out_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name: f"/usr/sbin/{name}")
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    with pytest.raises(ImageError, match="making it here needs root: run this once with sudo, or bring the image"):
        bootstrap.base_archive(tmp_path, print)


def test_a_failed_tool_shows_its_last_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tool = tmp_path / "debootstrap"
    tool.write_text("#!/bin/sh\nseq 1 20\necho E: no mirror >&2\nexit 1\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setattr("os.geteuid", lambda: 0)
    with pytest.raises(ImageError, match=r"failed in debootstrap; its last words:\n10\n(.|\n)*E: no mirror$"):
        bootstrap.base_archive(tmp_path / "cache", lambda _text: None)
    assert list((tmp_path / "cache").glob("*.tar.gz")) == []


def test_an_archive_of_the_same_recipe_is_used_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def make(archive: Path, _say: Any) -> None:
        archive.write_text("made")

    monkeypatch.setattr(bootstrap, "_check_tools", lambda _say: None)
    monkeypatch.setattr(bootstrap, "_make", make)
    first = bootstrap.base_archive(tmp_path, print)
    monkeypatch.setattr(bootstrap, "_make", lambda *_: pytest.fail("made twice"))
    assert bootstrap.base_archive(tmp_path, print) == first
    monkeypatch.setattr(bootstrap, "_make", make)
    monkeypatch.setattr(bootstrap, "_REMOVED", ("usr/share/man",))
    assert bootstrap.base_archive(tmp_path, print) != first


def test_the_cache_lies_where_the_user_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
    assert bootstrap.cache_dir() == Path("/somewhere/sutazai-infra")
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", "/home/operator")
    assert bootstrap.cache_dir() == Path("/home/operator/.cache/sutazai-infra")
