"""The slice units of a stack's pools: pure, from pools to unit files and back."""

from __future__ import annotations

import re
from collections.abc import Mapping

from sutazai_infra.model.cgroup import PoolCgroup
from sutazai_infra.operations.hosts.layout import HostError

__all__ = ["require_same_stack", "slice_path", "unit_glob", "unit_text", "unit_values", "values_in"]

_UNIT = """\
# Written by `sutazai host prepare`, removed by `sutazai host prepare --undo`.
[Unit]
Description=sutazai stack {stack}, pool {pool}

[Slice]
{values}
"""
_DESCRIPTION = re.compile(r"^Description=sutazai stack (\S+), pool \S+$", re.MULTILINE)
_VALUE = re.compile(r"^([A-Za-z]+)=(.*)$", re.MULTILINE)


def slice_path(name: str) -> str:
    """Return the cgroup of a slice: `a-b.slice` is `/a.slice/a-b.slice`."""
    parts = name.removesuffix(".slice").split("-")
    return "".join(f"/{'-'.join(parts[: count + 1])}.slice" for count in range(len(parts)))


def unit_glob(stack: str) -> str:
    """Return the pattern of the unit files of a stack's pools."""
    return f"sutazai-{stack.replace('-', '_')}-*.slice"


def unit_values(cgroup: PoolCgroup) -> dict[str, str]:
    """Return a pool's settings as a slice unit writes them."""
    return {
        "CPUWeight": str(cgroup.weight),
        "MemoryMax": f"{cgroup.memory_mib}M",
        "MemorySwapMax": "0",
        "TasksMax": str(cgroup.pids),
        "AllowedCPUs": str(cgroup.core_set),
    }


def unit_text(cgroup: PoolCgroup) -> str:
    """Return the unit file of a pool's slice."""
    values = "\n".join(f"{key}={value}" for key, value in unit_values(cgroup).items())
    return _UNIT.format(stack=cgroup.stack, pool=cgroup.pool, values=values)


def values_in(text: str) -> Mapping[str, str]:
    """Return the keys of a unit file."""
    return dict(_VALUE.findall(text))


def require_same_stack(name: str, text: str, stack: str) -> None:
    """Refuse a slice of another stack: systemd leaves `a-b` and `a_b` one name between them."""
    owner = _DESCRIPTION.search(text)
    if owner is None or owner[1] != stack:
        whose = f"stack {owner[1]}'s" if owner else "not made by `sutazai host prepare`"
        raise HostError(f"stack {stack}: its slice {name} is {whose}: rename one of the two")
