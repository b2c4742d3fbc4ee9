"""Who shares a network with whom: each pool has its own, and each declared link is one more."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from sutazai_infra.model.catalogue import Catalogue, Link

__all__ = ["active_links", "link_name", "networks_of"]


def link_name(link: Link) -> str:
    """Name the network of a link: `backend-from-agents-ml`."""
    return f"{link.to}-from-{'-'.join((*link.from_pools, *link.from_services))}"


def active_links(catalogue: Catalogue, services: Collection[str], pools: Collection[str]) -> tuple[Link, ...]:
    """List the links that have somebody at both ends: a network for one would only take an address range."""
    return tuple(
        link
        for link in catalogue.links
        if link.to in services and ({*link.from_services} & {*services} or {*link.from_pools} & {*pools})
    )


def networks_of(service: str, pool: str, links: Iterable[Link]) -> tuple[str, ...]:
    """List the networks that a service joins: its pool's, then its links in the catalogue's order."""
    return (pool, *(link_name(link) for link in links if _joins(link, service, pool)))


def _joins(link: Link, service: str, pool: str) -> bool:
    return service in {link.to, *link.from_services} or pool in link.from_pools
