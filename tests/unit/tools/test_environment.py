from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tools.toolchain import environment
from tools.toolchain.pins import Pins
from tools.toolchain.places import Places

Write = Callable[..., Path]
NAMES = ("PULUMI_HOME", "PULUMI_BACKEND_URL", "PULUMI_CONFIG_PASSPHRASE", "VIRTUAL_ENV", "PATH")


def evaluated(pins: Pins, places: Places, **more: str) -> dict[str, str]:
    """What a shell has after it evaluated the exports."""
    environ = dict(places.environ) | more
    code = environment.exports(pins, replace(places, environ=environ))
    script = code + "\n".join(f'echo "{name}=${{{name}-unset}}"' for name in NAMES)
    done = subprocess.run(
        ["/bin/sh", "-eu", "-c", script], env=environ, capture_output=True, text=True, check=True
    )
    return dict(line.split("=", 1) for line in done.stdout.splitlines())


def test_a_built_toolchain_has_a_home_and_a_place_on_path_of_its_own(pins: Pins, places: Places) -> None:
    after = evaluated(pins, places)
    assert after["PULUMI_HOME"] == str(places.cache / "home")
    assert after["PATH"].split(":") == [
        str(places.venv / "bin"),
        str(places.bundle(pins).parent),
        places.environ["PATH"],
    ]
    assert after["VIRTUAL_ENV"] == str(places.venv)


def test_the_official_cli_keeps_its_home_and_its_login(pins: Pins, places: Places, program: Write) -> None:
    program("pulumi", "echo v3.272.0")
    program("pulumi-language-python")
    after = evaluated(pins, places)
    assert after["PULUMI_HOME"] == "unset"
    assert after["PATH"].split(":") == [str(places.venv / "bin"), places.environ["PATH"]]


def test_state_is_kept_in_the_checkout_which_others_may_not_read(pins: Pins, places: Places) -> None:
    assert evaluated(pins, places)["PULUMI_BACKEND_URL"] == f"file://{places.repository}/.state"
    assert (places.repository / ".state").stat().st_mode & 0o777 == 0o700


def test_what_the_user_has_set_wins(pins: Pins, places: Places) -> None:
    after = evaluated(
        pins,
        places,
        PULUMI_BACKEND_URL="https://api.pulumi.com",
        PULUMI_HOME="/chosen",
        PULUMI_CONFIG_PASSPHRASE="it's secret",  # noqa: S106
    )
    assert after["PULUMI_BACKEND_URL"] == "https://api.pulumi.com"
    assert after["PULUMI_HOME"] == "/chosen"
    assert after["PULUMI_CONFIG_PASSPHRASE"] == "it's secret"  # noqa: S105
    assert not (places.repository / ".state").exists()


def test_the_passphrase_is_empty_unless_there_is_one_or_a_file_of_one(pins: Pins, places: Places) -> None:
    assert evaluated(pins, places)["PULUMI_CONFIG_PASSPHRASE"] == ""
    with_file = evaluated(pins, places, PULUMI_CONFIG_PASSPHRASE_FILE="/f")  # noqa: S106
    assert with_file["PULUMI_CONFIG_PASSPHRASE"] == "unset"  # noqa: S105


def test_an_evaluation_on_top_of_another_does_not_lengthen_path(pins: Pins, places: Places) -> None:
    once = evaluated(pins, places)
    twice = evaluated(pins, places, PATH=once["PATH"])
    assert once["PATH"] == twice["PATH"]


def test_a_fetched_uv_is_offered_to_the_official_language_host(pins: Pins, places: Places, program: Write) -> None:
    uv = program("uv", directory=f"cache/uv-{pins.uv_version}/bin")
    assert str(uv.parent) in evaluated(pins, places)["PATH"].split(":")
    program("uv", "echo uv 1.0.0")
    assert str(uv.parent) not in evaluated(pins, places)["PATH"].split(":")


def test_a_missing_toolchain_is_a_word_on_standard_error(
    pins: Pins, places: Places, capsys: pytest.CaptureFixture[str]
) -> None:
    assert environment.exports(pins, places).startswith("export PATH=")
    assert "pulumi, pulumi-language-python is not there yet: run `make toolchain`" in capsys.readouterr().err


def test_a_checkout_with_blanks_in_its_name_works(pins: Pins, places: Places, tmp_path: Path) -> None:
    (tmp_path / "a b").mkdir()
    after = evaluated(pins, replace(places, repository=tmp_path / "a b"))
    assert after["PULUMI_BACKEND_URL"] == f"file://{tmp_path}/a%20b/.state"
    assert after["VIRTUAL_ENV"] == f"{tmp_path}/a b/.venv"
