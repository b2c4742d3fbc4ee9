"""Everything that a plan needs, gathered from the outside: settings, catalogue, host, engine, previous plan.

The program (`__main__.py`) and the command line both start here, so that `sutazai plan` prints the plan that
`pulumi up` deploys.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import psutil

from sutazai_infra.inputs.catalogue import load_catalogue
from sutazai_infra.inputs.engine import EngineFacts, look_at_engine
from sutazai_infra.inputs.previous import previous_plan
from sutazai_infra.inputs.stackconfig import PROJECT
from sutazai_infra.model.catalogue import Catalogue
from sutazai_infra.model.cgroup import PoolCgroup
from sutazai_infra.model.container import StackSpec
from sutazai_infra.model.coreset import CoreSet
from sutazai_infra.model.host import Host
from sutazai_infra.model.plan import Plan
from sutazai_infra.model.settings import ImageSource, PoolCgroups, Settings
from sutazai_infra.operations.hosts import HostError, detect_layout, pool_cgroups_present, require_local_engine
from sutazai_infra.operations.images import image_refs
from sutazai_infra.planning.declaration import Target, declare
from sutazai_infra.planning.planner import plan
from sutazai_infra.render.configs import render_configs

__all__ = ["Gathered", "gather"]

_MIB = 1024 * 1024


@dataclass(frozen=True)
class Gathered:
    """A stack's inputs; `engine` is None where none answers."""

    folder: Path
    stack: str
    settings: Settings
    catalogue: Catalogue
    engine: EngineFacts | None
    host: Host
    previous: Plan | None

    def plan(self) -> Plan:
        """Resolve the plan; raises `ConfigError` or `PlanRefusedError`."""
        return plan(self.catalogue, self.host, self.settings, self.previous)

    def cgroups_prepared(self) -> bool:
        """Whether this stack's pool cgroups are there, on an engine of this machine."""
        return _prepared(self.catalogue, self.engine, self.stack)

    def declare(self, resolved: Plan) -> StackSpec:
        """Resolve the plan's containers, networks and volumes."""
        built = image_refs(self.folder / "images") if self.settings.images is ImageSource.BUILT else {}
        systemd = self.engine is not None and self.engine.systemd
        configs = render_configs(resolved, self.catalogue, self.settings)
        return declare(resolved, self.catalogue, self.settings, Target(self.stack, built, configs, systemd))


def gather(folder: Path, stack: str, settings: Settings, *, cgroups: bool | None = None) -> Gathered:
    """Read files, look at the machine and its engine; changes nothing. `cgroups` overrides what is found."""
    catalogue = load_catalogue(folder / "catalogue")
    engine = look_at_engine(stack)
    host = _host(settings, engine)
    held = _pool_cgroups(settings, catalogue, engine, stack) if cgroups is None else cgroups
    return Gathered(
        folder=folder,
        stack=stack,
        settings=settings,
        catalogue=catalogue,
        engine=engine,
        host=host.model_copy(update={"pool_cgroups": held}),
        previous=previous_plan(PROJECT, stack) if settings.stability == "keep" else None,
    )


def _host(settings: Settings, engine: EngineFacts | None) -> Host:
    """The declared host, else the engine's machine, else this one. A declared host elsewhere has no foreigners."""
    if settings.host != "auto":
        host = settings.host.host()
        is_here = engine is not None and engine.cores >= host.cores and engine.memory_mib >= host.memory_mib
        return host.model_copy(update={"foreign": engine.foreign}) if engine is not None and is_here else host
    if engine is not None:
        return Host.scaled(engine.cores, engine.memory_mib).model_copy(update={"foreign": engine.foreign})
    return Host.scaled(psutil.cpu_count() or 1, psutil.virtual_memory().total // _MIB)


def _pool_cgroups(settings: Settings, catalogue: Catalogue, engine: EngineFacts | None, stack: str) -> bool:
    """Whether containers go below pool cgroups: `auto` means where this stack's are prepared on this engine.

    A declared host counts as prepared: `sutazai host prepare` runs there, before the update.
    """
    if settings.pool_cgroups is not PoolCgroups.AUTO:
        return settings.pool_cgroups is PoolCgroups.REQUIRED
    return settings.host != "auto" or _prepared(catalogue, engine, stack)


def _prepared(catalogue: Catalogue, engine: EngineFacts | None, stack: str) -> bool:
    if engine is None:
        return False
    try:
        require_local_engine(os.environ.get("DOCKER_HOST"))
        return pool_cgroups_present(detect_layout(engine.info), _names_only(catalogue, stack))
    except HostError:
        return False


def _names_only(catalogue: Catalogue, stack: str) -> tuple[PoolCgroup, ...]:
    """Presence is a question of names; the values don't matter to it."""
    cores = CoreSet([0])
    return tuple(
        PoolCgroup(stack=stack, pool=p.name, weight=p.weight, memory_mib=p.memory, pids=p.pids, core_set=cores)
        for p in catalogue.pools
    )
