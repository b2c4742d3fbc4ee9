"""Which volumes a stack's snapshots hold, whose they are, and who writes to them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from sutazai_infra.model.catalogue import Catalogue, SnapshotWay
from sutazai_infra.model.container import ContainerSpec, StackSpec
from sutazai_infra.model.errors import SutazaiError
from sutazai_infra.planning.declaration import full_name

__all__ = ["Store", "chosen", "stores_of", "writers"]


# Compared as an object: a container's spec has no hash.
@dataclass(frozen=True, eq=False)
class Store:
    """A volume in the snapshots, by the catalogue's name and the engine's (`full`), and its container."""

    volume: str
    full: str
    path: str
    way: SnapshotWay
    spec: ContainerSpec

    @property
    def service(self) -> str:
        """The service whose data it is."""
        return self.spec.service

    @property
    def live(self) -> bool:
        """Whether its server gives it away while it runs."""
        return self.way is not SnapshotWay.PAUSE


def stores_of(catalogue: Catalogue, spec: StackSpec) -> tuple[Store, ...]:
    """List the stack's stores, in start order of their services."""
    ways = {full_name(spec.stack, v.name): (v.name, v.snapshot) for v in catalogue.volumes if v.snapshot}
    found: dict[str, Store] = {}
    for container in spec.containers:
        for mount in container.mounts:
            name, way = ways.get(mount.volume, ("", None))
            if way is not None and name not in found:
                found[name] = Store(name, mount.volume, mount.path, way, container)
    return tuple(found.values())


def chosen(stores: Sequence[Store], services: Collection[str]) -> tuple[Store, ...]:
    """Return the stores of these services, all where none is named; raises `SutazaiError` for one without any."""
    there = {store.service for store in stores}
    for service in services:
        if service not in there:
            known = ", ".join(sorted(there)) or "none"
            raise SutazaiError(f"{service}: has no store that snapshots hold; services that have one: {known}")
    return tuple(store for store in stores if not services or store.service in services)


def writers(catalogue: Catalogue, spec: StackSpec, stores: Collection[Store]) -> tuple[str, ...]:
    """Name the containers that are held while the moment is taken: the gateway, then who is linked to a store.

    Nothing else reaches a store: links are the only way to it.
    """
    services = dict.fromkeys(_writers(catalogue, {store.service for store in stores if store.live}))
    by_service = {service: [c.name for c in spec.containers if c.service == service] for service in services}
    return tuple(name for names in by_service.values() for name in names)


def _writers(catalogue: Catalogue, stores: Collection[str]) -> Iterator[str]:
    yield catalogue.mesh.gateway
    for link in catalogue.links:
        if link.to in stores:
            yield from (name for name in link.from_services if name not in stores)
