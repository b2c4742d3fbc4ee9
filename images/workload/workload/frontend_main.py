"""Run the front end."""

from __future__ import annotations

import os

from workload.client import Client
from workload.frontend import frontend_app
from workload.server import serve
from workload.settings import FrontendSettings

__all__ = ["main"]


def main() -> None:
    """Serve until SIGTERM."""
    settings = FrontendSettings.parse(os.environ)
    serve(frontend_app(Client(settings.backend_url, timeout=5.0)), settings.port)
