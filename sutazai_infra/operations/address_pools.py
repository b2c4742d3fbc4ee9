"""Whether the engine has addresses for all networks of a stack."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

__all__ = ["address_problems"]

_WITHOUT_ADDRESSES = {"host", "null"}


def address_problems(wanted: set[str], there: Sequence[Mapping[str, Any]], most: int) -> Iterator[str]:
    """Say that a stack has too many networks: `there` is the engine's list, `most` what it has addresses for."""
    holding = {str(one["Name"]) for one in there if one.get("Driver") not in _WITHOUT_ADDRESSES}
    others, total = len(holding - wanted), len(holding | wanted)
    if total > most:
        yield (
            f"networks: this stack's {len(wanted)} and {others} that are there make {total} of {most} "
            "that the engine has addresses for; remove unused ones (docker network prune), or give it more: "
            'default-address-pools in /etc/docker/daemon.json, as in [{"base": "10.64.0.0/12", "size": 24}]'
        )
