"""The pool cgroups: where a pool's containers sit, and what the kernel holds them to together."""

from __future__ import annotations

from pydantic import Field

from sutazai_infra.model.base import Frozen
from sutazai_infra.model.coreset import CoreSet

__all__ = ["PoolCgroup"]


class PoolCgroup(Frozen):
    """One pool's cgroup. `weight` counts as cgroup v2 does (1-10000, 100 is usual); memory in MiB."""

    stack: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")
    pool: str = Field(pattern=r"^[a-z0-9]+$")
    weight: int = Field(ge=1, le=10000)
    memory_mib: int = Field(ge=6)
    pids: int = Field(ge=1)
    core_set: CoreSet

    def parent(self, *, systemd: bool) -> str:
        """Write the `cgroup_parent` that Docker wants: a path with cgroupfs, a slice under systemd.

        A dash nests slices in systemd, so it is written as `_` inside a stack's name.
        """
        if systemd:
            return f"sutazai-{self.stack.replace('-', '_')}-{self.pool}.slice"
        return f"/sutazai/{self.stack}/{self.pool}"
