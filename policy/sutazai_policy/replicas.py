"""Replicas are named after what they are replicas of: `api-2` is one of `api`."""

from __future__ import annotations

import re

__all__ = ["names_of"]

_NUMBER = re.compile(r"-\d{1,4}\Z", re.ASCII)


def names_of(name: str) -> frozenset[str]:
    """Return the names by which a setting means a resource: its own, and that of what it is a replica of."""
    return frozenset((name, _NUMBER.sub("", name)))
