from __future__ import annotations

import json
import re
import tomllib
from importlib.metadata import version
from importlib.resources import files

import pytest

from tools.toolchain.pins import Pins, Range, load, parse_version
from tools.toolchain.places import REPOSITORY

TOOLS = REPOSITORY / "tools"
RAW = tomllib.loads((TOOLS / "pins.toml").read_text())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("v3.272.0", (3, 272, 0)),
        ("go1.26", (1, 26, 0)),
        ("go1.26.8", (1, 26, 8)),
        ("uv 0.13.9 (x86_64-unknown-linux-gnu)", (0, 13, 9)),
        ("v3.260.0-alpha.x1b59498", (3, 260, 0)),
        ("no version", None),
    ],
)
def test_a_version_is_found_in_what_programs_print(text: str, expected: tuple[int, int, int] | None) -> None:
    assert parse_version(text) == expected


def test_a_range_holds_its_lower_end_and_not_its_upper_one() -> None:
    accepted = Range("3.259.0", "4.0.0")
    assert accepted.holds("v3.259.0")
    assert accepted.holds("v3.1000.1")
    assert not accepted.holds("v3.258.9")
    assert not accepted.holds("v4.0.0")
    assert not accepted.holds("")


@pytest.mark.parametrize("name", sorted(RAW["build"]))
def test_go_mod_requires_and_replaces_what_the_pins_say(name: str) -> None:
    pin = RAW["build"][name]
    go_mod = (TOOLS / pin["directory"] / "go.mod").read_text()
    for module, pinned in pin["modules"].items():
        assert re.search(rf"(?m)^(require )?\s*{re.escape(module)} {re.escape(pinned)}( // indirect)?$", go_mod)
    for module, target in pin["replaces"].items():
        assert f"replace {module} => {target}\n" in go_mod
    replaced = re.findall(r"(?m)^replace (\S+) => [^.\n]", go_mod)
    assert sorted(replaced) == sorted(pin["replaces"])


def test_every_build_has_sums_to_verify_it_by(pins: Pins) -> None:
    for build in pins.builds.values():
        assert (build.directory / "go.sum").stat().st_size > 10_000


def test_the_provider_is_the_one_that_the_installed_sdk_asks_for() -> None:
    asked = json.loads((files("pulumi_docker") / "pulumi-plugin.json").read_text())["version"]
    assert load(TOOLS).provider == load(TOOLS).docker_provider.version == asked == version("pulumi_docker")


def test_the_official_release_goes_with_the_installed_sdk() -> None:
    assert load(TOOLS).pulumi_official == version("pulumi")


def test_every_cli_that_is_fetched_or_built_is_one_that_is_accepted() -> None:
    pins = load(TOOLS)
    assert pins.pulumi.holds(pins.pulumi_official)
    assert pins.pulumi.holds(pins.cli.version)
    assert pins.cli.version in pins.cli.ldflags


def test_the_python_range_is_the_project_s() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    pins = load(TOOLS)
    assert project["requires-python"] == f">={pins.python.at_least},<{pins.python.below}"
