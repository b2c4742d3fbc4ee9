"""An earlier update's files in a folder of their own, ready to run, and gone afterwards."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

from sutazai_infra.model.update import Update
from sutazai_infra.operations.history.git import checked_out, remove_checkout
from sutazai_infra.operations.rollback.choice import RollbackError

__all__ = ["Checkout", "checkout"]

_LOCK = "uv.lock"


@dataclass(frozen=True)
class Checkout:
    """The files of an earlier update, and how its own `sutazai` is called."""

    folder: Path

    def run(self, arguments: Sequence[str]) -> int:
        """Run its command, with this terminal; the exit status."""
        python = str(self.folder / ".venv/bin/python")
        command = [python, "-m", "sutazai_infra", "-C", str(self.folder), *arguments]
        # Not this process's folder: what is imported is what lies there.
        done = subprocess.run(command, cwd=self.folder, env=_environment(self.folder), check=False)  # noqa: S603
        return done.returncode


@contextmanager
def checkout(project: Path, target: Update, commit: str) -> Iterator[Checkout]:
    """Yield the files that an update was deployed from, and its settings; raises `SutazaiError`."""
    folder = Path(mkdtemp(prefix=f"sutazai-{target.stack}-{target.number}-")) / "project"
    try:
        checked_out(project, commit, folder)
        (folder / f"Pulumi.{target.stack}.yaml").write_text(target.config, encoding="utf-8")
        _give_python(folder, project)
        yield Checkout(folder)
    finally:
        remove_checkout(project, folder)
        folder.parent.rmdir()


def _give_python(folder: Path, project: Path) -> None:
    """Its packages: those that are installed here where they are the same, else its own, from its lock file."""
    if _content(folder / _LOCK) == _content(project / _LOCK):
        (folder / ".venv").symlink_to(Path(sys.prefix))
        return
    done = subprocess.run(  # noqa: S603  its own tool
        [sys._base_executable, "-m", "tools.toolchain", "venv"],  # type: ignore[attr-defined]
        cwd=folder,
        env=_environment(folder),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RollbackError(f"its packages can't be installed: {done.stderr.strip() or done.stdout.strip()}")


def _content(path: Path) -> bytes:
    return path.read_bytes() if path.is_file() else b""


def _environment(folder: Path) -> Mapping[str, str]:
    """Without this environment's own packages first."""
    path = os.environ.get("PATH", "").split(os.pathsep)
    rest = [entry for entry in path if Path(entry) != Path(sys.prefix) / "bin"]
    inherited = {name: value for name, value in os.environ.items() if name not in {"VIRTUAL_ENV", "PYTHONHOME"}}
    return {
        **inherited,
        "PATH": os.pathsep.join([str(folder / ".venv/bin"), *rest]),
        "PYTHONPATH": str(folder),
    }
