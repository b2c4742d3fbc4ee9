"""Where a local Pulumi backend keeps its state, however its address is written."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import unquote, urlsplit

__all__ = ["backend_address", "local_state"]


def backend_address() -> str:
    """Return the backend's address as Pulumi takes it from the environment; empty where it isn't set."""
    return os.environ.get("PULUMI_BACKEND_URL", "")


def local_state() -> Path | None:
    """Return the folder of a `file://` backend: absolute, below `~`, or relative to here; None for any other."""
    parts = urlsplit(backend_address())
    if parts.scheme != "file":
        return None
    return Path(unquote(parts.netloc + parts.path) or "/").expanduser().absolute()
