"""What an update needs first, and what can be put right on the way: images that aren't built, pool cgroups."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace

import docker

from sutazai_infra.model.cgroup import PoolCgroup
from sutazai_infra.model.container import StackSpec
from sutazai_infra.model.settings import ImageSource, PoolCgroups
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
)
from sutazai_infra.operations.images import image_refs
from sutazai_infra.operations.preflight import check, require_engine
from sutazai_infra.planning.declaration import pool_cgroups

__all__ = ["HostStep", "check_before_work", "host_step", "images_to_build", "without_cgroups"]


@dataclass(frozen=True)
class HostStep:
    """How the host's pool cgroups differ from the plan's; `skipped` says why nobody looked."""

    gathered: Gathered
    cgroups: tuple[PoolCgroup, ...] = ()
    layout: CgroupLayout | None = None
    diff: HostDiff | None = None
    skipped: str = ""

    @property
    def changed(self) -> bool:
        """Whether there is anything to do."""
        return self.diff is not None and self.diff.changed

    def apply(self, client: docker.DockerClient) -> HostDiff:
        """Make the cgroups; raises `HostError`."""
        if self.layout is None:
            raise HostError(self.skipped)
        return prepare(self.layout, self.cgroups, names=container_names(client))


def check_before_work(gathered: Gathered, spec: StackSpec) -> None:
    """Refuse, before anything is built or prepared, what building and preparing can't cure."""
    curable = {"images": ImageSource.UPSTREAM, "pool_cgroups": PoolCgroups.OFF}
    check(replace(gathered, settings=gathered.settings.model_copy(update=curable)), spec)


def images_to_build(gathered: Gathered, spec: StackSpec) -> Sequence[str]:
    """Name the images of `images/` that the stack's containers run on."""
    if gathered.settings.images is not ImageSource.BUILT:
        return ()
    used = {container.image for container in spec.containers}
    return [name for name, ref in image_refs(gathered.folder / "images").items() if ref in used]


def host_step(gathered: Gathered, client: docker.DockerClient) -> HostStep:
    """Compare the host with a plan that counts on pool cgroups; never changes anything."""
    if gathered.settings.pool_cgroups is PoolCgroups.OFF:
        return HostStep(gathered, skipped="pool cgroups are off in this stack")
    try:
        return _compared(gathered, client)
    except HostError as unreachable:
        if gathered.settings.pool_cgroups is PoolCgroups.REQUIRED:
            raise
        return HostStep(without_cgroups(gathered), skipped=str(unreachable))


def without_cgroups(gathered: Gathered) -> Gathered:
    """Plan for a host whose pool cgroups aren't there."""
    return replace(gathered, host=gathered.host.model_copy(update={"pool_cgroups": False}))


def _compared(gathered: Gathered, client: docker.DockerClient) -> HostStep:
    engine = require_engine(gathered.engine)
    require_local_engine(os.environ.get("DOCKER_HOST"))
    layout = detect_layout(engine.info)
    counting = replace(gathered, host=gathered.host.model_copy(update={"pool_cgroups": True}))
    cgroups = pool_cgroups(counting.plan(), gathered.stack)
    diff = host_diff(layout, cgroups, names=container_names(client))
    if diff.changed and os.geteuid() != 0:
        raise HostError("only root prepares pool cgroups; run `sudo sutazai host prepare` once")
    return HostStep(counting, cgroups, layout, diff)
