"""The digest of what the provider accepts on change and never applies, so that a label can make it replace.

The provider stores these properties, shows them as updated, and leaves the container as it was. A label that
changes with them replaces the container instead. The digest is of what was written, without what says nothing
(empty values, `0s`), so whoever declares a container can compute it before it is registered.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

from sutazai_policy.resource import Secret

__all__ = ["DIGEST_LABEL", "UNAPPLIED", "unapplied_digest"]

DIGEST_LABEL = "sutazai.replaces-on"
UNAPPLIED = ("cpuPeriod", "cpuQuota", "healthcheck", "init", "tmpfs")
_JSON = json.JSONEncoder(sort_keys=True, default=repr)
_NOTHING = (0, False, None)


def unapplied_digest(properties: Mapping[str, Any]) -> str | None:
    """Return the digest in 12 hex digits, or None where none of them is set."""
    # A tmpfs says something by its path alone, with no options.
    said = {key: _said(properties.get(key), whole=key == "tmpfs") for key in UNAPPLIED}
    said = {key: value for key, value in said.items() if not _is_nothing(value)}
    if not said:
        return None
    return blake2b(_JSON.encode(said).encode(), digest_size=6).hexdigest()


def _said(value: Any, *, whole: bool = False) -> Any:
    if isinstance(value, str):
        return value
    if isinstance(value, Secret):
        return _said(value.value, whole=whole)
    if isinstance(value, Mapping):
        return {key: said for key, one in value.items() if not _is_nothing(said := _said(one)) or whole}
    if isinstance(value, list | tuple):
        return [_said(one) for one in value]
    # The engine sends every number as a double.
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _is_nothing(value: Any) -> bool:
    if isinstance(value, str):
        return value in ("", "0s")
    return not value if isinstance(value, Mapping | list) else value in _NOTHING
