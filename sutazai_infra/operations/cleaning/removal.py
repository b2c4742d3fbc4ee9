"""Remove what was found. Nothing is forced: what the engine wants to keep, stays, and says why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import docker
from docker.errors import APIError

from sutazai_infra.model.base import Frozen
from sutazai_infra.operations.cleaning.findings import Kind, Leftover

__all__ = ["Removed", "remove"]


class Removed(Frozen):
    """What became of one thing: gone, or why it is still there."""

    leftover: Leftover
    gone: bool
    why: str = ""


def remove(client: docker.DockerClient, found: Iterable[Leftover]) -> Iterator[Removed]:
    """Remove one after the other; yields what became of each at once."""
    for one in found:
        try:
            _remove(client, one)
        except APIError as error:
            yield Removed(leftover=one, gone=False, why=str(error.explanation or error))
        except OSError as error:
            yield Removed(leftover=one, gone=False, why=error.strerror or str(error))
        else:
            yield Removed(leftover=one, gone=True)


def _remove(client: docker.DockerClient, one: Leftover) -> None:
    match one.kind:
        case Kind.CONTAINER:
            # Its volumes stay, those without a name too: they may hold data.
            client.api.remove_container(one.identity, v=False, force=False)
        case Kind.NETWORK:
            client.api.remove_network(one.identity)
        case Kind.IMAGE:
            # Not forced: the engine refuses as long as a container or another image stands on it.
            client.api.remove_image(one.identity, force=False)
        case Kind.LOG:
            Path(one.identity).unlink(missing_ok=True)
