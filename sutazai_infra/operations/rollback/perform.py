"""`sutazai rollback`: choose, check, and let the earlier program update the stack, under today's policy pack."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import docker
from docker.errors import DockerException, ImageNotFound

from sutazai_infra.model.update import Update
from sutazai_infra.operations.deploy.errors import POLICY_PACK
from sutazai_infra.operations.history.book import Book
from sutazai_infra.operations.history.git import there
from sutazai_infra.operations.rollback.checkout import checkout
from sutazai_infra.operations.rollback.choice import RollbackError, chosen, obstacles, remarks

__all__ = ["Rollback", "doubts", "prepare"]


@dataclass(frozen=True)
class Rollback:
    """What would be gone back to; nothing is done yet. `remarks` is what it takes first."""

    project: Path
    target: Update
    commit: str
    remarks: tuple[str, ...]

    def preview(self, say: Callable[[str], None]) -> int:
        """Show what going back would change; the exit status."""
        return self._run(["preview"], say)

    def perform(self, say: Callable[[str], None], message: str = "") -> int:
        """Go back, as an update of its own; the exit status."""
        why = ["--message", message] if message else []
        return self._run(["up", "--yes", "--restores", str(self.target.number), *why], say)

    def _run(self, command: list[str], say: Callable[[str], None]) -> int:
        with checkout(self.project, self.target, self.commit) as place:
            say(f"  files    of update {self.target.number}: {self.commit[:12]}")
            pack = ["--policy-pack", str(self.project / POLICY_PACK)]
            return place.run([command[0], "--stack", self.target.stack, *pack, *command[1:]])


def doubts(project: Path, book: Book, client: docker.DockerClient) -> tuple[str, ...]:
    """Say what would stand in the way of going back from the next update to the last good one."""
    good = [update for update in book.updates() if update.good]
    if not good:
        return ()
    target = good[-1]
    commit = target.source.commit
    problems = obstacles(target, commit_there=commit is not None and there(project, commit))
    return (*problems, *remarks(target, _on_engine(target.images, client)))


def prepare(project: Path, book: Book, number: int | None, client: docker.DockerClient | None) -> Rollback:
    """Find the update to go back to, and check that it can be; raises `RollbackError`."""
    target = chosen(book.updates(), number)
    commit = target.source.commit
    problems = list(obstacles(target, commit_there=commit is not None and there(project, commit)))
    if problems or commit is None:
        raise RollbackError("\n".join(problems))
    return Rollback(project, target, commit, tuple(remarks(target, _on_engine(target.images, client))))


def _on_engine(images: Mapping[str, str], client: docker.DockerClient | None) -> Mapping[str, bool]:
    if client is None:
        return {}
    return {name: _has(client, image) for name, image in images.items()}


def _has(client: docker.DockerClient, image: str) -> bool:
    try:
        client.images.get(image)
    except ImageNotFound:
        return False
    except DockerException:
        return True
    return True
