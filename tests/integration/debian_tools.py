"""The programs that read the rendered texts: those on PATH, else in CI Debian's packages, unpacked aside.

Not installed: a package would start its service, and a user's machine isn't the tests' to change.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

__all__ = ["DebianTools"]

# What brings each program; HAProxy is linked to libraries that are on no minimal machine.
_PACKAGES = {
    "promtool": ("prometheus",),
    "amtool": ("prometheus-alertmanager",),
    "prometheus-blackbox-exporter": ("prometheus-blackbox-exporter",),
    "haproxy": ("haproxy", "liblua5.3-0", "libopentracing-c-wrapper0", "libopentracing1"),
}
_FOLDERS = ("usr/bin", "usr/sbin")


class DebianTools:
    """Programs by name, looked for once; a test that needs a missing one is skipped, except in CI."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def program(self, name: str) -> Path:
        """Find a program, or unpack its packages in CI."""
        return self._on_path(name) or self._unpacked(name) or self._fetched(name)

    def unpacked(self, name: str) -> Path:
        """Find a program that can be mounted into a container: one of the unpacked ones."""
        return self._unpacked(name) or self._fetched(name)

    def run(self, name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a program; what it wrote to either stream is in `stdout`."""
        return subprocess.run(
            [self.program(name), *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=60,
            check=False,
            env=self.environment,
        )

    @property
    def environment(self) -> Mapping[str, str]:
        """The environment that unpacked programs find their libraries with."""
        return {**os.environ, "LD_LIBRARY_PATH": ":".join(self.libraries(self.folder))}

    def libraries(self, root: Path) -> list[str]:
        """Where the unpacked libraries lie, as seen where the folder is `root`."""
        folders = {path.parent.relative_to(self.folder) for path in self.folder.glob("usr/lib/*/*.so*")}
        return sorted(str(root / folder) for folder in folders)

    def _on_path(self, name: str) -> Path | None:
        found = shutil.which(name)
        return Path(found) if found else None

    def _unpacked(self, name: str) -> Path | None:
        candidates = (self.folder / folder / name for folder in _FOLDERS)
        return next((path for path in candidates if path.exists()), None)

    def _fetched(self, name: str) -> Path:
        packages = _PACKAGES[name]
        if os.environ.get("CI") != "true":
            pytest.skip(
                f"no {name} here: install {packages[0]}, or set CI=true to have the package unpacked aside"
            )
        if not shutil.which("apt-get"):
            pytest.fail(f"no {name} here, and no apt-get to fetch {packages[0]} with")
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / ".lock").open("w") as lock:
            # Parallel workers share the folder.
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not self._unpacked(name):
                self._fetch(packages)
        found = self._unpacked(name)
        if found is None:
            pytest.fail(f"{packages[0]} has no {name}")
        return found

    def _fetch(self, packages: tuple[str, ...]) -> None:
        downloads = self.folder / "downloads"
        downloads.mkdir(exist_ok=True)
        done = _apt_get(downloads, "download", *packages)
        if done.returncode and os.geteuid() == 0:
            # A fresh machine has no lists of packages, or stale ones.
            _apt_get(downloads, "update")
            done = _apt_get(downloads, "download", *packages)
        if done.returncode:
            pytest.fail(f"apt-get download {' '.join(packages)}: {done.stderr.strip()}")
        for archive in sorted(downloads.glob("*.deb")):
            subprocess.run(["dpkg-deb", "--extract", archive, self.folder], check=True, timeout=60)
            archive.unlink()


def _apt_get(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = ["apt-get", "-qq", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)
