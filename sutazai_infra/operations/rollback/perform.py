"""`sutazai rollback`: choose, check, and let the earlier program update the stack, under today's policy pack."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import docker
from docker.errors import DockerException

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
    target = next((update for update in book.newest() if update.good), None)
    if target is None:
        return ()
    return (*_obstacles(project, target), *remarks(target, _on_engine(client, target)))


def prepare(project: Path, book: Book, number: int | None, client: docker.DockerClient) -> Rollback:
    """Find the update to go back to, and check that it can be; raises `RollbackError`."""
    target = chosen(book.updates(), number)
    problems = list(_obstacles(project, target))
    if problems or target.source.commit is None:
        raise RollbackError("\n".join(problems))
    return Rollback(project, target, target.source.commit, tuple(remarks(target, _on_engine(client, target))))


def _obstacles(project: Path, target: Update) -> Iterator[str]:
    commit = target.source.commit
    return obstacles(target, commit_there=commit is not None and there(project, commit))


def _on_engine(client: docker.DockerClient, target: Update) -> frozenset[str]:
    """Ask once for all images; of an engine that doesn't answer nothing is said."""
    try:
        return frozenset(image["Id"] for image in client.api.images(all=True))
    except DockerException:
        return frozenset(target.images.values())
