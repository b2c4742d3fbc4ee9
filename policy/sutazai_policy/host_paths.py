"""How mounts and volumes name paths of the host: which ones a stack names, or why that can't be told.

A bind says its path plainly. A volume that Docker's own driver makes hides one in its options, on a mount as well
as on a `docker.Volume`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sutazai_policy import reading
from sutazai_policy.facts import VOLUME, Facts, Workload
from sutazai_policy.parts import Mount, shown
from sutazai_policy.paths import host_path
from sutazai_policy.reading import Reading

__all__ = ["HostPath", "host_paths", "mount_flags"]

_VOLUME_NAME = re.compile(r"[A-Za-z0-9][\w.-]*", re.ASCII)

_MISSING: Reading[str] = Reading(problem="is missing: give the mount a source, or the type volume")
_LOCAL_OPTIONS = ("type", "o", "device")
_BINDS = frozenset({"bind", "rbind"})
# What a device is called that is another machine's share, such as `server:/export` or `//server/share`.
_SHARES = dict.fromkeys(("nfs", "nfs4"), re.compile(r"[^/]*:/")) | dict.fromkeys(
    ("cifs", "smb3"), re.compile("//")
)
_LAYERS = ("lowerdir", "datadir", "upperdir", "workdir")
# File systems that are the host's own whatever the device is called, by their place there.
_KERNEL = {
    "bpf": "/sys/fs/bpf",
    "cgroup": "/sys/fs/cgroup",
    "cgroup2": "/sys/fs/cgroup",
    "debugfs": "/sys/kernel/debug",
    "devpts": "/dev/pts",
    "devtmpfs": "/dev",
    "proc": "/proc",
    "sysfs": "/sys",
    "tracefs": "/sys/kernel/tracing",
}

_Found = tuple[str, Reading[str], bool]


@dataclass(frozen=True, slots=True)
class HostPath:
    """A path that a resource names, as it is written; `what` says in a sentence where, as in "host path"."""

    name: str
    urn: str
    what: str
    written: Reading[str]
    read_only: bool

    @property
    def path(self) -> Reading[str]:
        """The path that is meant."""
        return self.written.then(host_path)

    @property
    def shown(self) -> str:
        """The path as a message may name it, after "host path"."""
        if self.written.secret:
            return "that is a secret"
        written, meant = str(self.written.value), str(self.path.value)
        return shown(written) if written == meant else f"{shown(written)} ({shown(meant)})"


def host_paths(facts: Facts) -> Iterator[HostPath]:
    """Return the paths that workloads and volumes name, and what of them may be one but can't be read."""
    for one in facts.workloads:
        yield from (HostPath(one.name, one.urn, *found) for found in _of_workload(one))
    for volume in facts.of_type(VOLUME):
        options = reading.table(volume.properties, "driverOpts")
        yield from (HostPath(volume.name, volume.urn, *found) for found in _of_options(options))


def _of_workload(one: Workload) -> Iterator[_Found]:
    mounts = one.mounts
    if mounts.problem is not None:
        yield "list of mounts", Reading(problem=mounts.problem), False
    for given in mounts.value or ():
        yield from _of_mount(given)


def _of_mount(given: Reading[Mount]) -> Iterator[_Found]:
    mount = given.value
    if mount is None:
        yield "mount", Reading(problem=given.problem or "is null: leave it out"), False
        return
    if mount.kind == "bind":
        yield "host path", _MISSING if mount.source.absent else mount.source, mount.read_only
    elif mount.kind == "volume" and _VOLUME_NAME.fullmatch(mount.source.value or "") is None:
        yield "volume name", mount.source, mount.read_only
    for what, path, read_only in _of_options(mount.driver_options):
        yield what, path, read_only or mount.read_only


def _of_options(options: Reading[Mapping[str, Reading[str]]]) -> Iterator[_Found]:
    """Return the paths in a volume's options: a bind, layers, a device, or what another driver takes."""
    if options.problem is not None:
        yield "group of driver options", Reading(problem=options.problem), False
    found = options.value or {}
    for one in found.values():
        if one.problem is not None:
            yield "driver option", one, False
    given = {key: one.value or "" for key, one in found.items()}
    secret = any(one.secret for one in found.values())
    flags = mount_flags(given.get("o", ""))
    read_only = "ro" in flags and "rw" not in flags
    for path in _paths(given, flags):
        yield "driver option", Reading(path, secret=secret), read_only


def mount_flags(options: str) -> frozenset[str]:
    """Return the single options of a volume's `o`."""
    return frozenset(one.strip().lower() for one in options.split(","))


def _paths(given: Mapping[str, str], flags: frozenset[str]) -> Iterator[str]:
    kind, device = given.get("type", ""), given.get("device")
    layers = tuple(_layers(given.get("o", ""), overlay=kind == "overlay"))
    yield from layers
    yield from (value for key, value in given.items() if key not in _LOCAL_OPTIONS and value.startswith("/"))
    # With the flag `bind` the kernel takes no notice of the type.
    if flags & _BINDS:
        yield device or ""
    elif device and kind != "tmpfs" and not (kind == "overlay" and layers) and not _is_share(kind, device):
        yield _KERNEL.get(kind, device)


def _layers(options: str, *, overlay: bool) -> Iterator[str]:
    """Return the paths in options such as `lowerdir=/etc:/usr`."""
    for option in options.split(","):
        key, _, value = option.strip().partition("=")
        if value.startswith("/") or (overlay and key.startswith(_LAYERS)):
            yield from (path for path in value.split(":") if path)


def _is_share(kind: str, device: str) -> bool:
    return kind in _SHARES and _SHARES[kind].match(device) is not None
