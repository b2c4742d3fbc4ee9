"""Bring stores back: first beside the old ones, looked at there, and only then in their place.

A container mounts its volume by name, and Docker renames none. So the old content is copied into a volume of its
own (`NAME-before-TIME`), which stays until it is confirmed, and the restored content into the volume of that name:
for Pulumi nothing has changed. Both are done by one container, which goes on when whoever started it is killed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import docker
from docker.errors import NotFound
from docker.models.containers import Container

from sutazai_infra.inputs.engine import STACK_LABEL
from sutazai_infra.model.catalogue import SnapshotWay
from sutazai_infra.model.errors import SutazaiError
from sutazai_infra.operations.snapshots import sets
from sutazai_infra.operations.snapshots.create import Source
from sutazai_infra.operations.snapshots.files import restore_files
from sutazai_infra.operations.snapshots.hold import Hold
from sutazai_infra.operations.snapshots.manifest import Facts, Manifest, StoredFile, StoreEntry, differences
from sutazai_infra.operations.snapshots.postgres import restore_postgres
from sutazai_infra.operations.snapshots.redis import restore_redis
from sutazai_infra.operations.snapshots.restic import Repository
from sutazai_infra.operations.snapshots.stores import Store, writers
from sutazai_infra.operations.snapshots.trial import BEFORE, SWITCH, Trial, labels, volume_exists

__all__ = ["Restored", "filled", "restore"]

Tell = Callable[[str], None]
# Docker's own folder of a volume can't be exchanged, only what is in it.
_SWITCH = """\
if [ -d /before ]; then cp -a /now/. /before/; sync; fi
find /now -mindepth 1 -delete
cp -a /fresh/. /now/
sync
"""


@dataclass(frozen=True)
class Restored:
    """What became of one store: the volume with its old content, if it had any, and whether its service runs."""

    volume: str
    service: str
    before: str | None
    running: bool


def restore(
    source: Source, repository: Repository, manifest: Manifest, stores: Sequence[Store], tell: Tell
) -> list[Restored]:
    """Restore these stores from a set; raises `SutazaiError`, and before the switch nothing has changed."""
    entries = {entry.volume: entry for entry in manifest.stores}
    missing = [store.volume for store in stores if store.volume not in entries]
    if missing:
        raise SutazaiError(f"snapshot {manifest.set}: holds no {', '.join(missing)}; it has: {', '.join(entries)}")
    with _all_filled(source, repository, manifest, stores, tell) as trials:
        tell("the switch")
        return _switched(source, trials)


def filled(
    trial: Trial, repository: Repository, name: str, entry: StoreEntry, password: str | None = None
) -> None:
    """Fill a trial's volume, and hold what is in it against what was taken; raises `SutazaiError`.

    A database's superuser is told the password, where one is given.
    """
    if trial.store.way is not entry.way:
        raise SutazaiError(
            f"{entry.volume}: was taken as {entry.way}, and is {trial.store.way} now; take another set"
        )

    def get(file: StoredFile) -> Iterator[bytes]:
        return repository.read(sets.part(repository, name, entry, file))

    wrong = differences(entry.facts, _restored(trial, entry, get, password))
    if wrong:
        raise SutazaiError(f"snapshot {name}: {entry.volume} isn't what was taken: {'; '.join(wrong)}")


def _restored(
    trial: Trial, entry: StoreEntry, get: Callable[[StoredFile], Iterator[bytes]], password: str | None
) -> Facts:
    if entry.way is SnapshotWay.POSTGRES:
        return restore_postgres(trial, entry.files, get, password)
    if entry.way is SnapshotWay.REDIS:
        return restore_redis(trial, entry.files, get)
    return restore_files(trial, entry.files, get)


@contextmanager
def _all_filled(
    source: Source, repository: Repository, manifest: Manifest, stores: Sequence[Store], tell: Tell
) -> Iterator[list[Trial]]:
    if not stores:
        yield []
        return
    first, *rest = stores
    entry = next(entry for entry in manifest.stores if entry.volume == first.volume)
    with Trial.of(source.client, source.spec.stack, first) as trial:
        tell(first.volume)
        filled(trial, repository, manifest.set, entry, source.password(first.service))
        with _all_filled(source, repository, manifest, rest, tell) as others:
            yield [trial, *others]


def _switched(source: Source, trials: Sequence[Trial]) -> list[Restored]:
    client, stores = source.client, [trial.store for trial in trials]
    names = {store.spec.name for store in stores}
    held = [name for name in writers(source.catalogue, source.spec, stores) if name not in names]
    with Hold.ready([name for name in held if _container(client, name, "running")], grace=True) as hold:
        hold.hold()
        running = {name: _container(client, name) for name in names}
        for store in stores:
            container = running[store.spec.name]
            if container is not None:
                container.stop(timeout=store.spec.stop_grace_s)
        moment = datetime.now(UTC)
        befores = {trial.store: _switch(client, trial, moment) for trial in trials}
        for container in running.values():
            if container is not None:
                container.start()
    return [
        Restored(store.volume, store.service, befores[store], running[store.spec.name] is not None)
        for store in stores
    ]


def _switch(client: docker.DockerClient, trial: Trial, moment: datetime) -> str | None:
    store, stack = trial.store, trial.stack
    before = f"{store.full}-before-{moment:%Y%m%d-%H%M%S}" if volume_exists(client, store.full) else None
    mounts = [f"{store.full}:/now", f"{trial.fresh}:/fresh:ro"]
    if before is None:
        # As the stack's own program makes it.
        client.volumes.create(store.full, labels={STACK_LABEL: stack})
    else:
        client.volumes.create(before, labels=labels(stack, BEFORE, volume=store.volume))
        mounts.append(f"{before}:/before")
    container = client.containers.create(
        store.spec.image,
        ["-ec", _SWITCH],
        entrypoint=["sh"],
        name=f"{trial.name}-switch",
        labels=labels(stack, SWITCH),
        user="0:0",
        network_mode="none",
        volumes=mounts,
        healthcheck={"test": ["NONE"]},
    )
    container.start()
    status = container.wait()["StatusCode"]
    said = container.logs(tail=3).decode(errors="replace").strip()
    container.remove(force=True)
    if status:
        kept = f"; what was there is in volume {before}" if before else ""
        raise SutazaiError(f"{store.full}: the switch failed: {said}{kept}; restore again")
    return before


def _container(client: docker.DockerClient, name: str, status: str | None = None) -> Container | None:
    try:
        container = client.containers.get(name)
    except NotFound:
        return None
    return container if status in {None, container.status} else None
