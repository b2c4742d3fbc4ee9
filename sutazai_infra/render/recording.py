"""Prometheus' recording rules: what alerts, dashboards and key figures share, computed once."""

from __future__ import annotations

from sutazai_infra.render.slo import error_ratios
from sutazai_infra.render.view import View, yaml_text

__all__ = ["recording"]


def recording(_view: View) -> str:
    """Write the rule file."""
    return yaml_text({"groups": [{"name": "gateway", "rules": error_ratios()}]})
