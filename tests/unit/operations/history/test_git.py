from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from sutazai_infra.model.update import Source
from sutazai_infra.operations.history.git import GitError, checked_out, keep, remove_checkout, source_of, there


def git(folder: Path, *arguments: str) -> str:
    by = ("-c", "user.name=a", "-c", "user.email=a@b")
    return subprocess.run(
        ["git", "-C", str(folder), *by, *arguments], capture_output=True, text=True, check=True
    ).stdout.strip()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "trunk")
    (folder / ".gitignore").write_text("secret\n")
    (folder / "a").write_text("one")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "first")
    return folder


def test_a_clean_tree_is_its_revision(project: Path) -> None:
    head = git(project, "rev-parse", "HEAD")
    assert source_of(project, "1") == Source(revision=head, branch="trunk", dirty=False, commit=head, version="1")


def test_edits_and_new_files_are_kept_in_a_commit_that_nobody_sees(project: Path, tmp_path: Path) -> None:
    (project / "a").write_text("two")
    (project / "b").write_text("new")
    (project / "secret").write_text("ignored")
    git(project, "add", "a")
    before = (git(project, "status", "--porcelain"), git(project, "log", "--all", "--format=%s"))
    source = source_of(project, "1")
    assert source.dirty
    assert source.commit not in {None, source.revision}
    assert (git(project, "status", "--porcelain"), git(project, "log", "--all", "--format=%s")) == before

    assert source.commit is not None
    keep(project, source.commit, "lab/1")
    git(project, "gc", "-q", "--prune=now")
    checked_out(project, source.commit, tmp_path / "then")
    found = {
        path.name: path.read_text() for path in (tmp_path / "then").iterdir() if path.name in {"a", "b", "secret"}
    }
    assert found == {"a": "two", "b": "new"}


def test_the_same_files_are_known_as_their_revision_whatever_git_thinks_of_their_times(project: Path) -> None:
    (project / "a").write_text("two")
    (project / "a").write_text("one")
    source = source_of(project, "1")
    assert (source.dirty, source.commit) == (False, source.revision)


def test_outside_of_a_repository_there_is_no_revision(tmp_path: Path) -> None:
    assert source_of(tmp_path, "1") == Source(version="1")


def test_a_checkout_is_gone_afterwards(project: Path, tmp_path: Path) -> None:
    head = git(project, "rev-parse", "HEAD")
    checked_out(project, head, tmp_path / "then")
    remove_checkout(project, tmp_path / "then")
    assert not (tmp_path / "then").exists()
    assert git(project, "worktree", "list").count("\n") == 0


def test_whether_a_commit_is_there(project: Path) -> None:
    assert there(project, git(project, "rev-parse", "HEAD"))
    assert not there(project, "1" * 40)


def test_what_git_refuses_is_told(project: Path, tmp_path: Path) -> None:
    with pytest.raises(GitError, match=r"git worktree in .*: fatal: "):
        checked_out(project, "1" * 40, tmp_path / "then")
