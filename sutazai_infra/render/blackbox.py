"""The blackbox exporter's configuration, and the addresses that it asks."""

from __future__ import annotations

from collections.abc import Iterable

from sutazai_infra.model.plan import PlannedService
from sutazai_infra.render.view import View, yaml_text

__all__ = ["MODULE", "blackbox", "targets"]

MODULE = "http_2xx"
# What a user would ask. Through the gateway both ways are tried: pages, and the interface that programs use.
_PATHS = {"backend": ("/health",), "frontend": ("/",), "gateway": ("/", "/api/v1/queues")}


def blackbox(_view: View) -> str:
    """Write blackbox.yml: one module, that takes 200 within the timeout for an answer."""
    http = {
        "valid_status_codes": [200],
        "follow_redirects": False,
        "preferred_ip_protocol": "ip4",
        "ip_protocol_fallback": False,
    }
    return yaml_text({"modules": {MODULE: {"prober": "http", "timeout": "5s", "http": http}}})


def targets(view: View) -> Iterable[tuple[PlannedService, list[str]]]:
    """List what the exporter is linked to, and the addresses there."""
    for name, paths in _PATHS.items():
        for row in view.reachable(name)[:1]:
            yield row, [f"http://{view.address(name)}{path}" for path in paths]
