"""Who shares a network with whom: each pool has its own, and each link has one for each pool that it comes from.

Not one network for a whole link: on it, the pools at its far end would reach one another, too.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from sutazai_infra.model.catalogue import Catalogue, Link
from sutazai_infra.model.service import Service

__all__ = ["active_links", "link_name", "networks_of"]


def link_name(link: Link) -> str:
    """Name the network of a link: `backend-from-agents`."""
    return f"{link.to}-from-{'-'.join((*link.from_pools, *link.from_services))}"


def active_links(catalogue: Catalogue, placed: Collection[tuple[str, str]]) -> tuple[Link, ...]:
    """List the links with somebody at both ends, each from one pool; `placed` holds (service, pool).

    A link with nobody at one end would only take an address range.
    """
    present = {service for service, _ in placed}
    return tuple(part for link in catalogue.links if link.to in present for part in _by_pool(link, placed))


def networks_of(service: Service, pool: str, links: Iterable[Link]) -> tuple[str, ...]:
    """List the networks that a service joins: its pool's unless it is isolated, then its links in their order."""
    own = () if service.isolated else (pool,)
    return (*own, *(link_name(link) for link in links if _joins(link, service, pool)))


def _by_pool(link: Link, placed: Collection[tuple[str, str]]) -> Iterator[Link]:
    occupied = {pool for _, pool in placed}
    for pool in link.from_pools:
        if pool in occupied:
            yield link.model_copy(update={"from_pools": (pool,), "from_services": ()})
    for pool in sorted(occupied):
        services = tuple(name for name in link.from_services if (name, pool) in placed)
        if services:
            yield link.model_copy(update={"from_pools": (), "from_services": services})


def _joins(link: Link, service: Service, pool: str) -> bool:
    if service.name in {link.to, *link.from_services}:
        return True
    # What isolates itself from its pool doesn't speak for it.
    return pool in link.from_pools and not service.isolated
