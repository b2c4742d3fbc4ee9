"""Who sits in a cgroup and how much memory each takes: what a refusal names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sutazai_infra.model.coreset import CoreSet
from sutazai_infra.operations.hosts.kernel import Kernel
from sutazai_infra.operations.hosts.layout import CgroupLayout

__all__ = ["Names", "Usage", "short_id"]

Names = Callable[[str], str]

_CONTAINER = re.compile(r"(?:docker-)?([0-9a-f]{64})(?:\.scope)?")
_MIB = 1024 * 1024
_NAMED = 5


def short_id(container: str) -> str:
    """Name a container by the start of its id, as the engine's own listing does."""
    return container[:12]


@dataclass(frozen=True)
class Usage:
    """Reads a layout's cgroups; `names` turns a container's id into its name."""

    layout: CgroupLayout
    kernel: Kernel
    names: Names = short_id

    def label(self, directory: Path) -> str:
        """Name a cgroup for a person: a container's name, else the directory's."""
        match = _CONTAINER.fullmatch(directory.name)
        return self.names(match[1]) if match else directory.name

    def members(self, cgroup: str) -> list[str]:
        """Return the containers and processes that are in a cgroup or below it, in any hierarchy."""
        found: dict[str, None] = {}
        for hierarchy in self.layout.hierarchies:
            found.update(dict.fromkeys(self._members(hierarchy / cgroup.lstrip("/"), None)))
        return sorted(found)

    def _members(self, directory: Path, container: str | None) -> Iterator[str]:
        if _CONTAINER.fullmatch(directory.name):
            container = self.label(directory)
        for process in (self.kernel.read(directory / "cgroup.procs") or "").split():
            yield container or self._process(process)
        for child in self.kernel.children(directory):
            yield from self._members(child, container)

    def _process(self, pid: str) -> str:
        command = self.kernel.read(self.layout.proc / pid / "comm") or "process"
        return f"{command} (pid {pid})"

    def memory(self, cgroup: Path) -> int:
        """Return the bytes that a cgroup can't give back: its use, swap included, less idle file cache."""
        if self.layout.version == "v1":
            files, idle = ["memory.usage_in_bytes", "memory.memsw.usage_in_bytes"], "total_inactive_file"
        else:
            files, idle = ["memory.current"], "inactive_file"
        used = max(int(self.kernel.read(cgroup / file) or 0) for file in files)
        return max(0, used - self._statistic(cgroup, idle))

    def _statistic(self, cgroup: Path, key: str) -> int:
        for line in (self.kernel.read(cgroup / "memory.stat") or "").splitlines():
            name, _, value = line.partition(" ")
            if name == key:
                return int(value)
        return 0

    def memory_by_member(self, cgroup: Path) -> str:
        """Write who uses how much directly below a cgroup, most first, e.g. `trainer 300, aider 200`."""
        parts = sorted(
            ((-self.memory(child), self.label(child)) for child in self.kernel.children(cgroup)),
        )
        shown = [f"{name} {-(used // _MIB)}" for used, name in parts[:_NAMED]]
        more = len(parts) - len(shown)
        return ", ".join([*shown, *([f"{more} more"] if more else [])])

    def held_cores(self, cgroup: Path) -> dict[str, CoreSet]:
        """Return the cores that each child of a cgroup is pinned to; one without a set of its own is left out."""
        held = {}
        for child in self.kernel.children(cgroup):
            text = self.kernel.read(child / "cpuset.cpus")
            if text:
                held[self.label(child)] = CoreSet.parse(text)
        return held
