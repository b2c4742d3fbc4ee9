"""What a preparation refuses before it changes anything, because the kernel would kill or fail halfway."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from sutazai_infra.operations.hosts.kernel import Kernel
from sutazai_infra.operations.hosts.layout import CgroupLayout, HostError
from sutazai_infra.operations.hosts.usage import Usage
from sutazai_infra.operations.hosts.wanted import CONTROLLERS, WantedCgroup

__all__ = [
    "MEMORY_LIMITS",
    "require_controllers",
    "require_fits",
    "require_hierarchical",
    "require_memory",
    "require_writable",
]

MEMORY_LIMITS = ("memory.limit_in_bytes", "memory.max")
_MIB = 1024 * 1024


def require_writable(paths: Iterable[Path], kernel: Kernel, command: str) -> None:
    """Refuse a process that may not change the tree, before it has changed half of it."""
    for path in paths:
        if not kernel.writable(path):
            raise HostError(
                f"host: {path} can't be written by this user: run `sudo {command}` on the engine's host, "
                f"or set pool_cgroups to off"
            )


def require_controllers(layout: CgroupLayout, usage: Usage) -> None:
    """Refuse a v2 host that lacks a controller (v1 says so by a missing mount)."""
    if layout.version == "v1":
        return
    present = (usage.kernel.read(layout.mount("") / "cgroup.controllers") or "").split()
    missing = [name for name in CONTROLLERS if name not in present]
    if missing:
        raise HostError(
            f"host: cgroup v2 offers no controller {', '.join(missing)} (it has {', '.join(present) or 'none'}): "
            f"enable it at boot, or set pool_cgroups to off"
        )


def require_hierarchical(layout: CgroupLayout, cgroup: WantedCgroup, usage: Usage) -> None:
    """Refuse a v1 cgroup that doesn't count its children's memory and no longer can be told to."""
    if layout.version == "v2":
        return
    directory = layout.directory("memory", cgroup.path)
    if usage.kernel.read(directory / "memory.use_hierarchy") == "0" and usage.kernel.children(directory):
        below = ", ".join(usage.label(child) for child in usage.kernel.children(directory))
        raise HostError(
            f"{cgroup.path}: doesn't count the memory of what is below it ({below}), which can only be set while "
            f"it has no children: stop its containers, run `sutazai host prepare --undo`, then prepare again"
        )


def require_fits(layout: CgroupLayout, cgroup: WantedCgroup, usage: Usage) -> None:
    """Refuse a memory or process limit below what the pool uses now."""
    for setting in cgroup.settings:
        directory = layout.directory(setting.controller, cgroup.path)
        if setting.file in MEMORY_LIMITS:
            require_memory(f"pool {cgroup.pool}", directory, int(setting.value), usage)
        elif setting.file == "pids.max":
            _require_pids(cgroup, directory, int(setting.value), usage)


def require_memory(who: str, directory: Path, limit: int, usage: Usage) -> None:
    """Refuse a memory limit below what a cgroup uses and can't give back."""
    used = usage.memory(directory)
    if used <= limit:
        return
    members = usage.memory_by_member(directory)
    least = -(-used // _MIB)
    raise HostError(
        f"{who}: uses {least} MiB of its new limit of {limit // _MIB} MiB{f' ({members})' if members else ''}: "
        f"stop one of its containers first, or give the pool at least {least} MiB"
    )


def _require_pids(cgroup: WantedCgroup, directory: Path, limit: int, usage: Usage) -> None:
    used = int(usage.kernel.read(directory / "pids.current") or 0)
    if used > limit:
        members = ", ".join(usage.members(cgroup.path))
        raise HostError(
            f"pool {cgroup.pool}: has {used} processes of its new limit of {limit} ({members}): "
            f"stop one of its containers first, or give the pool at least {used}"
        )
