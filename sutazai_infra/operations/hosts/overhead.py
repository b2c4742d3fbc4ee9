"""What a running container costs the system outside its own cgroup: its shim, by measurement.

Kernel memory and the engine's own growth are not in it: they can't be told apart from other work.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from sutazai_infra.operations.hosts.layout import HostError

__all__ = ["Overhead", "shim_overhead"]

_SHIM = "containerd-shim"
_KIB_PER_MIB = 1024


@dataclass(frozen=True)
class Overhead:
    """The shims of some containers; `total_kib` is their proportional set size, shared pages divided."""

    containers: int
    total_kib: int

    @property
    def mib_per_container(self) -> float:
        """What one container is charged to the system's memory."""
        return self.total_kib / self.containers / _KIB_PER_MIB


def shim_overhead(containers: Iterable[str]) -> Overhead:
    """Add up the shims of running containers, given by full id; takes root; raises `HostError`."""
    wanted = set(containers)
    shims = {container: pid for container, pid in _shims() if container in wanted}
    missing = sorted(wanted - set(shims))
    if not wanted:
        raise HostError("host: no container given to measure: start some, and give their full ids")
    if missing:
        named = ", ".join(container[:12] for container in missing)
        raise HostError(f"host: found no shim of {named}: start it, and measure on the engine's own host")
    return Overhead(len(shims), sum(_pss_kib(pid) for pid in shims.values()))


def _shims() -> Iterator[tuple[str, int]]:
    for process in psutil.process_iter(["name", "cmdline"]):
        command = process.info["cmdline"] or []
        # The kernel cuts a process's name at 15 characters.
        if process.info["name"].startswith(_SHIM[:15]) and "-id" in command[:-1]:
            yield command[command.index("-id") + 1], process.pid


def _pss_kib(pid: int) -> int:
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except PermissionError as error:
        raise HostError("host: a shim's memory is readable by root only: measure with sudo") from error
    return next(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:"))
