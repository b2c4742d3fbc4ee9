"""What a Pulumi process needs of the environment; what the user has set always wins.

The same defaults as `make env`: state in the checkout, and an empty passphrase where none is named, which is fit
for the dev stack only.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from sutazai_infra.inputs.stackconfig import PROJECT
from sutazai_infra.model.errors import SutazaiError

__all__ = ["default_environment", "find_project", "selected_stack"]

_PROJECT_FILE = "Pulumi.yaml"
_PASSPHRASES = ("PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE")


def find_project(start: Path) -> Path:
    """Find the project's folder from `start` upwards, else the checkout of this package; raises `SutazaiError`."""
    start = start.resolve()
    for folder in (start, *start.parents, Path(__file__).resolve().parents[3]):
        if _is_project(folder / _PROJECT_FILE):
            return folder
    raise SutazaiError(f"{start}: no {_PROJECT_FILE} of {PROJECT} here or above; go there, or name it with -C")


def default_environment(folder: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """List the variables to set before Pulumi runs, without those that are right already."""
    state = f"file://{quote(str(folder / '.state'))}"
    wanted = {"PULUMI_SKIP_UPDATE_CHECK": "1", "PULUMI_BACKEND_URL": state}
    if not any(name in environ for name in _PASSPHRASES):
        wanted["PULUMI_CONFIG_PASSPHRASE"] = ""
    missing = {name: value for name, value in wanted.items() if not environ.get(name)}
    return {**missing, **_own_python(environ)}


def selected_stack(folder: Path, environ: Mapping[str, str]) -> str | None:
    """Read which stack `pulumi stack select` chose for this folder, without asking Pulumi."""
    home = Path(environ.get("PULUMI_HOME") or Path.home() / ".pulumi")
    # Pulumi names the file after the project file's path.
    digest = hashlib.sha1(str(folder / _PROJECT_FILE).encode(), usedforsecurity=False).hexdigest()
    try:
        chosen = json.loads((home / "workspaces" / f"{PROJECT}-{digest}-workspace.json").read_text())["stack"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    name = str(chosen).rpartition("/")[2]
    return name if (folder / f"Pulumi.{name}.yaml").is_file() else None


def _is_project(path: Path) -> bool:
    try:
        return f"name: {PROJECT}" in path.read_text(encoding="utf-8").splitlines()
    except OSError:
        return False


def _own_python(environ: Mapping[str, str]) -> dict[str, str]:
    """Put this virtual environment first: Pulumi runs the program with the `python` of PATH."""
    if sys.prefix == sys.base_prefix:
        return {}
    binaries, entries = str(Path(sys.prefix) / "bin"), environ.get("PATH", "")
    if entries.split(os.pathsep)[0] == binaries:
        return {}
    return {"VIRTUAL_ENV": sys.prefix, "PATH": os.pathsep.join(filter(None, (binaries, entries)))}
