"""Undo a preparation: remove exactly one stack's cgroups, and the common parent when nobody else has one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sutazai_infra.operations.hosts.diff import CgroupDiff, HostDiff
from sutazai_infra.operations.hosts.kernel import Kernel
from sutazai_infra.operations.hosts.layout import CgroupLayout, HostError
from sutazai_infra.operations.hosts.usage import Usage
from sutazai_infra.operations.hosts.wanted import ROOT

__all__ = ["cgroupfs_undo_diff", "remove_cgroups", "require_empty"]


def cgroupfs_undo_diff(layout: CgroupLayout, stack: str, usage: Usage) -> HostDiff:
    """Return what undoing removes; raises `HostError` while anything still runs in it."""
    require_empty(stack, usage.members(f"{ROOT}/{stack}"))
    found: dict[str, None] = {}
    for hierarchy in layout.hierarchies:
        for path in _bottom_up(hierarchy / ROOT.lstrip("/") / stack, usage.kernel):
            found[f"/{path.relative_to(hierarchy)}"] = None
    removed = sorted(found, key=lambda name: (-name.count("/"), name))
    if removed and not _other_stacks(layout, stack, usage.kernel):
        removed.append(ROOT)
    return HostDiff(tuple(CgroupDiff(name, "removed") for name in removed))


def require_empty(stack: str, members: list[str]) -> None:
    """Refuse to remove what is still in use, naming who uses it."""
    if members:
        raise HostError(
            f"stack {stack}: {len(members)} still in its pool cgroups ({', '.join(members)}): "
            f"run `pulumi destroy`, or stop them, then undo again"
        )


def remove_cgroups(layout: CgroupLayout, diff: HostDiff, kernel: Kernel) -> None:
    """Remove what an undo's diff names, in every hierarchy that has it."""
    for cgroup in diff.cgroups:
        for hierarchy in layout.hierarchies:
            _remove(hierarchy / cgroup.name.lstrip("/"), kernel, shared=cgroup.name == ROOT)


def _remove(path: Path, kernel: Kernel, *, shared: bool) -> None:
    try:
        kernel.remove(path)
    except FileNotFoundError:
        return
    except OSError as error:
        # Another stack may move into the common parent at any time, and then it stays.
        if not shared:
            raise HostError(
                f"host: {path} can't be removed ({error.strerror}): something started in it meanwhile; "
                f"stop it, then undo again"
            ) from error


def _bottom_up(path: Path, kernel: Kernel) -> Iterator[Path]:
    if not path.is_dir():
        return
    for child in kernel.children(path):
        yield from _bottom_up(child, kernel)
    yield path


def _other_stacks(layout: CgroupLayout, stack: str, kernel: Kernel) -> bool:
    parents = (hierarchy / ROOT.lstrip("/") for hierarchy in layout.hierarchies)
    return any(child.name != stack for parent in parents for child in kernel.children(parent))
