"""The pool cgroups of a stack: what preparing or undoing them changes, and the doing of it."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace

import docker

from sutazai_infra.model.settings import PoolCgroups
from sutazai_infra.operations.gathering import Gathered
from sutazai_infra.operations.hosts import (
    CgroupLayout,
    HostDiff,
    HostError,
    container_names,
    detect_layout,
    host_diff,
    prepare,
    require_local_engine,
    undo,
    undo_diff,
)
from sutazai_infra.operations.preflight import require_engine
from sutazai_infra.planning.declaration import pool_cgroups

__all__ = ["HostStep", "HostWork", "host_step", "preparing", "undoing", "with_cgroups"]


@dataclass(frozen=True)
class HostWork:
    """What would change, and how to do it."""

    diff: HostDiff
    apply: Callable[[], HostDiff]


@dataclass(frozen=True)
class HostStep:
    """An update's view of the host: what to plan with, what to do first, or why nothing is done."""

    gathered: Gathered
    work: HostWork | None = None
    skipped: str = ""


def with_cgroups(gathered: Gathered, *, held: bool) -> Gathered:
    """Plan for a host whose pool cgroups are there, or aren't."""
    return replace(gathered, host=gathered.host.model_copy(update={"pool_cgroups": held}))


def preparing(gathered: Gathered, client: docker.DockerClient) -> HostWork:
    """Compare the host with a plan that counts on pool cgroups; changes nothing. Raises `HostError`."""
    layout, names = _layout(gathered), container_names(client)
    cgroups = pool_cgroups(with_cgroups(gathered, held=True).plan(), gathered.stack)
    diff = host_diff(layout, cgroups, names=names)
    return HostWork(diff, lambda: prepare(layout, cgroups, names=names))


def undoing(gathered: Gathered, client: docker.DockerClient) -> HostWork:
    """Say what undoing removes; changes nothing. Raises `HostError` while anything runs in it."""
    layout, names = _layout(gathered), container_names(client)
    diff = undo_diff(layout, gathered.stack, names=names)
    return HostWork(diff, lambda: undo(layout, gathered.stack, names=names))


def host_step(gathered: Gathered, client: docker.DockerClient) -> HostStep:
    """Choose for an update: with `auto`, an engine out of reach means a plan without pool cgroups."""
    if gathered.settings.pool_cgroups is PoolCgroups.OFF:
        return HostStep(gathered, skipped="off in this stack's settings")
    try:
        _layout(gathered)
    except HostError as unreachable:
        if gathered.settings.pool_cgroups is PoolCgroups.REQUIRED:
            raise
        return HostStep(with_cgroups(gathered, held=False), skipped=str(unreachable))
    work = preparing(gathered, client)
    if work.diff.changed and os.geteuid() != 0:
        return _for_others_than_root(gathered)
    return HostStep(with_cgroups(gathered, held=True), work if work.diff.changed else None)


def _for_others_than_root(gathered: Gathered) -> HostStep:
    """Cgroups that are there, though with older values, are still counted on: without them all is replaced."""
    how = f"only root can: sudo sutazai host prepare --stack {gathered.stack}"
    prepared = gathered.cgroups_prepared()
    if gathered.settings.pool_cgroups is PoolCgroups.REQUIRED and not prepared:
        raise HostError(f"host: the pool cgroups aren't prepared, and {how}")
    return HostStep(with_cgroups(gathered, held=prepared), skipped=how)


def _layout(gathered: Gathered) -> CgroupLayout:
    engine = require_engine(gathered.engine)
    require_local_engine(os.environ.get("DOCKER_HOST"))
    return detect_layout(engine.info)
