"""Checks of the mesh: listeners that can be reached, that can reach their target, and share no port."""

from __future__ import annotations

from collections.abc import Iterable

from sutazai_infra.model.catalogue import Catalogue
from sutazai_infra.model.service import Service

__all__ = ["mesh_problems"]


def mesh_problems(catalogue: Catalogue) -> Iterable[str]:
    """List what would leave a listener without clients, without a target, or without a port."""
    services = {service.name: service for service in catalogue.services}
    mesh = catalogue.mesh
    gateway = services.get(mesh.gateway)
    if gateway is None:
        if mesh.targets:
            yield f"mesh/gateway: there is no service {mesh.gateway!r}"
        return
    yield from _pool_problems(catalogue, gateway)
    for name in mesh.targets:
        yield from _target_problems(catalogue, gateway, name, services.get(name))
    yield from _port_problems(catalogue, gateway)


def _pool_problems(catalogue: Catalogue, gateway: Service) -> Iterable[str]:
    known = {pool.name for pool in catalogue.pools}
    linked = {pool for link in catalogue.links if link.to == gateway.name for pool in link.from_pools}
    near = linked if gateway.isolated else {gateway.pool, *linked}
    for pool in catalogue.mesh.pools:
        if pool not in known:
            yield f"mesh/pools/{pool}: there is no such pool"
        elif pool not in near:
            yield f"mesh/pools/{pool}: no link leads to {gateway.name} from it; add it to links/{gateway.name}"


def _target_problems(catalogue: Catalogue, gateway: Service, name: str, target: Service | None) -> Iterable[str]:
    at = f"mesh/targets/{name}"
    if target is None:
        yield f"{at}: there is no such service"
    elif not target.ports:
        yield f"{at}: {name} listens on no port"
    elif not _reaches(catalogue, gateway, target):
        yield f"{at}: no link leads to it from {gateway.name}; add it to links/{name}"


def _reaches(catalogue: Catalogue, gateway: Service, target: Service) -> bool:
    if gateway.pool == target.pool and not (gateway.isolated or target.isolated):
        return True
    return any(
        gateway.name in link.from_services or gateway.pool in link.from_pools
        for link in catalogue.links
        if link.to == target.name
    )


def _port_problems(catalogue: Catalogue, gateway: Service) -> Iterable[str]:
    takers = {port.container: f"{gateway.name}'s {port.name}" for port in gateway.ports}
    for pool, target, port in catalogue.mesh.listeners():
        own = f"that of {pool} for {target}"
        taker = takers.setdefault(port, own)
        if taker != own:
            yield f"mesh/pools/{pool}/first_port: {target}'s port {port} is {taker} already; choose another"
