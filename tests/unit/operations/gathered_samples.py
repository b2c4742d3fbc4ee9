"""An engine as a stack finds it, and what is gathered on it."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from sutazai_infra.inputs.catalogue import load_catalogue
from sutazai_infra.inputs.engine import EngineFacts
from sutazai_infra.model.catalogue import Catalogue
from sutazai_infra.model.host import Host
from sutazai_infra.model.settings import Settings
from sutazai_infra.operations.gathering import Gathered

ROOT = Path(__file__).parents[3]
MIB = 1024 * 1024


@cache
def catalogue() -> Catalogue:
    """Return the project's own catalogue, read once."""
    return load_catalogue(ROOT / "catalogue")


def engine(**changes: Any) -> EngineFacts:
    """Return an engine with the reference host's cores and memory, and nothing on it."""
    values = {
        "cores": 12,
        "memory_mib": 30085,
        "cgroup_driver": "cgroupfs",
        "cgroup_version": "2",
        "kernel": "6.1",
    }
    return EngineFacts.model_validate({**values, **changes})


def settings(**changes: Any) -> Settings:
    """Return settings of a stack of one container."""
    return Settings.parsed("test", {"services": {"only": ["frontend"]}, "agents": 0, **changes})


def gathered(facts: EngineFacts | None = None, host: Host | None = None, **changes: Any) -> Gathered:
    """Return what is gathered for a stack named `shop`."""
    return Gathered(
        folder=ROOT,
        stack="shop",
        settings=settings(**changes),
        catalogue=catalogue(),
        engine=facts,
        host=host or Host.scaled(12, 30085),
        previous=None,
    )
