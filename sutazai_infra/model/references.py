"""Checks across the catalogue: names that must exist, volumes with one owner, weights that hold guarantees."""

from __future__ import annotations

from collections.abc import Iterable

from sutazai_infra.model.catalogue import Catalogue, Image, Pool, ProbeClient, Scaling, SnapshotWay
from sutazai_infra.model.meshreferences import mesh_problems
from sutazai_infra.model.service import Service

__all__ = ["problems"]


def problems(catalogue: Catalogue) -> Iterable[str]:
    """List everything that doesn't hold together, each led by the path of the offending key."""
    yield from _duplicates(catalogue)
    yield from _pool_problems(catalogue)
    yield from _service_problems(catalogue)
    yield from _network_problems(catalogue)
    yield from mesh_problems(catalogue)


def _duplicates(catalogue: Catalogue) -> Iterable[str]:
    for kind in ("groups", "pools", "volumes", "services"):
        seen: set[str] = set()
        for item in getattr(catalogue, kind):
            if item.name in seen:
                yield f"{kind}/{item.name}: declared twice"
            seen.add(item.name)


def _pool_problems(catalogue: Catalogue) -> Iterable[str]:
    tiers = {tier.number for tier in catalogue.tiers}
    groups = {group.name for group in catalogue.groups}
    pools = {pool.name for pool in catalogue.pools}
    sharers = {pool.name for pool in catalogue.pools if pool.shares_buffer_with}
    for pool in catalogue.pools:
        if pool.tier not in tiers:
            yield f"pools/{pool.name}/tier: there is no tier {pool.tier}"
        named = {*pool.groups, *(borrow.group for borrow in (*pool.borrows, *pool.expands))}
        yield from (f"pools/{pool.name}: there is no group {name!r}" for name in sorted(named - groups))
        others = {name for name in (pool.overflows_to, pool.shares_buffer_with) if name}
        if pool.shares_buffer_with in sharers:
            yield f"pools/{pool.name}/shares_buffer_with: {pool.shares_buffer_with} has none of its own"
        yield from (f"pools/{pool.name}: there is no pool {name!r}" for name in sorted(others - pools))
    yield from _weight_problems(catalogue)


def _weight_problems(catalogue: Catalogue) -> Iterable[str]:
    for fixed in (pool for pool in catalogue.pools if pool.scaling is Scaling.FIXED):
        borrowers = sum(pool.weight for pool in catalogue.pools if pool is not fixed)
        if fixed.weight < 2 * borrowers:
            yield (
                f"pools/{fixed.name}/weight: {fixed.weight} is below twice the {borrowers} of all other pools; "
                f"raise it to {2 * borrowers}"
            )


def _service_problems(catalogue: Catalogue) -> Iterable[str]:
    pools = {pool.name: pool for pool in catalogue.pools}
    names = {service.name for service in catalogue.services}
    for service in catalogue.services:
        at = f"services/{service.name}"
        yield from _place_problems(at, service, pools.get(service.pool))
        if service.image not in catalogue.images:
            yield f"{at}/image: there is no image {service.image!r}"
        else:
            yield from _probe_problems(at, service, catalogue.images[service.image])
        for needed in sorted({*service.depends_on, *service.after} - names):
            yield f"{at}/depends_on: there is no service {needed!r}"
        if service.tuned_by not in {None, *names}:
            yield f"{at}/tuned_by: there is no service {service.tuned_by!r}"
        named = {name for secret in service.secrets for name in secret.names}
        yield from (
            f"{at}/secrets: there is no secret {name!r}" for name in sorted(named - set(catalogue.secrets))
        )
    for name, secret in catalogue.secrets.items():
        if secret.told not in {None, *names}:
            yield f"secrets/{name}/told: there is no service {secret.told!r}"
    yield from _mount_problems(catalogue)


def _place_problems(at: str, service: Service, pool: Pool | None) -> Iterable[str]:
    if pool is None:
        yield f"{at}/pool: there is no pool {service.pool!r}"
    elif service.group is not None and service.group not in pool.groups:
        yield f"{at}/group: pool {pool.name} doesn't own group {service.group!r}"
    elif service.group is None and len(pool.groups) > 1:
        yield f"{at}/group: pool {pool.name} owns {', '.join(pool.groups)}; say which"


def _probe_problems(at: str, service: Service, image: Image) -> Iterable[str]:
    asks = service.probe is not None and service.probe.command is None
    if asks and image.probe_client is ProbeClient.NONE:
        yield f"{at}/probe: image {service.image} has no client to ask itself with; give a command"


def _mount_problems(catalogue: Catalogue) -> Iterable[str]:
    volumes = {volume.name: volume for volume in catalogue.volumes}
    owners: dict[str, str] = {}
    for service in catalogue.services:
        for mount in service.mounts:
            at = f"services/{service.name}/mounts"
            owner = owners.setdefault(mount.volume, service.name)
            if mount.volume not in volumes:
                yield f"{at}: there is no volume {mount.volume!r}"
            elif owner != service.name and not volumes[mount.volume].shared:
                yield f"{at}: volume {mount.volume} belongs to {owner}; declare it shared, with a reason"
    yield from _snapshot_problems(catalogue)


def _snapshot_problems(catalogue: Catalogue) -> Iterable[str]:
    """Whoever adds a store says whether it can be got back; jobs and tools come and go, and may say so."""
    lasting = {mount.volume for service in catalogue.services if service.kind.resident for mount in service.mounts}
    for volume in catalogue.volumes:
        if volume.name in lasting and volume.data and volume.snapshot is None and not volume.no_snapshot:
            yield (
                f"volumes/{volume.name}/snapshot: say how it is taken ({', '.join(SnapshotWay)}), "
                "or in no_snapshot why it isn't"
            )


def _network_problems(catalogue: Catalogue) -> Iterable[str]:
    names = {service.name for service in catalogue.services}
    linked = {name for link in catalogue.links for name in (link.to, *link.from_services)}
    for alone in (service.name for service in catalogue.services if service.isolated):
        if alone not in linked:
            yield f"services/{alone}/isolated: no link leads to or from it, so nothing would reach it"
    pools = {pool.name for pool in catalogue.pools}
    for link in catalogue.links:
        for missing in sorted({link.to, *link.from_services} - names):
            yield f"links/{link.to}: there is no service {missing!r}"
        for missing in sorted(set(link.from_pools) - pools):
            yield f"links/{link.to}: there is no pool {missing!r}"
