"""Plain files: read while their service is paused. What they are then is what a power failure would leave."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import docker

from sutazai_infra.operations.snapshots.archives import Sink, facts_of_tar
from sutazai_infra.operations.snapshots.manifest import Facts, StoredFile
from sutazai_infra.operations.snapshots.stores import Store
from sutazai_infra.operations.snapshots.trial import Trial, put, taken

__all__ = ["FilesTaker", "restore_files"]

Send = Callable[[Sink], None]
Get = Callable[[StoredFile], Iterator[bytes]]
_ARCHIVE = "files.tar"


class FilesTaker:
    """Takes a volume's files, through the service's own container."""

    def __init__(self, client: docker.DockerClient, store: Store) -> None:
        self._client, self._store = client, store
        self._facts = Facts()

    def prepare(self) -> None:
        """Do nothing."""

    def mark(self) -> None:
        """Do nothing: its service is paused at the moment, and until all is read."""

    def files(self) -> Iterator[tuple[str, Send]]:
        """Give all files as one archive."""
        yield _ARCHIVE, self._send

    def facts(self) -> Facts:
        """Say what was in the archive."""
        return self._facts

    def close(self) -> None:
        """Do nothing."""

    def _send(self, sink: Sink) -> None:
        container = self._client.containers.get(self._store.spec.name)
        self._facts = facts_of_tar(taken(container, f"{self._store.path}/."), sink)


def restore_files(trial: Trial, files: Sequence[StoredFile], get: Get) -> Facts:
    """Fill the trial's volume with the archive, and read it again."""
    (file,) = files
    holder = trial.created(entrypoint=["true"])
    put(holder, trial.store.path, get(file))
    return facts_of_tar(taken(holder, f"{trial.store.path}/."))
