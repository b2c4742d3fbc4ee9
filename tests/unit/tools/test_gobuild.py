from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tools.toolchain import gobuild, places, progress
from tools.toolchain.errors import ToolchainError
from tools.toolchain.pins import Build, Pins
from tools.toolchain.places import Places, source_hash
from tools.toolchain.progress import Progress

Write = Callable[..., Path]

# Answers `go env`, and "builds" what it was called with.
GO = """
case "$1" in
env) echo go1.26.8; echo local;;
build) shift; echo "go: downloading example.org/module v1.0.0"; echo example.org/module/package
  while [ "$1" != -o ]; do shift; done
  echo "$PWD CGO_ENABLED=$CGO_ENABLED GOFLAGS=$GOFLAGS" > "$2";;
esac"""


@pytest.fixture(autouse=True)
def _no_go_of_the_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(gobuild, "USUAL_GO", tmp_path / "none")


@pytest.fixture
def module(tmp_path: Path) -> Build:
    directory = tmp_path / "module"
    directory.mkdir()
    (directory / "go.mod").write_text("module m\n")
    (directory / "go.sum").write_text("")
    (directory / "main.go").write_text("package main\n")
    return Build("cli", "pulumi", "1.2.3", directory, ".", "-X main.version=1.2.3", "a_tag", 1)


def test_a_program_is_built_in_its_module_without_c_and_without_the_user_s_flags(
    module: Build, pins: Pins, places: Places, program: Write
) -> None:
    program("go", GO)
    flagged = replace(places, environ=dict(places.environ) | {"GOFLAGS": "-mod=mod"})
    built = gobuild.build(module, pins, flagged)
    assert built.read_text() == f"{module.directory} CGO_ENABLED=0 GOFLAGS=\n"
    assert [path.name for path in built.parent.iterdir()] == ["pulumi"]


def test_a_second_build_starts_nothing(module: Build, pins: Pins, places: Places, program: Write) -> None:
    program("go", GO)
    built = gobuild.build(module, pins, places)
    program("go", "exit 1")
    assert gobuild.build(module, pins, places) == built


def test_a_failed_build_says_why_and_leaves_nothing_that_looks_built(
    module: Build, pins: Pins, places: Places, program: Write
) -> None:
    program("go", GO.replace("build) shift;", "build) shift; echo dial tcp: no route to host; exit 1;"))
    with pytest.raises(ToolchainError) as caught:
        gobuild.build(module, pins, places)
    assert "pulumi cannot be built" in str(caught.value)
    assert "  dial tcp: no route to host" in str(caught.value)
    assert "GOPROXY" in str(caught.value)
    assert not list(places.built(module).parent.iterdir())


def test_without_go_the_message_names_the_way_out(module: Build, pins: Pins, places: Places) -> None:
    with pytest.raises(ToolchainError) as caught:
        gobuild.build(module, pins, places)
    assert str(caught.value) == (
        "pulumi 1.2.3 is not here, its official release is not reached, and building it needs Go >=1.26, "
        "which is not on PATH: install Go from https://go.dev/dl, "
        "or the Pulumi CLI from https://www.pulumi.com/docs/install"
    )


@pytest.mark.parametrize(
    ("said", "usable"),
    [
        ("go1.26.0 local", True),
        ("go1.27.1 auto", True),
        ("go1.22.1 local", False),
        ("go1.22.1 auto", True),
        ("go1.19.8", False),
    ],
)
def test_an_older_go_is_used_only_if_it_fetches_a_newer_one_itself(
    said: str, usable: bool, pins: Pins, places: Places, program: Write
) -> None:
    go = program("go", f"echo {said}")
    if usable:
        assert gobuild.find_go(pins.cli, pins.go, places) == go
    else:
        with pytest.raises(ToolchainError, match=rf"needs Go >=1\.26; .* is {said.split(maxsplit=1)[0]}: install"):
            gobuild.find_go(pins.cli, pins.go, places)


def test_a_build_is_reproducible_and_verified_by_its_flags(module: Build) -> None:
    command = gobuild.command(Path("go"), module, Path("out"))
    assert {"-trimpath", "-mod=readonly", "-buildvcs=false"} <= set(map(str, command))
    assert "-s -w -X main.version=1.2.3" in command


def test_a_changed_source_gets_a_new_place_and_a_test_file_does_not(module: Build, places: Places) -> None:
    before = places.built(module)
    (module.directory / "main_test.go").write_text("package main\n")
    assert places.built(module) == before
    (module.directory / "main.go").write_text("package main // changed\n")
    assert places.built(module) != before
    assert places.built(replace(module, version="1.2.4")) != before


def test_the_embedded_scripts_count_as_sources(module: Build) -> None:
    before = source_hash(module)
    (module.directory / "run.py").write_text("print()")
    assert source_hash(module) != before


def test_the_cache_follows_the_user_s_wish() -> None:
    assert places.Places.of({"XDG_CACHE_HOME": "/x", "HOME": "/h"}).cache == Path("/x/sutazai-infra")
    assert places.Places.of({"HOME": "/h"}).cache == Path("/h/.cache/sutazai-infra")


def test_plain_progress_counts_what_go_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "PLAIN_SECONDS", 0.0)
    stream = io.StringIO()
    gobuild.watch(["go: downloading a.b/c v1", "a.b/c", "# a.b/c", "a.b/c/d"], Progress("building", stream))
    assert stream.getvalue().splitlines() == [
        "toolchain: building: 0 s, 1 modules downloaded, now a.b/c v1",
        "toolchain: building: 0 s, 1 packages compiled, last a.b/c",
        "toolchain: building: 0 s, 2 packages compiled, last a.b/c/d",
    ]


def test_plain_progress_is_sparing() -> None:
    stream = io.StringIO()
    gobuild.watch(["a.b/c"] * 100, Progress("building", stream))
    assert stream.getvalue() == ""
    assert (progress.elapsed(7.9), progress.elapsed(185)) == ("7 s", "3 min 05 s")
