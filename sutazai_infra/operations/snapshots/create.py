"""Take a set: all stores of one moment, each as its way says, streamed into the repository; a manifest last."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

import docker
from docker.errors import NotFound

from sutazai_infra.inputs.secretstore import read_secrets
from sutazai_infra.model.catalogue import Catalogue, SnapshotWay
from sutazai_infra.model.container import ContainerSpec, StackSpec
from sutazai_infra.model.errors import SutazaiError
from sutazai_infra.model.plan import Plan
from sutazai_infra.operations.deploy.health import images_of
from sutazai_infra.operations.snapshots import sets
from sutazai_infra.operations.snapshots.files import FilesTaker
from sutazai_infra.operations.snapshots.hold import Hold
from sutazai_infra.operations.snapshots.manifest import Facts, Manifest, StoreEntry
from sutazai_infra.operations.snapshots.postgres import PostgresTaker
from sutazai_infra.operations.snapshots.redis import RedisTaker
from sutazai_infra.operations.snapshots.restic import Repository
from sutazai_infra.operations.snapshots.stores import Store, stores_of, writers

__all__ = ["Source", "create", "require_running"]

Tell = Callable[[str], None]


class Taker(Protocol):
    """One way to take a store: what is slow comes before or after `mark`, during which writers are held."""

    def prepare(self) -> None:
        """Get ready."""

    def mark(self) -> None:
        """Have what is taken be of this moment."""

    def files(self) -> Iterator[tuple[str, Callable[[Callable[[bytes], None]], None]]]:
        """Give names, and what sends each file."""

    def facts(self) -> Facts:
        """Say what was taken."""

    def close(self) -> None:
        """End what is open."""


@dataclass(frozen=True)
class Source:
    """A deployed stack, and the engine that it runs on."""

    client: docker.DockerClient
    catalogue: Catalogue
    spec: StackSpec
    plan: Plan

    @property
    def stores(self) -> tuple[Store, ...]:
        """What is taken."""
        return stores_of(self.catalogue, self.spec)

    def password(self, service: str) -> str | None:
        """Return today's password of a database server: the secret that it reads itself."""
        names = sorted(name for file in self.catalogue.service(service).secrets for name in file.names)
        kept = [read_secrets(self.spec.stack).get(name) for name in names]
        return next((secret.value for secret in kept if secret is not None), None)


def create(source: Source, repository: Repository, tell: Tell) -> tuple[Manifest, int]:
    """Take a set; its manifest, and by how many bytes the repository grew.

    Writers are held while the moment is taken, services whose files are read until that is done. Raises
    `SutazaiError`, and then there is no set.
    """
    began, stores = time.monotonic(), source.stores
    if not stores:
        raise SutazaiError(f"stack {source.spec.stack}: none of its services has a store that snapshots hold")
    held = writers(source.catalogue, source.spec, stores)
    require_running(source.client, source.spec.stack, [store.spec.name for store in stores if store.live])
    with ExitStack() as stack:
        takers = {store: stack.enter_context(closing(_taker(source, store))) for store in stores}
        # Paused ones go on when their own files are read, the others at once.
        still = {s: stack.enter_context(Hold.ready(_running(source, [s.spec.name]))) for s in stores if not s.live}
        for taker in takers.values():
            taker.prepare()
        with Hold.ready(_running(source, held), grace=True) as hold:
            hold.hold()
            taken = datetime.now(UTC)
            for paused in still.values():
                paused.hold()
            for taker in takers.values():
                taker.mark()
        name = f"{taken:%Y%m%d-%H%M%S}"
        entries, added = [], 0
        # Who is paused comes first.
        for store in sorted(stores, key=lambda one: one.live):
            tell(store.volume)
            entry, more = _save(repository, name, store, takers[store])
            if store in still:
                still[store].release()
            entries.append(entry)
            added += more
    manifest = Manifest(
        set=name,
        stack=source.spec.stack,
        taken=taken,
        plan=source.plan.fingerprint,
        images=_images(source),
        stores=tuple(entries),
        held_s=round(hold.held_s, 3),
        seconds=round(time.monotonic() - began, 3),
    )
    sets.record(repository, manifest, added)
    return manifest, added


def require_running(client: docker.DockerClient, stack: str, names: Sequence[str]) -> None:
    """Raise `SutazaiError` unless all of these containers run."""
    states = {name: _state(client, name) for name in names}
    away = [f"{name} ({state})" for name, state in states.items() if state != "running"]
    if away:
        raise SutazaiError(
            f"{', '.join(away)}: must run to be asked for its data; `sutazai up --stack {stack}` starts what "
            "stands still, `docker unpause NAME` what is paused"
        )


def _taker(source: Source, store: Store) -> Taker:
    if store.way is SnapshotWay.POSTGRES:
        return PostgresTaker(source.client, store)
    if store.way is SnapshotWay.REDIS:
        return RedisTaker(source.client, store, source.password(store.service))
    return FilesTaker(source.client, store)


def _save(repository: Repository, name: str, store: Store, taker: Taker) -> tuple[StoreEntry, int]:
    began, files, added = time.monotonic(), [], 0
    for file, send in taker.files():
        tags = ["part", f"set={name}"]
        stored, more = repository.save(f"/{store.volume}/{file}", tags, send)
        files.append(stored)
        added += more
    entry = StoreEntry(
        volume=store.volume,
        service=store.service,
        way=store.way,
        files=tuple(files),
        facts=taker.facts(),
        seconds=round(time.monotonic() - began, 3),
    )
    return entry, added


def _running(source: Source, names: Sequence[str]) -> list[str]:
    return [name for name in names if _state(source.client, name) == "running"]


def _state(client: docker.DockerClient, name: str) -> str:
    try:
        return str(client.containers.get(name).status)
    except NotFound:
        return "not there"


def _images(source: Source) -> Mapping[str, str]:
    """By service: replicas run the same."""
    there = images_of(source.client, source.spec)
    return {
        c.service: there[c.instance] for c in sorted(source.spec.containers, key=_service) if c.instance in there
    }


def _service(container: ContainerSpec) -> str:
    return container.service
