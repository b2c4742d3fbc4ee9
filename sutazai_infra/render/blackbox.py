"""The blackbox exporter's configuration, and the addresses that it asks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sutazai_infra.model.plan import PlannedService
from sutazai_infra.render.view import View, yaml_text

__all__ = ["MODULE", "blackbox", "targets"]

MODULE = "http_2xx"
# What a user would ask. Through the gateway both ways are tried: pages, and the interface that programs use.
_PATHS = {"frontend": ("/",), "gateway": ("/", "/api/v1/queues")}
_CA = "ca-certificate"


def blackbox(view: View) -> str:
    """Write blackbox.yml: one module, that takes 200 within the timeout for an answer."""
    http: dict[str, Any] = {
        "valid_status_codes": [200],
        "follow_redirects": False,
        "preferred_ip_protocol": "ip4",
        "ip_protocol_fallback": False,
    }
    if authorities := [secret.path for secret in view.service.secrets if _CA in secret.names]:
        http["tls_config"] = {"ca_file": authorities[0]}
    return yaml_text({"modules": {MODULE: {"prober": "http", "timeout": "5s", "http": http}}})


def targets(view: View) -> Iterable[tuple[PlannedService, list[str]]]:
    """List what the exporter is linked to, and the addresses there."""
    for name, paths in _PATHS.items():
        for row in view.reachable(name)[:1]:
            yield row, [f"{_scheme(view, name)}://{view.address(name)}{path}" for path in paths]


def _scheme(view: View, name: str) -> str:
    """A port tells by its name whether it wants TLS; it is the first."""
    return "https" if view.catalogue.service(name).ports[0].name == "https" else "http"
