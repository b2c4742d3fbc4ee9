"""Pool cgroups as systemd slices, for the systemd driver: unit files, which outlive a reboot.

A slice's dashes nest it: `sutazai-dev-web.slice` sits in `sutazai-dev.slice`, and that in `sutazai.slice`;
systemd makes those two by itself, without limits. A rewritten unit takes effect with `daemon-reload`.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from sutazai_infra.model.cgroup import PoolCgroup
from sutazai_infra.operations.hosts.cgroupfs import host_cpuset, reclaimed
from sutazai_infra.operations.hosts.diff import CgroupDiff, Change, HostDiff, Write
from sutazai_infra.operations.hosts.effects import carry_out
from sutazai_infra.operations.hosts.guards import require_controllers, require_memory
from sutazai_infra.operations.hosts.layout import CgroupLayout, HostError
from sutazai_infra.operations.hosts.removal import require_empty
from sutazai_infra.operations.hosts.units import (
    require_same_stack,
    slice_path,
    unit_glob,
    unit_text,
    unit_values,
    values_in,
)
from sutazai_infra.operations.hosts.usage import Usage
from sutazai_infra.operations.hosts.wanted import one_stack, require_cores

__all__ = ["Systemctl", "apply_units", "remove_units", "systemctl", "systemd_diff", "systemd_undo_diff"]

Systemctl = Callable[[Sequence[str]], None]

_NOTES = {
    "v1": "AllowedCPUs acts on cgroup v2 only: on this host each container's own core set holds",
    "v2": "these slices outlive a reboot",
}
_MIB = 1024 * 1024
_TIMEOUT_S = 60


def systemctl(arguments: Sequence[str]) -> None:
    """Run systemctl; raises `HostError` with what it said."""
    command = ["systemctl", "--no-ask-password", *arguments]
    try:
        # Fixed words and slice names of ours, whose characters the model holds: nothing to inject.
        subprocess.run(command, check=True, capture_output=True, text=True, timeout=_TIMEOUT_S)  # noqa: S603
    except (OSError, subprocess.SubprocessError) as error:
        said = getattr(error, "stderr", None) or str(error)
        raise HostError(
            f"host: `{' '.join(command)}` failed ({said.strip()}): mend that, then prepare again"
        ) from error


def systemd_diff(layout: CgroupLayout, cgroups: Sequence[PoolCgroup], usage: Usage) -> HostDiff:
    """Compare the units with what they should be; raises `HostError` for what can't be had without harm."""
    one_stack(cgroups)
    require_controllers(layout, usage)
    require_cores(cgroups, host_cpuset(layout, usage)[0])
    return HostDiff(tuple(_slice_diff(layout, c, usage) for c in cgroups), note=_NOTES[layout.version])


def _slice_diff(layout: CgroupLayout, cgroup: PoolCgroup, usage: Usage) -> CgroupDiff:
    name, wanted = cgroup.parent(systemd=True), unit_values(cgroup)
    text = usage.kernel.read(layout.unit_dir / name)
    if text is None:
        return CgroupDiff(name, "created", tuple(Change(key, None, value) for key, value in wanted.items()))
    require_same_stack(name, text, cgroup.stack)
    directory, limit = layout.directory("memory", slice_path(name)), cgroup.memory_mib * _MIB
    require_memory(f"pool {cgroup.pool}", directory, limit, usage)
    current = values_in(text)
    changes = [Change(key, current.get(key), value) for key, value in wanted.items() if current.get(key) != value]
    live = usage.kernel.read(_limit_file(layout, name))
    if not changes and live not in (None, str(limit)):
        # The unit is right but systemd hasn't read it, or somebody set the running slice by hand.
        changes.append(Change(_limit_file(layout, name).name, live, str(limit)))
    return CgroupDiff(name, "changed" if changes else "unchanged", tuple(changes))


def _limit_file(layout: CgroupLayout, name: str) -> Path:
    file = "memory.max" if layout.version == "v2" else "memory.limit_in_bytes"
    return layout.directory("memory", slice_path(name)) / file


def apply_units(
    layout: CgroupLayout, cgroups: Sequence[PoolCgroup], diff: HostDiff, usage: Usage, run: Systemctl
) -> None:
    """Write what changed, reload once and start what is new; puts the files back when systemd refuses."""
    kinds = {slice_diff.name: slice_diff.kind for slice_diff in diff.cgroups}
    changed = [cgroup for cgroup in cgroups if kinds[cgroup.parent(systemd=True)] != "unchanged"]
    squeezed = _squeeze(layout, changed, usage)
    units = {layout.unit_dir / cgroup.parent(systemd=True): unit_text(cgroup) for cgroup in changed}
    before = {path: path.read_text() if path.exists() else None for path in units}
    try:
        _install(units)
        run(["daemon-reload"])
        run(["start", *(path.name for path in units)])
    except (OSError, HostError):
        _install(before)
        run(["daemon-reload"])
        raise
    finally:
        carry_out([Write(path, "max", optional=True) for path in squeezed], usage.kernel)


def _squeeze(layout: CgroupLayout, cgroups: Iterable[PoolCgroup], usage: Usage) -> list[Path]:
    """Reclaim on v2 down to each new limit, where a slice already runs: systemd's own write would kill."""
    squeezed = []
    for cgroup in cgroups:
        file = _limit_file(layout, cgroup.parent(systemd=True))
        if layout.version == "v2" and file.exists():
            carry_out(reclaimed(file.parent, cgroup.memory_mib * _MIB), usage.kernel)
            squeezed.append(file.with_name("memory.high"))
    return squeezed


def _install(units: dict[Path, str | None] | dict[Path, str]) -> None:
    for path, text in units.items():
        if text is None:
            path.unlink(missing_ok=True)
            continue
        draft = path.with_suffix(".slice.new")
        draft.write_text(text)
        draft.replace(path)


def systemd_undo_diff(layout: CgroupLayout, stack: str, usage: Usage) -> HostDiff:
    """Return the slices that undoing removes, innermost first; raises `HostError` while any is in use."""
    own = sorted(path.name for path in layout.unit_dir.glob(unit_glob(stack)))
    for name in own:
        require_same_stack(name, (layout.unit_dir / name).read_text(), stack)
    parent = f"sutazai-{stack.replace('-', '_')}.slice"
    require_empty(stack, usage.members(slice_path(parent)))
    names = [*own, parent] if own else []
    others = {path.name for path in layout.unit_dir.glob("sutazai-*-*.slice")} - set(own)
    # Stopping a slice stops all in it, also what an unprepared stack runs there.
    if names and not others and not usage.members("/sutazai.slice"):
        names.append("sutazai.slice")
    return HostDiff(tuple(CgroupDiff(name, "removed") for name in names))


def remove_units(layout: CgroupLayout, diff: HostDiff, run: Systemctl) -> None:
    """Stop the slices of an undo's diff, remove their files and have systemd forget them."""
    if not diff.cgroups:
        return
    run(["stop", *(cgroup.name for cgroup in diff.cgroups)])
    for cgroup in diff.cgroups:
        (layout.unit_dir / cgroup.name).unlink(missing_ok=True)
    run(["daemon-reload"])
