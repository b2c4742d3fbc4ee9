"""Where the gateway listens: on the addresses that it has in the callers' own networks, and on no others.

A port alone tells nothing: whoever reaches the gateway reaches all of its ports. But without a capability nobody
leaves his networks, and from one to another the engine lets nothing through. An address isn't known before the
container is there, so Docker's name server is asked at the start: a container's name, a dot and a network's is the
address in that network.
"""

from __future__ import annotations

from sutazai_infra.render.view import View

__all__ = ["NOWHERE", "inside", "outside", "places"]

# A listener whose callers aren't in the stack stays in the file; only the gateway itself reaches it.
NOWHERE = "127.0.0.1"


def places(view: View, pool: str) -> list[str]:
    """List the gateway's addresses in the networks that services of a pool are in."""
    return [_address(network) for network in _shared(view, pool)] or [NOWHERE]


def outside(view: View) -> str:
    """Return the address at which published ports arrive: in the pool's network, the only one with a way out."""
    return _address(view.row.pool)


def inside(view: View) -> list[tuple[str, str]]:
    """List its other addresses, each with the pool whose services meet it there."""
    others = [pool for pool in view.catalogue.mesh.pools if pool != view.row.pool]
    found = {network: pool for pool in reversed(others) for network in _shared(view, pool)}
    return [(_address(network), found[network]) for network in view.row.networks if network in found]


def _shared(view: View, pool: str) -> list[str]:
    members = [row for row in view.plan.residents if row.pool == pool and row.name != view.service.name]
    return [network for network in view.row.networks if any(network in row.networks for row in members)]


def _address(network: str) -> str:
    return f"${{HOSTNAME}}.${{NETWORKS}}-{network}"
