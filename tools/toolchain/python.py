"""The project's virtual environment, made from uv.lock by uv, with a Python that the machine has."""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from tools.toolchain.errors import ToolchainError
from tools.toolchain.pins import Pins
from tools.toolchain.places import Places
from tools.toolchain.progress import Progress, say
from tools.toolchain.run import Runner, run, stream

STAMP = ".sutazai-sync"
# The version, and the Python below a virtual environment.
ASK = "import sys; print(sys.version.split()[0]); print(getattr(sys, '_base_executable', sys.executable))"


def ensure_venv(pins: Pins, places: Places, runner: Runner = run) -> bool:
    """Make or update `.venv`. Return whether there was anything to do."""
    if in_step(places):
        return False
    python, uv = find_python(pins, places, runner), ensure_uv(pins, places, runner)
    environ = dict(places.environ) | {"UV_PROJECT_ENVIRONMENT": str(places.venv), "UV_PYTHON_DOWNLOADS": "never"}
    environ.pop("VIRTUAL_ENV", None)
    if not (places.venv / "bin" / "python").exists():
        result = runner([uv, "venv", "--quiet", "--clear", "--python", python, places.venv], env=environ)
        if result.code:
            raise ToolchainError(f"uv makes no virtual environment with {python}: {result.output.strip()}")
    progress = Progress(f"installing the packages of uv.lock into {places.venv.name}")
    sync: list[str | Path] = [uv, "sync", "--frozen", "--python", python, "--directory", places.repository]
    pip: list[str | Path] = [uv, "pip", "install", "--python", places.venv / "bin" / "python", f"pip=={pins.pip}"]
    for command in (sync, pip):
        for line in stream(command, env=environ):
            progress.show(line.strip())
    (places.venv / STAMP).write_text(wanted(places), encoding="utf-8")
    progress.done("in step with uv.lock")
    return True


def in_step(places: Places) -> bool:
    """Tell whether `.venv` is what the last call left, made from what is there now."""
    stamp, pip = places.venv / STAMP, places.venv.glob("lib/python3*/site-packages/pip")
    return (
        (places.venv / "bin" / "python").exists()
        and stamp.is_file()
        and stamp.read_text(encoding="utf-8") == wanted(places)
        and any(pip)  # a `uv sync` by hand takes it out
    )


def wanted(places: Places) -> str:
    """Hash what the environment is made from, with its own Python, so that a changed one is noticed."""
    digest = hashlib.sha256()
    for path in ("pyproject.toml", "uv.lock", ".venv/pyvenv.cfg"):
        file = places.repository / path
        digest.update(path.encode() + b"\0" + (file.read_bytes() if file.is_file() else b""))
    return digest.hexdigest()


def find_python(pins: Pins, places: Places, runner: Runner = run) -> Path:
    """Find an accepted Python: that of an existing `.venv`, this one, or one of PATH."""
    seen = []
    for candidate in candidates(places):
        result = runner([candidate, "-c", ASK], env=places.environ, timeout=20)
        version, base = [*result.output.split("\n"), "", ""][:2]
        if result.code == 0 and pins.python.holds(version):
            return Path(base)
        if result.code == 0:
            seen.append(f"{candidate} {version}")
    raise ToolchainError(
        f"the project needs Python {pins.python}, and PATH has {', '.join(seen) or 'none'}: "
        "install one (Debian: `apt-get install python3`; or https://www.python.org), and put it on PATH"
    )


def candidates(places: Places) -> Iterator[Path]:
    """List where a Python may be, the likeliest first."""
    if (places.venv / "bin" / "python").exists():
        yield places.venv / "bin" / "python"
    yield Path(sys.executable)
    for name in ("python3.13", "python3.12", "python3.11", "python3", "python"):
        if found := shutil.which(name, path=places.environ.get("PATH", os.defpath)):
            yield Path(found)


def ensure_uv(pins: Pins, places: Places, runner: Runner = run) -> Path:
    """Find the user's uv if it is new enough, else the pinned one, fetched by pip into the cache."""
    fetched = fetched_uv(pins, places)
    if found := uv_on_path(pins, places, runner) or (fetched if fetched.is_file() else None):
        return found
    say(f"fetching uv {pins.uv_version} with pip into {fetched.parents[1]}")
    python = find_python(pins, places, runner)
    part = fetched.parents[1].with_name(fetched.parents[1].name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    command = [
        python,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--target",
        part,
        f"uv=={pins.uv_version}",
    ]
    result = runner(command, env=places.environ, timeout=600)
    if result.code:
        raise ToolchainError(
            f"uv {pins.uv} is not on PATH, and {python} cannot fetch it: {result.output.strip()}\n"
            "Way out: install uv (https://docs.astral.sh/uv), or pip for that Python (Debian: python3-pip)"
        )
    part.replace(fetched.parents[1])
    return fetched


def fetched_uv(pins: Pins, places: Places) -> Path:
    """Place a fetched uv."""
    return places.cache / f"uv-{pins.uv_version}" / "bin" / "uv"


def uv_on_path(pins: Pins, places: Places, runner: Runner = run) -> Path | None:
    """Find the user's own uv, if it is new enough."""
    found = places.on_path("uv")
    if found and pins.uv.holds(runner([found, "--version"], env=places.environ, timeout=20).output):
        return found
    return None
