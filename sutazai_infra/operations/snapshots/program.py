"""The program that keeps snapshots: restic, found on PATH or, as root, installed by apt-get."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable

from sutazai_infra.model.errors import SutazaiError

__all__ = ["restic_program"]

_WAY_OUT = "`apt-get install restic`, or https://restic.net"
_TAIL = 5


def restic_program(agreed: Callable[[str], bool], say: Callable[[str], None]) -> str:
    """Find restic, or get it where this is root's machine and somebody agrees; raises `SutazaiError`."""
    found = shutil.which("restic")
    if found is not None:
        return found
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise SutazaiError(
            f"restic: not on PATH, and only root on Debian or Ubuntu has it installed here: {_WAY_OUT}"
        )
    if not agreed("Snapshots need restic. Install it with apt-get?"):
        raise SutazaiError(f"restic: not on PATH; give --yes to have it installed, or do it yourself: {_WAY_OUT}")
    say("apt: restic, which keeps snapshots")
    _apt("update")
    _apt("install", "--no-install-recommends", "restic")
    return shutil.which("restic") or "restic"


def _apt(*words: str) -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(  # noqa: S603  fixed words
        ["apt-get", "-qy", *words],  # noqa: S607  wherever this system has it
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        tail = "\n".join((done.stdout + done.stderr).splitlines()[-_TAIL:])
        raise SutazaiError(f"apt-get {words[0]} failed: {tail}\nrestic: {_WAY_OUT}")
