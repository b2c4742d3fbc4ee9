"""The engine's pools of addresses: each network takes a range of its own from them."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_network
from typing import Any

__all__ = ["networks_at_most"]

# Docker's own pools where none are configured: 172.17-172.31 as /16, and 192.168.0.0/16 as /20.
_DEFAULT = 15 + 16


def networks_at_most(info: Mapping[str, Any]) -> int:
    """Count the ranges of IPv4 addresses in the engine's pools, from its `/info`."""
    pools = [(ip_network(pool["Base"]), int(pool["Size"])) for pool in info.get("DefaultAddressPools") or ()]
    if not pools:
        return _DEFAULT
    return sum(1 << max(0, size - base.prefixlen) for base, size in pools if base.version == 4)
