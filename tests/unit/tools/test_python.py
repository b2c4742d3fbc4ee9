from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tools.toolchain import python
from tools.toolchain.errors import ToolchainError
from tools.toolchain.pins import Pins
from tools.toolchain.places import Places

Write = Callable[..., Path]


@pytest.fixture
def uv(program: Write, places: Places, tmp_path: Path) -> Path:
    """A uv that makes an empty environment, and notes its calls."""
    (places.repository / "pyproject.toml").write_text("[project]\n")
    (places.repository / "uv.lock").write_text("version = 1\n")
    return program(
        "uv",
        f"""
        echo "$1" >> {tmp_path}/calls
        case "$1" in
        --version) echo "uv 0.13.9 (x86_64)";;
        venv) mkdir -p {places.venv}/bin; ln -sf {sys.executable} {places.venv}/bin/python
          echo "version = 3" > {places.venv}/pyvenv.cfg;;
        pip) mkdir -p {places.venv}/lib/python3.11/site-packages/pip;;
        sync) [ "$UV_PYTHON_DOWNLOADS" = never ] && [ -z "$VIRTUAL_ENV" ] || exit 1; echo Installed;;
        esac""".replace("mkdir", "/bin/mkdir").replace("ln -sf", "/bin/ln -sf"),
    )


def calls(tmp_path: Path) -> list[str]:
    return [call for call in (tmp_path / "calls").read_text().split() if call != "--version"]


@pytest.mark.usefixtures("uv")
def test_an_environment_is_made_and_then_left_alone(pins: Pins, places: Places, tmp_path: Path) -> None:
    assert python.ensure_venv(pins, places)
    assert not python.ensure_venv(pins, places)
    assert calls(tmp_path) == ["venv", "sync", "pip"]


@pytest.mark.usefixtures("uv")
@pytest.mark.parametrize("changed", ["uv.lock", "pyproject.toml", ".venv/pyvenv.cfg"])
def test_a_changed_lock_project_or_python_is_synced(
    changed: str, pins: Pins, places: Places, tmp_path: Path
) -> None:
    python.ensure_venv(pins, places)
    with (places.repository / changed).open("a") as file:
        file.write("# changed\n")
    assert python.ensure_venv(pins, places)
    assert not python.ensure_venv(pins, places)
    assert calls(tmp_path) == ["venv", "sync", "pip", "sync", "pip"]


@pytest.mark.usefixtures("uv")
def test_an_environment_whose_python_went_away_is_made_anew(pins: Pins, places: Places, tmp_path: Path) -> None:
    python.ensure_venv(pins, places)
    (places.venv / "bin" / "python").unlink()
    (places.venv / "bin" / "python").symlink_to(tmp_path / "gone")
    assert python.ensure_venv(pins, places)
    assert calls(tmp_path) == ["venv", "sync", "pip"] * 2


@pytest.mark.usefixtures("uv")
def test_pip_that_a_sync_by_hand_took_out_comes_back(pins: Pins, places: Places, tmp_path: Path) -> None:
    python.ensure_venv(pins, places)
    (places.venv / "lib" / "python3.11" / "site-packages" / "pip").rmdir()
    assert python.ensure_venv(pins, places)
    assert calls(tmp_path) == ["venv", "sync", "pip", "sync", "pip"]


def test_a_failed_sync_is_tried_again(pins: Pins, places: Places, uv: Path) -> None:
    uv.write_text(uv.read_text().replace("echo Installed", "echo no route to host; exit 2"))
    with pytest.raises(ToolchainError, match="no route to host"):
        python.ensure_venv(pins, places)
    uv.write_text(uv.read_text().replace("; exit 2", ""))
    assert python.ensure_venv(pins, places)


def test_an_accepted_python_is_found_past_those_that_are_not(
    pins: Pins, places: Places, program: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", str(program("python3", "echo 3.9.18; echo /old")))
    program("python3.13", "echo 'pyenv: python3.13: command not found'; exit 127")
    program("python3.12", "echo 3.12.1; echo /opt/python3.12")
    assert python.find_python(pins, places) == Path("/opt/python3.12")


def test_without_an_accepted_python_the_message_says_what_there_is(
    pins: Pins, places: Places, program: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = program("python3", "echo 3.14.0; echo /new")
    monkeypatch.setattr(sys, "executable", "/none")
    with pytest.raises(ToolchainError, match=rf"needs Python >=3.11, <3.14, and PATH has {old} 3\.14\.0: install"):
        python.find_python(pins, places)


def test_uv_is_fetched_by_pip_in_the_pinned_version(
    pins: Pins, places: Places, program: Write, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pip = program(
        "base",
        f"""case "$*" in
        *pip*) echo "$*" > {tmp_path}/pip; while [ "$1" != --target ]; do shift; done
          /bin/mkdir -p "$2/bin"; echo > "$2/bin/uv";;
        *) echo 3.11.7; echo "$0";;
        esac""",
    )
    monkeypatch.setattr(sys, "executable", str(pip))
    program("uv", "echo uv 0.4.0")
    assert python.ensure_uv(pins, places) == places.cache / f"uv-{pins.uv_version}" / "bin" / "uv"
    assert f"uv=={pins.uv_version}" in (tmp_path / "pip").read_text()
    (tmp_path / "pip").unlink()
    python.ensure_uv(pins, places)
    assert not (tmp_path / "pip").exists()


def test_without_pip_the_message_names_the_way_out(
    pins: Pins, places: Places, program: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = 'case "$*" in *pip*) echo No module named pip; exit 1;; *) echo 3.11.2; echo "$0";; esac'
    monkeypatch.setattr(sys, "executable", str(program("base", body)))
    with pytest.raises(ToolchainError, match=r"cannot fetch it: No module named pip\nWay out: install uv"):
        python.ensure_uv(pins, places)
