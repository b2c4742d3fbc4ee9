"""`sutazai host prepare [--undo]`: what it shows, what it does, and the check that needs no root.

Show first (`host_diff`, `undo_diff`), then do (`prepare`, `undo`); the doing looks again under a lock, so that
what was shown may be stale without harm.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import docker
from docker.errors import DockerException

from sutazai_infra.model.cgroup import PoolCgroup
from sutazai_infra.operations.hosts.cgroupfs import cgroupfs_diff
from sutazai_infra.operations.hosts.diff import HostDiff, unlimited
from sutazai_infra.operations.hosts.effects import carry_out
from sutazai_infra.operations.hosts.guards import MEMORY_LIMITS, require_writable
from sutazai_infra.operations.hosts.kernel import Kernel
from sutazai_infra.operations.hosts.layout import CgroupLayout, HostError
from sutazai_infra.operations.hosts.removal import cgroupfs_undo_diff, remove_cgroups
from sutazai_infra.operations.hosts.systemd import (
    Systemctl,
    apply_units,
    remove_units,
    systemctl,
    systemd_diff,
    systemd_undo_diff,
)
from sutazai_infra.operations.hosts.usage import Names, Usage, short_id
from sutazai_infra.operations.hosts.wanted import CONTROLLERS

__all__ = ["container_names", "host_diff", "pool_cgroups_present", "prepare", "undo", "undo_diff"]

_KERNEL = Kernel()


def host_diff(
    layout: CgroupLayout, cgroups: Sequence[PoolCgroup], *, names: Names = short_id, kernel: Kernel = _KERNEL
) -> HostDiff:
    """Return what preparing would change, without root and without effects; raises `HostError`."""
    usage = Usage(layout, kernel, names)
    return systemd_diff(layout, cgroups, usage) if layout.systemd else cgroupfs_diff(layout, cgroups, usage)


def undo_diff(layout: CgroupLayout, stack: str, *, names: Names = short_id, kernel: Kernel = _KERNEL) -> HostDiff:
    """Return what undoing would remove; raises `HostError` while anything runs in it."""
    usage = Usage(layout, kernel, names)
    return systemd_undo_diff(layout, stack, usage) if layout.systemd else cgroupfs_undo_diff(layout, stack, usage)


def prepare(
    layout: CgroupLayout,
    cgroups: Sequence[PoolCgroup],
    *,
    names: Names = short_id,
    kernel: Kernel = _KERNEL,
    run: Systemctl = systemctl,
) -> HostDiff:
    """Make the pool cgroups what they should be and return what was changed; without a change it needs no root."""
    diff = host_diff(layout, cgroups, names=names, kernel=kernel)
    if not diff.changed:
        return diff
    require_writable(_written(layout), kernel, "sutazai host prepare")
    with kernel.locked(layout.mount("memory")):
        diff = host_diff(layout, cgroups, names=names, kernel=kernel)
        if layout.systemd:
            apply_units(layout, cgroups, diff, Usage(layout, kernel, names), run)
        else:
            carry_out(diff.steps, kernel)
    return diff


def undo(
    layout: CgroupLayout,
    stack: str,
    *,
    names: Names = short_id,
    kernel: Kernel = _KERNEL,
    run: Systemctl = systemctl,
) -> HostDiff:
    """Remove one stack's pool cgroups and return what was removed; raises `HostError` while they are in use."""
    diff = undo_diff(layout, stack, names=names, kernel=kernel)
    if not diff.changed:
        return diff
    require_writable(_written(layout), kernel, "sutazai host prepare --undo")
    with kernel.locked(layout.mount("memory")):
        diff = undo_diff(layout, stack, names=names, kernel=kernel)
        if layout.systemd:
            remove_units(layout, diff, run)
        else:
            remove_cgroups(layout, diff, kernel)
    return diff


def pool_cgroups_present(layout: CgroupLayout, cgroups: Sequence[PoolCgroup], *, kernel: Kernel = _KERNEL) -> bool:
    """Whether every pool's cgroup is a prepared one: those that the engine itself makes carry no limit."""
    if layout.systemd:
        return all((layout.unit_dir / cgroup.parent(systemd=True)).exists() for cgroup in cgroups)
    return all(_limited(layout, cgroup.parent(systemd=False), kernel) for cgroup in cgroups)


def container_names(client: docker.DockerClient) -> Names:
    """Return a lookup of container names that asks the engine only for what it doesn't know yet."""
    known: dict[str, str] = {}

    def name(container: str) -> str:
        if container not in known:
            known.update(_listed(client))
        return known.setdefault(container, short_id(container))

    return name


def _listed(client: docker.DockerClient) -> dict[str, str]:
    try:
        listed = client.api.containers(all=True)
    except DockerException:
        # Names only dress up a message; an id serves as well.
        return {}
    return {entry["Id"]: entry["Names"][0].lstrip("/") for entry in listed if entry["Names"]}


def _written(layout: CgroupLayout) -> tuple[Path, ...]:
    if layout.systemd:
        return (layout.unit_dir,)
    return tuple(dict.fromkeys(layout.mount(controller) for controller in CONTROLLERS))


def _limited(layout: CgroupLayout, cgroup: str, kernel: Kernel) -> bool:
    try:
        directory = layout.directory("memory", cgroup)
    except HostError:
        return False
    limits = (kernel.read(directory / file) for file in MEMORY_LIMITS)
    return any(limit is not None and not unlimited(limit) for limit in limits)
