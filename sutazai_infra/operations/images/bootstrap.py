"""A Debian base made on this machine, for engines that reach no registry.

Makes what the official slim image holds: a minimal Debian, its security updates, no documentation and no
locales, and apt set up to add none. The result is kept in the user's cache folder, keyed by this recipe.
Needs root and debootstrap, which it gets by apt-get; a person on a terminal is asked before.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sutazai_infra.operations.images.source import ImageError

__all__ = ["SUITE", "base_archive", "cache_dir"]

SUITE = "bookworm"
MIRROR = "http://deb.debian.org/debian"
SECURITY_MIRROR = "http://deb.debian.org/debian-security"
_TAIL_LINES = 12
_NO = {"", "0", "false", "no"}
_REFUSAL = f"debian:{SUITE}-slim: no registry is reached, and making it here"
_WAY_OUT = "or bring the image by hand (docker save elsewhere, docker load here)"

_SOURCES = f"""\
deb {MIRROR} {SUITE} main
deb {MIRROR} {SUITE}-updates main
deb {SECURITY_MIRROR} {SUITE}-security main
"""
_SLIM = """\
path-exclude /usr/share/doc/*
path-include /usr/share/doc/*/copyright
path-exclude /usr/share/info/*
path-exclude /usr/share/lintian/*
path-exclude /usr/share/locale/*
path-exclude /usr/share/man/*
"""
_APT = """\
Acquire::Languages "none";
Acquire::GzipIndexes "true";
Apt::AutoRemove::SuggestsImportant "false";
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb || true"; };
"""
_FILES = {
    "etc/apt/sources.list": _SOURCES,
    "etc/apt/apt.conf.d/docker-clean": _APT,
    "etc/dpkg/dpkg.cfg.d/docker": _SLIM + "force-unsafe-io\n",
    # Packages must not start their services while an image is built.
    "usr/sbin/policy-rc.d": "#!/bin/sh\nexit 101\n",
}
_REMOVED = ("usr/share/info", "usr/share/lintian", "usr/share/locale", "usr/share/man")
_EMPTIED = ("var/cache/apt", "var/lib/apt/lists", "var/log", "tmp")


def cache_dir() -> Path:
    """Name the folder for what can be made again: `$XDG_CACHE_HOME/sutazai-infra`."""
    root = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(root) / "sutazai-infra"


def base_archive(cache: Path, say: Callable[[str], None]) -> Path:
    """Give the archive of the base's files, made once a recipe; raises `ImageError` with the way out."""
    archive = cache / f"debian-{SUITE}-slim-{platform.machine()}-{_recipe_key()}.tar.gz"
    cache.mkdir(parents=True, exist_ok=True)
    with _only_one(cache):
        if not archive.exists():
            _check_tools(say)
            _make(archive, say)
    return archive


def _recipe_key() -> str:
    recipe = repr((SUITE, MIRROR, sorted(_FILES.items()), _REMOVED, _EMPTIED, "gzip"))
    return hashlib.sha256(recipe.encode()).hexdigest()[:12]


def _check_tools(say: Callable[[str], None]) -> None:
    if os.geteuid() != 0:
        raise ImageError(f"{_REFUSAL} needs root: run this once with sudo, {_WAY_OUT}")
    if shutil.which("debootstrap") is None:
        if shutil.which("apt-get") is None:
            raise ImageError(f"{_REFUSAL} needs debootstrap, and here is no apt-get: install it, {_WAY_OUT}")
        _get_debootstrap(say)


def _get_debootstrap(say: Callable[[str], None]) -> None:
    if not _agreed(f"{_REFUSAL} needs debootstrap. Install it with apt-get? [Y/n] "):
        raise ImageError(f"{_REFUSAL} needs debootstrap: install it, {_WAY_OUT}")
    say("apt: debootstrap, which makes the base")
    _run("apt-get", "-q", "update")
    _run("apt-get", "-qy", "install", "--no-install-recommends", "debootstrap")


def _agreed(question: str) -> bool:
    """Ask a person on a terminal; `YES=1`, CI and a pipe are a yes: who asks for images wants what they need."""
    if any(os.environ.get(name, "").lower() not in _NO for name in ("YES", "CI")):
        return True
    if sys.stdin is None or not sys.stdin.isatty():
        return True
    try:
        return input(question).strip().lower() in {"", "y", "yes"}
    except EOFError:
        return False


@contextmanager
def _only_one(cache: Path) -> Iterator[None]:
    with (cache / "base.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _make(archive: Path, say: Callable[[str], None]) -> None:
    # Not the default /tmp: that may be a small tmpfs, or be mounted without devices.
    with tempfile.TemporaryDirectory(prefix="base-", dir=archive.parent) as folder:
        root = Path(folder) / "root"
        say("debootstrap: a minimal Debian")
        _run("debootstrap", "--variant=minbase", "--include=ca-certificates", SUITE, str(root), MIRROR)
        _write_files(root)
        say("apt: security updates")
        _run("chroot", str(root), "sh", "-c", "apt-get -q update && apt-get -qy dist-upgrade")
        _slim(root)
        say("packing")
        partial = Path(folder) / "base.tar.gz"
        _run("tar", "-C", str(root), "--numeric-owner", "-I", "gzip -1", "-cf", str(partial), ".")
        partial.rename(archive)


def _write_files(root: Path) -> None:
    for name, text in _FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (root / "usr/sbin/policy-rc.d").chmod(0o755)


def _slim(root: Path) -> None:
    for name in _REMOVED:
        shutil.rmtree(root / name, ignore_errors=True)
    for folder in _EMPTIED:
        for path in sorted((root / folder).rglob("*"), reverse=True):
            if not path.is_dir():
                path.unlink()
    for path in (root / "usr/share/doc").rglob("*"):
        if path.name != "copyright" and not path.is_dir():
            path.unlink()
    # debootstrap copies this machine's own resolver and name; neither belongs into an image.
    for name in ("etc/resolv.conf", "etc/hostname"):
        (root / name).unlink(missing_ok=True)


def _run(*command: str) -> None:
    done = subprocess.run(  # noqa: S603 - every command is written out above
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=os.environ | {"LC_ALL": "C", "DEBIAN_FRONTEND": "noninteractive"},
        text=True,
        check=False,
    )
    if done.returncode != 0:
        tail = "\n".join(done.stdout.splitlines()[-_TAIL_LINES:])
        raise ImageError(f"{_REFUSAL} failed in {command[0]}; its last words:\n{tail}")
