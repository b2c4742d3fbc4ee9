"""Pool cgroups made by hand, for the cgroupfs driver: read, compare, and order what has to be written.

Cgroups made so vanish with a reboot; a preparation is cheap enough to be part of every `make up`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sutazai_infra.model.cgroup import PoolCgroup
from sutazai_infra.model.coreset import CoreSet
from sutazai_infra.operations.hosts.diff import CgroupDiff, Change, HostDiff, Kind, Make, Reclaim, Step, Write
from sutazai_infra.operations.hosts.guards import (
    MEMORY_LIMITS,
    require_controllers,
    require_fits,
    require_hierarchical,
)
from sutazai_infra.operations.hosts.layout import CgroupLayout
from sutazai_infra.operations.hosts.usage import Usage
from sutazai_infra.operations.hosts.wanted import CONTROLLERS, Setting, WantedCgroup, wanted_cgroups

__all__ = ["cgroupfs_diff", "host_cpuset", "reclaimed"]

_MEMORY_PAIR = (*MEMORY_LIMITS, "memory.memsw.limit_in_bytes", "memory.swap.max")
_NOTE = "these cgroups vanish with a reboot: `sutazai host prepare` makes them again (`make up` runs it)"


@dataclass(frozen=True)
class _Difference:
    """A setting whose control file says something else, or isn't there yet."""

    setting: Setting
    path: Path
    current: str | None

    def write(self) -> Write:
        return Write(self.path, self.setting.value, self.current, self.setting.optional)

    @property
    def lowers_memory(self) -> bool:
        if self.setting.file not in MEMORY_LIMITS or self.current is None:
            return False
        return self.current == "max" or int(self.current) > int(self.setting.value)


@dataclass
class _Ordered:
    """Steps by phase: lowered memory comes first, since the kernel may still refuse it."""

    lowered: list[Step] = field(default_factory=list)
    rest: list[Step] = field(default_factory=list)

    def add(self, version: str, differences: list[_Difference]) -> None:
        memory = [d for d in differences if d.setting.file in _MEMORY_PAIR]
        self.rest += [d.write() for d in differences if d not in memory]
        if any(d.lowers_memory for d in memory):
            self.lowered += _lowered(version, memory)
        elif any(d.current is None for d in memory):
            self.rest += [d.write() for d in memory]
        else:
            # The limit with swap may never be below the one without: raise it first.
            self.rest += [d.write() for d in reversed(memory)]

    def steps(self) -> tuple[Step, ...]:
        return (*self.lowered, *self.rest)


def _lowered(version: str, memory: list[_Difference]) -> Iterator[Step]:
    """Lower a limit without a kill: v1 refuses what it can't reclaim; v2 would kill, so it reclaims first."""
    for difference in memory:
        if version == "v2" and difference.lowers_memory:
            yield from reclaimed(difference.path.parent, int(difference.setting.value))
        yield difference.write()
        if version == "v2" and difference.lowers_memory:
            yield Write(difference.path.with_name("memory.high"), "max", difference.setting.value)


def reclaimed(cgroup: Path, limit: int) -> tuple[Step, ...]:
    """Return the steps that bring a v2 cgroup's use within a limit, or fail without harm."""
    return (
        Write(cgroup / "memory.high", str(limit), "max"),
        Reclaim(cgroup / "memory.current", limit),
    )


def host_cpuset(layout: CgroupLayout, usage: Usage) -> tuple[CoreSet, str]:
    """Return the cores and memory nodes that the whole host has."""
    suffix = "" if layout.version == "v1" else ".effective"
    root = layout.mount("cpuset")
    cores = usage.kernel.read(root / f"cpuset.cpus{suffix}") or ""
    return CoreSet.parse(cores), usage.kernel.read(root / f"cpuset.mems{suffix}") or "0"


def cgroupfs_diff(layout: CgroupLayout, cgroups: Sequence[PoolCgroup], usage: Usage) -> HostDiff:
    """Compare what is there with what should be; raises `HostError` for what can't be had without harm."""
    require_controllers(layout, usage)
    wanted = wanted_cgroups(layout.version, cgroups, *host_cpuset(layout, usage))
    ordered, diffs, waiting = _Ordered(), [], []
    for cgroup in wanted:
        reachable, waits = _until_released(layout, cgroup, usage)
        require_hierarchical(layout, reachable, usage)
        require_fits(layout, reachable, usage)
        diffs.append(_cgroup_diff(layout, reachable, usage, ordered))
        waiting += waits
    return HostDiff(tuple(diffs), tuple(waiting), _NOTE, ordered.steps())


def _until_released(layout: CgroupLayout, cgroup: WantedCgroup, usage: Usage) -> tuple[WantedCgroup, list[str]]:
    """Keep cores that containers are still pinned to: they leave only in the update that this run precedes."""
    wanted = next((s for s in cgroup.settings if s.file == "cpuset.cpus"), None)
    if wanted is None or cgroup.pool is None:
        return cgroup, []
    cores = CoreSet.parse(wanted.value)
    held = usage.held_cores(layout.directory("cpuset", cgroup.path))
    blocking = {name: theirs - cores for name, theirs in held.items() if theirs - cores}
    if not blocking:
        return cgroup, []
    kept = CoreSet(core for theirs in blocking.values() for core in theirs)
    named = ", ".join(f"{name} on {theirs}" for name, theirs in sorted(blocking.items()))
    text = (
        f"pool {cgroup.pool}: keeps cores {kept} beside {cores} while containers hold them ({named}): "
        f"run `pulumi up`, which moves them, then `sutazai host prepare` again"
    )
    settings = (_with(s, str(cores | kept)) if s is wanted else s for s in cgroup.settings)
    return WantedCgroup(cgroup.path, tuple(settings), cgroup.pool), [text]


def _with(setting: Setting, value: str) -> Setting:
    return Setting(setting.controller, setting.file, value, setting.optional)


def _cgroup_diff(layout: CgroupLayout, cgroup: WantedCgroup, usage: Usage, ordered: _Ordered) -> CgroupDiff:
    directories = dict.fromkeys(layout.directory(name, cgroup.path) for name in CONTROLLERS)
    missing = [path for path in directories if not path.is_dir()]
    ordered.rest += [Make(path) for path in missing]
    differences = [*_differences(layout, cgroup, usage)]
    ordered.add(layout.version, differences)
    changes = tuple(Change(d.setting.file, d.current, d.setting.value) for d in differences)
    return CgroupDiff(cgroup.path, _kind(len(missing), len(directories), changes), changes)


def _kind(missing: int, directories: int, changes: tuple[Change, ...]) -> Kind:
    if missing == directories:
        return "created"
    return "changed" if changes or missing else "unchanged"


def _differences(layout: CgroupLayout, cgroup: WantedCgroup, usage: Usage) -> Iterator[_Difference]:
    for setting in cgroup.settings:
        directory = layout.directory(setting.controller, cgroup.path)
        current = usage.kernel.read(directory / setting.file)
        left_out = current is None and setting.optional and directory.is_dir()
        if not left_out and not setting.holds(current):
            yield _Difference(setting, directory / setting.file, current)
