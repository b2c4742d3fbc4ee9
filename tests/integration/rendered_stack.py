"""The texts of the catalogue's own stack on the strategy's host."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from sutazai_infra.inputs.catalogue import load_catalogue
from sutazai_infra.model.settings import Settings
from sutazai_infra.planning.planner import plan
from sutazai_infra.render.configs import render_configs

__all__ = ["rendered_stack"]

ROOT = Path(__file__).parents[2]
STRATEGY_HOST = {
    "cores": 12,
    "memory": "29.38Gi",
    "reserved_cores": "0-1",
    "system_reserve": "2Gi",
    "emergency_reserve": "0.38Gi",
}


@cache
def rendered_stack(**settings: Any) -> MappingProxyType[str, str]:
    """Render everything, as it would be with pool cgroups."""
    chosen = Settings.parsed("settings", {"host": STRATEGY_HOST, "pool_cgroups": "required", **settings})
    catalogue = load_catalogue(ROOT / "catalogue")
    assert chosen.host != "auto"
    host = chosen.host.host().model_copy(update={"pool_cgroups": True})
    return MappingProxyType(render_configs(plan(catalogue, host, chosen), catalogue, chosen))
