"""Prepare the engine's host: the pool cgroups that hold each pool to its weight, memory, processes and cores.

Needs root and a local engine. Deliberately starts no container and kills none.
"""

from __future__ import annotations

from sutazai_infra.operations.hosts.diff import CgroupDiff, Change, HostDiff
from sutazai_infra.operations.hosts.layout import CgroupLayout, HostError, detect_layout, require_local_engine
from sutazai_infra.operations.hosts.overhead import Overhead, shim_overhead
from sutazai_infra.operations.hosts.prepare import (
    container_names,
    host_diff,
    pool_cgroups_present,
    prepare,
    undo,
    undo_diff,
)

__all__ = [
    "CgroupDiff",
    "CgroupLayout",
    "Change",
    "HostDiff",
    "HostError",
    "Overhead",
    "container_names",
    "detect_layout",
    "host_diff",
    "pool_cgroups_present",
    "prepare",
    "require_local_engine",
    "shim_overhead",
    "undo",
    "undo_diff",
]
