"""Where a service finds what it calls through the gateway: the listener of its own pool."""

from __future__ import annotations

from sutazai_infra.model.catalogue import Catalogue

__all__ = ["mesh_urls"]


def mesh_urls(catalogue: Catalogue, pool: str) -> dict[str, str]:
    """Return what `${mesh_backend}` and the like are in a service of `pool`; none where the pool doesn't call."""
    mesh = catalogue.mesh
    if pool not in mesh.pools:
        return {}
    return {f"mesh_{to.replace('-', '_')}": f"http://{mesh.gateway}:{mesh.port(pool, to)}" for to in mesh.targets}
