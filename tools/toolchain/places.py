"""Where things are: the repository, the user's cache, and what PATH holds besides the cache."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tools.toolchain.pins import Build, Pins

REPOSITORY = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Places:
    """The directories of one call; a test builds its own."""

    repository: Path
    cache: Path
    environ: Mapping[str, str]

    @classmethod
    def of(cls, environ: Mapping[str, str], repository: Path = REPOSITORY) -> Places:
        """Follow the XDG rules for the cache, so that one build serves every checkout of the user."""
        home = environ.get("XDG_CACHE_HOME") or os.path.join(environ.get("HOME") or Path.home(), ".cache")  # noqa: PTH118
        return cls(repository, Path(home) / "sutazai-infra", environ)

    @property
    def tools(self) -> Path:
        """The directory of `pins.toml` and the Go modules."""
        return self.repository / "tools"

    @property
    def venv(self) -> Path:
        """The project's virtual environment."""
        return self.repository / ".venv"

    def built(self, build: Build) -> Path:
        """Place a built program, by its version and sources: a change never meets an old build."""
        return self.cache / f"{build.name}-{build.version}-{source_hash(build)}" / "bin" / build.binary

    def bundle(self, pins: Pins) -> Path:
        """Place the built CLI with its host beside it, as in a release: the engine warns of one elsewhere."""
        name = f"pulumi-{pins.cli.version}-{source_hash(pins.cli)}-{source_hash(pins.langhost)}"
        return self.cache / name / "bin" / pins.cli.binary

    def official(self, version: str) -> Path:
        """Place the CLI of an official release that was downloaded."""
        return self.cache / f"official-{version}" / "bin" / "pulumi"

    def foreign_path(self) -> str:
        """Take PATH without what an earlier `env` put there: only there can a CLI of the user's own be."""
        own = str(self.cache) + os.sep
        entries = self.environ.get("PATH", os.defpath).split(os.pathsep)
        return os.pathsep.join(entry for entry in entries if not entry.startswith(own))

    def on_path(self, name: str) -> Path | None:
        """Find a program of the user's own."""
        found = shutil.which(name, path=self.foreign_path())
        return Path(found) if found else None


def source_hash(build: Build) -> str:
    """Hash all that a build is made of, besides the Go toolchain."""
    digest = hashlib.sha256(repr((build.version, build.package, build.ldflags, build.tags)).encode())
    for path in sorted(build.directory.rglob("*")):
        if path.is_file() and path.suffix in {".go", ".mod", ".sum", ".py"} and not path.stem.endswith("_test"):
            digest.update(path.relative_to(build.directory).as_posix().encode() + b"\0")
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
