"""Who shares a network with whom: each pool has its own, and each declared link is one more."""

from __future__ import annotations

from sutazai_infra.model.catalogue import Catalogue, Link

__all__ = ["link_name", "networks_of"]


def link_name(link: Link) -> str:
    """Name the network of a link: `backend-from-agents-ml`."""
    return f"{link.to}-from-{'-'.join((*link.from_pools, *link.from_services))}"


def networks_of(service: str, pool: str, catalogue: Catalogue) -> tuple[str, ...]:
    """List the networks that a service joins: its pool's, then its links in the catalogue's order."""
    return (pool, *(link_name(link) for link in catalogue.links if _joins(link, service, pool)))


def _joins(link: Link, service: str, pool: str) -> bool:
    return service in {link.to, *link.from_services} or pool in link.from_pools
