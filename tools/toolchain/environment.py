"""The shell code that makes a shell, a Makefile or a CI job use the toolchain."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from urllib.parse import quote

from tools.toolchain import pulumi, python
from tools.toolchain.pins import Pins
from tools.toolchain.places import Places
from tools.toolchain.progress import say


def exports(pins: Pins, places: Places) -> str:
    """Write `export` lines. What the user has set already wins, except for PATH's order."""
    choice = pulumi.find(pins, places)
    missing = [path.name for path in (choice.cli, choice.langhost) if not path.is_file()]
    if missing or not (places.venv / "bin" / "python").exists():
        say(f"{', '.join(missing) or '.venv'} is not there yet: run `make toolchain`, or `ensure` and `venv`")
    values = {
        "VIRTUAL_ENV": str(places.venv),
        "PULUMI_SKIP_UPDATE_CHECK": "1",
        "PULUMI_BACKEND_URL": places.environ.get("PULUMI_BACKEND_URL") or local_backend(places),
    }
    # The user's own CLI keeps its home, and with it a login.
    if choice.origin != "path":
        values["PULUMI_HOME"] = str(choice.home(places))
    # Empty is for the dev stack only; a stack with secrets sets one of the two.
    if not {"PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE"} & places.environ.keys():
        values["PULUMI_CONFIG_PASSPHRASE"] = ""
    lines = [f"export {name}={shlex.quote(value)}" for name, value in values.items()]
    return "\n".join([*path_line(choice, pins, places), *lines, ""])


def path_line(choice: pulumi.Choice, pins: Pins, places: Places) -> list[str]:
    """Put the virtual environment first, then the toolchain; nothing if they are there already.

    The shell's own PATH follows, and not the one of this process: a version manager's shim adds to it.
    """
    ours = [str(each) for each in (places.venv / "bin", *choice.path_entries(), *uv_entry(pins, places))]
    entries = places.environ.get("PATH", "").split(os.pathsep)
    if any(entries[start : start + len(ours)] == ours for start in range(len(entries))):
        return []
    return [f'export PATH={shlex.quote(os.pathsep.join(ours))}:"$PATH"']


def uv_entry(pins: Pins, places: Places) -> list[Path]:
    """Offer a fetched uv, to whoever updates uv.lock, and to the official host, which runs it if told to."""
    uv = python.fetched_uv(pins, places)
    return [uv.parent] if uv.is_file() and not python.uv_on_path(pins, places) else []


def local_backend(places: Places) -> str:
    """Keep the state in the checkout: a fresh clone works, with no account and no server."""
    state = places.repository / ".state"
    state.mkdir(mode=0o700, exist_ok=True)
    return f"file://{quote(str(state))}"
