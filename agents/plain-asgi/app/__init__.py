"""An agent that is a package, and a plain ASGI callable: no framework at all."""

from __future__ import annotations

from app.server import app

__all__ = ["app"]
