"""Which update to go back to, and what stands in the way. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from sutazai_infra.model.errors import SutazaiError
from sutazai_infra.model.update import Update

__all__ = ["RollbackError", "chosen", "obstacles", "remarks"]


class RollbackError(SutazaiError):
    """There is no going back; nothing was changed."""


def chosen(updates: Sequence[Update], number: int | None) -> Update:
    """Return the update to go back to: the one asked for, else the newest good one before the last.

    `updates` are oldest first. Raises `RollbackError`.
    """
    if not updates:
        raise RollbackError("this stack has had no update; there is nothing to go back to")
    stack = updates[-1].stack
    if number is None:
        good = [update for update in updates[:-1] if update.good]
        if not good:
            raise RollbackError(
                f"stack {stack}: no update before {updates[-1].number} ended well; name one with --to"
            )
        return good[-1]
    found = next((update for update in updates if update.number == number), None)
    if found is None:
        raise RollbackError(f"stack {stack} has no update {number}; it has {_known(updates)}")
    if not found.good:
        raise RollbackError(
            f"stack {stack}: update {number} ended as {found.result.value}; these ended well: {_good(updates)}"
        )
    return found


def obstacles(target: Update, *, commit_there: bool) -> Iterator[str]:
    """Say why it can't be gone back to."""
    if target.source.commit is None:
        yield f"update {target.number}: its files weren't kept, since the project was in no git repository"
    elif not commit_there:
        yield (
            f"update {target.number}: commit {target.source.commit[:12]} of its files isn't in this repository; "
            "go to the checkout that it was deployed from, or fetch it from there: "
            f"git fetch CHECKOUT 'refs/sutazai/{target.stack}/*:refs/sutazai/{target.stack}/*'"
        )


def remarks(target: Update, on_engine: Collection[str]) -> Iterator[str]:
    """Say what going back will have to do first; `on_engine` are the ids of the images that are there."""
    gone = sorted(name for name, image in target.images.items() if image not in on_engine)
    if gone:
        yield f"images of {', '.join(gone)} are gone from the engine: they are built or pulled again"


def _known(updates: Sequence[Update]) -> str:
    return f"{updates[0].number} to {updates[-1].number}"


def _good(updates: Sequence[Update]) -> str:
    return ", ".join(str(update.number) for update in updates if update.good) or "none"
