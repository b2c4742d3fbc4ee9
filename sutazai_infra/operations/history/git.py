"""What git knows of a project's folder, and a commit that holds it exactly as it is.

Uncommitted edits are part of what is deployed. They are put into a commit of their own below `refs/sutazai/`: no
branch, index or file of the user's changes, `git push` sends nothing of it, and git's clean-up removes nothing.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from sutazai_infra.model.errors import SutazaiError
from sutazai_infra.model.update import Source

__all__ = ["GitError", "checked_out", "keep", "remove_checkout", "source_of", "there"]

_TIMEOUT_S = 60
# A commit that nobody has to sign, by nobody's name.
_NAMELESS = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "sutazai"), ("EMAIL", "sutazai@localhost"))
}


class GitError(SutazaiError):
    """Git can't do it."""


def source_of(folder: Path, version: str) -> Source:
    """Say what would be deployed from a folder; without a revision where it is in no repository."""
    revision = _asked(folder, "rev-parse", "--verify", "--quiet", "HEAD")
    if revision is None:
        return Source(version=version)
    return Source(
        revision=revision,
        branch=_asked(folder, "symbolic-ref", "--short", "--quiet", "HEAD"),
        dirty=bool(_asked(folder, "status", "--porcelain")),
        commit=_commit(folder, revision),
        version=version,
    )


def keep(folder: Path, commit: str, name: str) -> None:
    """Keep a commit under `refs/sutazai/NAME`; raises `GitError`."""
    _git(folder, "update-ref", f"refs/sutazai/{name}", commit)


def there(folder: Path, commit: str) -> bool:
    """Whether the repository has a commit and all of its files."""
    return _asked(folder, "cat-file", "-e", f"{commit}^{{tree}}") is not None


def checked_out(folder: Path, commit: str, target: Path) -> None:
    """Put a commit's files into a new folder, as a worktree of the repository; raises `GitError`."""
    _git(folder, "worktree", "add", "--detach", "--quiet", str(target), commit)


def remove_checkout(folder: Path, target: Path) -> None:
    """Remove such a folder, and git's memory of it."""
    _asked(folder, "worktree", "remove", "--force", str(target))
    shutil.rmtree(target, ignore_errors=True)
    _asked(folder, "worktree", "prune")


def _commit(folder: Path, revision: str) -> str:
    """Make a commit of all files that git doesn't ignore, by an index of its own; HEAD where nothing differs."""
    with TemporaryDirectory() as scratch:
        index = {"GIT_INDEX_FILE": str(Path(scratch) / "index")}
        _git(folder, "read-tree", revision, environment=index)
        _git(folder, "add", "--all", ".", environment=index)
        tree = _git(folder, "write-tree", environment=index)
    if tree == _git(folder, "rev-parse", f"{revision}^{{tree}}"):
        return revision
    return _git(folder, "commit-tree", tree, "-p", revision, "-m", "As deployed", environment=_NAMELESS)


def _asked(folder: Path, *arguments: str) -> str | None:
    try:
        return _git(folder, *arguments)
    except GitError:
        return None


def _git(folder: Path, *arguments: str, environment: Mapping[str, str] | None = None) -> str:
    command = ["git", "-C", str(folder), *arguments]
    try:
        done = subprocess.run(  # noqa: S603  words of this module
            command,
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_S,
            check=False,
            env={**os.environ, **(environment or {})},
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise GitError(f"git {arguments[0]}: {error}") from error
    if done.returncode:
        raise GitError(f"git {arguments[0]} in {folder}: {done.stderr.strip() or 'failed'}")
    return done.stdout.strip()
