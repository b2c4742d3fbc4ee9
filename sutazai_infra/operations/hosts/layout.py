"""How the engine's host lays out its cgroups: version, driver and mount points.

Only an engine on this very kernel counts: cgroups of another machine (or of a desktop's virtual machine)
are out of reach, and that is said rather than tried.
"""

from __future__ import annotations

import platform
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from sutazai_infra.model.errors import SutazaiError

__all__ = ["CgroupLayout", "HostError", "detect_layout", "require_local_engine"]

_LOCAL_SCHEMES = ("unix://", "http+unix://", "http+docker://localhost", "/")
_PREPARE_THERE = "run `sutazai host prepare` on the engine's own host"
_WITHOUT = "or set pool_cgroups to off"


class HostError(SutazaiError):
    """The host can't be prepared as wanted; nothing was changed."""


@dataclass(frozen=True)
class CgroupLayout:
    """Where cgroups live. `mounts` maps a v1 controller to its mount; the v2 tree has the key `""`."""

    version: Literal["v1", "v2"]
    driver: Literal["cgroupfs", "systemd"]
    mounts: Mapping[str, Path]
    unit_dir: Path = Path("/etc/systemd/system")
    proc: Path = Path("/proc")

    def mount(self, controller: str) -> Path:
        """Return the mount of a controller's hierarchy; raises `HostError` where there is none."""
        key = controller if self.version == "v1" else ""
        if key not in self.mounts:
            wanted = f"cgroup v1 controller {controller}" if key else "cgroup v2 hierarchy"
            raise HostError(f"host: no {wanted} is mounted: mount it (or enable it at boot), {_WITHOUT}")
        return self.mounts[key]

    def directory(self, controller: str, cgroup: str) -> Path:
        """Return the directory of a cgroup (`/a/b`) in a controller's hierarchy."""
        return self.mount(controller) / cgroup.lstrip("/")

    @property
    def hierarchies(self) -> tuple[Path, ...]:
        """Every mounted hierarchy once: the engine makes its parents in all of them."""
        return tuple(sorted(set(self.mounts.values())))

    @property
    def systemd(self) -> bool:
        """Whether the engine has systemd make its cgroups."""
        return self.driver == "systemd"


def require_local_engine(address: str | None) -> None:
    """Refuse an engine's address (`DOCKER_HOST`; None: the default socket) that leads off this machine."""
    if address and not address.startswith(_LOCAL_SCHEMES):
        raise HostError(f"host: the engine at {address} is not on this machine: {_PREPARE_THERE}, {_WITHOUT}")


def detect_layout(
    info: Mapping[str, Any],
    mounts_file: Path = Path("/proc/self/mounts"),
    kernel: str | None = None,
) -> CgroupLayout:
    """Read the layout from the engine's `info` and the mount table; raises `HostError` when out of reach."""
    _require_reachable(info, platform.release() if kernel is None else kernel)
    version: Literal["v1", "v2"] = "v2" if str(info.get("CgroupVersion", "1")) == "2" else "v1"
    driver = info.get("CgroupDriver")
    if driver not in ("cgroupfs", "systemd"):
        raise HostError(f"host: the engine's cgroup driver is {driver!r}: use cgroupfs or systemd, {_WITHOUT}")
    return CgroupLayout(version, driver, _mounts(mounts_file.read_text(), version))


def _require_reachable(info: Mapping[str, Any], kernel: str) -> None:
    theirs = info.get("KernelVersion")
    if theirs != kernel:
        raise HostError(
            f"host: the engine runs on kernel {theirs}, this machine on {kernel}: {_PREPARE_THERE}, {_WITHOUT}"
        )
    if any("name=rootless" in option for option in info.get("SecurityOptions") or ()):
        raise HostError(f"host: a rootless engine can't use /sutazai: use an engine that runs as root, {_WITHOUT}")


def _mounts(table: str, version: str) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for line in table.splitlines():
        _, where, kind, options, *_ = line.split(" ")
        if kind == "cgroup2":
            found.setdefault("", Path(where))
        elif kind == "cgroup" and version == "v1":
            for option in options.split(","):
                found.setdefault(option, Path(where))
    # Mount flags such as `rw` stand between the controllers; they are keys that nobody asks for.
    return found
