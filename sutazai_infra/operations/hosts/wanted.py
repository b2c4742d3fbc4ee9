"""The control files that a stack's pool cgroups should have: pure, from pools to values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sutazai_infra.model.cgroup import PoolCgroup
from sutazai_infra.model.coreset import CoreSet
from sutazai_infra.operations.hosts.layout import HostError

__all__ = [
    "CONTROLLERS",
    "ROOT",
    "Setting",
    "WantedCgroup",
    "cpu_shares",
    "one_stack",
    "require_cores",
    "wanted_cgroups",
]

CONTROLLERS = ("cpuset", "cpu", "memory", "pids")
ROOT = "/sutazai"
_MIB = 1024 * 1024
# What the kernel makes of fewer.
_FEWEST_SHARES = 2


@dataclass(frozen=True)
class Setting:
    """One control file; an optional one is left out where the kernel doesn't have it."""

    controller: str
    file: str
    value: str
    optional: bool = False

    def holds(self, current: str | None) -> bool:
        """Whether a current text already means this value."""
        if current is None:
            return False
        if self.file == "cgroup.subtree_control":
            return {word.lstrip("+") for word in self.value.split()} <= set(current.split())
        if self.file == "cpuset.cpus":
            return bool(current) and CoreSet.parse(current) == CoreSet.parse(self.value)
        return current == self.value


@dataclass(frozen=True)
class WantedCgroup:
    """One cgroup by its path below the mount, top-down in a sequence; `pool` is None for the parents."""

    path: str
    settings: tuple[Setting, ...]
    pool: str | None = None


def cpu_shares(weight: int) -> int:
    """Convert a v2 weight (100 is usual) to v1 shares (1024 is usual)."""
    return max(_FEWEST_SHARES, (weight * 1024 + 50) // 100)


def one_stack(cgroups: Sequence[PoolCgroup]) -> str:
    """Return the stack that all of `cgroups` belong to; raises `HostError` for none, several or doubles."""
    stacks = sorted({cgroup.stack for cgroup in cgroups})
    if len(stacks) != 1:
        named = ", ".join(stacks) or "no pool"
        raise HostError(f"host: pool cgroups of {named} given: prepare the pools of exactly one stack")
    pools = [cgroup.pool for cgroup in cgroups]
    for pool in pools:
        if pools.count(pool) > 1:
            raise HostError(f"host: pool {pool} is given {pools.count(pool)} times: give it once")
    return stacks[0]


def wanted_cgroups(
    version: str, cgroups: Sequence[PoolCgroup], host_cores: CoreSet, host_nodes: str
) -> tuple[WantedCgroup, ...]:
    """Return what there should be, parents first; raises `HostError` for cores that the host lacks."""
    stack = one_stack(cgroups)
    require_cores(cgroups, host_cores)
    parent = _v1_parent(host_cores, host_nodes) if version == "v1" else _V2_PARENT
    pool = _v1_pool if version == "v1" else _v2_pool
    above = ("/", ROOT, f"{ROOT}/{stack}")[version == "v1" :]
    parents = (WantedCgroup(path, parent) for path in above)
    pools = (WantedCgroup(c.parent(systemd=False), (*pool(c, host_nodes),), c.pool) for c in cgroups)
    return (*parents, *pools)


def require_cores(cgroups: Iterable[PoolCgroup], host_cores: CoreSet) -> None:
    """Refuse pools without cores, or with cores that the host lacks."""
    for cgroup in cgroups:
        if not cgroup.core_set:
            raise HostError(f"pool {cgroup.pool}: its core set is empty: give it at least one core")
        outside = cgroup.core_set - host_cores
        if outside:
            raise HostError(
                f"pool {cgroup.pool}: wants cores {cgroup.core_set}, of which {outside} are not online on this "
                f"host ({host_cores}): bring them online, or let the plan detect the host"
            )


def _v1_parent(host_cores: CoreSet, host_nodes: str) -> tuple[Setting, ...]:
    return (
        Setting("cpuset", "cpuset.mems", host_nodes),
        Setting("cpuset", "cpuset.cpus", str(host_cores)),
        Setting("memory", "memory.use_hierarchy", "1", optional=True),
    )


def _v1_pool(cgroup: PoolCgroup, host_nodes: str) -> Iterator[Setting]:
    limit = str(cgroup.memory_mib * _MIB)
    yield Setting("cpuset", "cpuset.mems", host_nodes)
    yield Setting("cpuset", "cpuset.cpus", str(cgroup.core_set))
    yield Setting("cpu", "cpu.shares", str(cpu_shares(cgroup.weight)))
    yield Setting("memory", "memory.limit_in_bytes", limit)
    yield Setting("memory", "memory.memsw.limit_in_bytes", limit, optional=True)
    yield Setting("pids", "pids.max", str(cgroup.pids))


_V2_PARENT = (Setting("", "cgroup.subtree_control", " ".join(f"+{name}" for name in CONTROLLERS)),)


def _v2_pool(cgroup: PoolCgroup, _host_nodes: str) -> Iterator[Setting]:
    yield Setting("cpuset", "cpuset.cpus", str(cgroup.core_set))
    yield Setting("cpu", "cpu.weight", str(cgroup.weight))
    yield Setting("memory", "memory.max", str(cgroup.memory_mib * _MIB))
    yield Setting("memory", "memory.swap.max", "0", optional=True)
    # A run that was killed while it lowered the limit leaves this brake on.
    yield Setting("memory", "memory.high", "max", optional=True)
    yield Setting("pids", "pids.max", str(cgroup.pids))
