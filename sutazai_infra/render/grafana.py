"""Grafana's provisioning: its sources of data, and the folder of its dashboards."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

from sutazai_infra.render.dashboards.page import SOURCE
from sutazai_infra.render.dashboards.renderers import DASHBOARDS
from sutazai_infra.render.scraping import PREFIXES
from sutazai_infra.render.view import View, yaml_text

__all__ = ["dashboards", "datasources"]

# Service -> the type of the source, and what that type needs to know.
_SOURCES: dict[str, tuple[str, dict[str, Any]]] = {
    SOURCE: ("prometheus", {"httpMethod": "POST", "timeInterval": "30s"}),
    "alertmanager": ("alertmanager", {"implementation": "prometheus"}),
    "loki": ("loki", {}),
}


def datasources(view: View) -> str:
    """Write the sources that are in the stack and in reach."""
    found = [_source(view, name) for name in _SOURCES if view.reachable(name)]
    return yaml_text({"apiVersion": 1, "prune": True, "datasources": found})


def _source(view: View, name: str) -> dict[str, Any]:
    kind, details = _SOURCES[name]
    return {
        "name": name,
        "uid": name,
        "type": kind,
        "access": "proxy",
        "url": f"http://{view.address(name)}{PREFIXES.get(name, '')}",
        "isDefault": name == SOURCE,
        "editable": False,
        "jsonData": details,
    }


def dashboards(view: View) -> str:
    """Write the provider: the folder that the dashboards' files lie in."""
    folder = PurePosixPath(view.path_of(next(iter(DASHBOARDS)))).parent
    provider = {
        "name": "sutazai",
        "type": "file",
        "disableDeletion": True,
        "allowUiUpdates": False,
        "options": {"path": str(folder)},
    }
    return yaml_text({"apiVersion": 1, "providers": [provider]})
