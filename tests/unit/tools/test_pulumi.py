from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tools.toolchain import gobuild, official, pulumi
from tools.toolchain.pins import Build, Pins
from tools.toolchain.places import Places

Write = Callable[..., Path]


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Builds in no time, and notes what."""
    names: list[str] = []

    def build(build: Build, _: Pins, places: Places) -> Path:
        names.append(build.name)
        path = places.built(build)
        path.parent.mkdir(parents=True)
        path.touch()
        return path

    monkeypatch.setattr(gobuild, "build", build)
    return names


def test_with_the_official_cli_on_path_nothing_is_built(
    pins: Pins, places: Places, program: Write, built: list[str]
) -> None:
    cli, host = program("pulumi", "echo v3.272.0"), program("pulumi-language-python")
    choice = pulumi.ensure(pins, places)
    assert (choice.cli, choice.langhost, choice.origin, built) == (cli, host, "path", [])
    assert choice.path_entries() == []
    assert choice.home(places) == Path(places.environ["HOME"]) / ".pulumi"


def test_a_linked_cli_finds_its_host_beside_the_real_one(
    pins: Pins, places: Places, program: Write, tmp_path: Path, built: list[str]
) -> None:
    cli = program("pulumi", "echo v3.272.0", directory="opt")
    host = program("pulumi-language-python", directory="opt")
    (tmp_path / "bin" / "pulumi").symlink_to(cli)
    choice = pulumi.ensure(pins, places)
    assert (choice.langhost, built) == (host, [])
    assert choice.path_entries() == [host.parent]


def test_a_cli_without_a_host_gets_one_and_keeps_its_home(
    pins: Pins, places: Places, program: Write, built: list[str]
) -> None:
    program("pulumi", "echo v3.272.0")
    choice = pulumi.ensure(pins, places)
    assert built == ["langhost"]
    assert choice.path_entries() == [places.built(pins.langhost).parent]
    assert choice.home(places) == Path(places.environ["HOME"]) / ".pulumi"


def test_an_old_cli_is_passed_over_with_a_word(
    pins: Pins, places: Places, program: Write, built: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    program("pulumi", "echo v3.100.0")
    choice = pulumi.ensure(pins, places)
    assert (choice.origin, built) == ("built", ["cli", "langhost"])
    assert "is v3.100.0, not >=3.259.0, <4.0.0: this project uses another one" in capsys.readouterr().err


def test_a_download_comes_before_a_build(
    pins: Pins, places: Places, built: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def get_cli(pins: Pins, places: Places) -> Path:
        directory = places.official(pins.pulumi_official).parent
        directory.mkdir(parents=True)
        (directory / "pulumi").touch()
        (directory / "pulumi-language-python").touch()
        return directory / "pulumi"

    monkeypatch.setattr(official, "get_cli", get_cli)
    choice = pulumi.ensure(pins, places)
    assert (choice.origin, built) == ("downloaded", [])
    assert choice.path_entries() == [choice.cli.parent]
    assert choice.home(places) == places.cache / "home"


def test_what_was_built_is_not_built_again(pins: Pins, places: Places, built: list[str]) -> None:
    pulumi.ensure(pins, places)
    choice = pulumi.ensure(pins, places)
    assert built == ["cli", "langhost"]
    assert choice.langhost.parent == choice.cli.parent  # the engine warns of a host elsewhere
    assert choice.path_entries() == [choice.cli.parent]
    assert choice.home(places) == places.cache / "home"


def test_a_retry_prefers_the_official_release_to_a_build(
    pins: Pins, places: Places, built: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(official, "get_cli", lambda *_: asked.append("asked"))
    pulumi.ensure(pins, places)
    pulumi.ensure(pins, places)
    assert asked == ["asked"]
    assert pulumi.ensure(pins, places, retry=True).origin == "built"
    assert (asked, built) == (["asked"] * 2, ["cli", "langhost"])


def test_what_an_earlier_env_put_on_path_is_not_the_user_s_own(pins: Pins, places: Places, program: Write) -> None:
    program("pulumi", "echo v3.259.0", directory="cache/cli-x/bin")
    path = f"{places.cache}/cli-x/bin:{places.environ['PATH']}"
    again = replace(places, environ=dict(places.environ) | {"PATH": path})
    assert pulumi.find(pins, again).origin == "built"


def test_a_set_home_wins(pins: Pins, places: Places) -> None:
    chosen = replace(places, environ=dict(places.environ) | {"PULUMI_HOME": "/chosen"})
    assert pulumi.find(pins, chosen).home(chosen) == Path("/chosen")


def test_a_cli_is_asked_for_its_version_once_until_it_changes(
    pins: Pins, places: Places, program: Write, tmp_path: Path
) -> None:
    body = f"echo asked >> {tmp_path}/count; echo v3.272.0"
    program("pulumi", body)
    for _ in range(3):
        pulumi.find(pins, places)
    program("pulumi", body + " # updated")
    pulumi.find(pins, places)
    assert (tmp_path / "count").read_text().count("asked") == 2


def test_a_cli_that_does_not_run_is_passed_over(pins: Pins, places: Places, program: Write) -> None:
    program("pulumi", "exit 3")
    assert pulumi.find(pins, places).origin == "built"
