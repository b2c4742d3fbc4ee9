"""The reference quotas of tiers and pools, and what is left of them on a given host with given settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from sutazai_policy.cgroups import Cgroup, PoolCgroups
from sutazai_policy.core_set import span
from sutazai_policy.host import Host
from sutazai_policy.settings import CgroupSettings, PoolSettings, SettingsError, TierSettings
from sutazai_policy.units import CORE, MIB

__all__ = ["Pool", "Quota", "pool_cgroups", "pools_of", "tier_quotas"]


@dataclass(frozen=True, slots=True)
class Quota:
    """What a tier's requests and limits may reach, in CPU units and bytes, and the cores that it has."""

    cpu: int
    memory: int
    cpu_limit: int
    memory_limit: int
    core_set: int | None


@dataclass(frozen=True, slots=True)
class _Reference:
    cpu: int
    memory_mib: int
    cpu_limit: int
    memory_limit_mib: int
    core_set: int


_TIERS = {
    "1": _Reference(6, 14336, 8, 16384, span(2, 8)),
    "2": _Reference(2, 4096, 4, 8192, span(8, 4)),
    "3": _Reference(2, 5120, 4, 5120, span(8, 4)),
}


@dataclass(frozen=True, slots=True)
class Pool:
    """What a pool's workloads may request together, and how many there may be; None is without end."""

    tier: str
    cpu: int
    memory: int
    within: str | None = None
    containers: int | None = None
    concurrency: int | None = None
    replicas: int | None = None


_POOLS = {
    "infrastructure": Pool("1", 6, 14336, containers=24, replicas=10),
    "agents": Pool("2", 4, 8192, containers=170, replicas=10),
    "ml": Pool("3", 2, 5120, containers=110, concurrency=1, replicas=10),
    "tools": Pool("3", 1, 2048, within="ml", containers=2, concurrency=2, replicas=10),
}


def pools_of(settings: Mapping[str, PoolSettings], host: Host) -> dict[str, Pool]:
    """Return every pool by name, in CPU units and bytes; raises SettingsError for one that can't be used."""
    pools = {name: _pool(name, settings.get(name, PoolSettings()), host) for name in sorted({*_POOLS, *settings})}
    for name, pool in pools.items():
        outer = pools.get(pool.within or "")
        if pool.within is not None and (outer is None or pool.within == name or outer.within is not None):
            raise SettingsError(f"pools.{name}.within: {pool.within} can't contain it: name an outermost pool")
    return pools


def _pool(name: str, given: PoolSettings, host: Host) -> Pool:
    reference = _POOLS.get(name)
    if reference is None:
        return _new_pool(name, given)
    return Pool(
        tier=given.tier or reference.tier,
        cpu=host.scale_cpu_limit(reference.cpu) if given.cpu is None else _cpu(given.cpu),
        memory=host.scale_memory(reference.memory) if given.memory is None else given.memory * MIB,
        within=given.within or reference.within,
        containers=reference.containers if given.containers is None else given.containers,
        concurrency=reference.concurrency if given.concurrency is None else given.concurrency,
        replicas=reference.replicas if given.replicas is None else given.replicas,
    )


def _new_pool(name: str, given: PoolSettings) -> Pool:
    if given.tier is None or given.cpu is None or given.memory is None:
        raise SettingsError(f"pools.{name}: not a reference pool, so give all of tier, cpu and memory")
    return Pool(
        given.tier,
        _cpu(given.cpu),
        given.memory * MIB,
        given.within,
        given.containers,
        given.concurrency,
        given.replicas,
    )


def tier_quotas(settings: Mapping[str, TierSettings], host: Host) -> dict[str, Quota]:
    """Return every tier's quota, by name; raises SettingsError for a new tier that isn't fully described."""
    names = sorted({*_TIERS, *settings})
    return {name: _quota(name, settings.get(name, TierSettings()), host) for name in names}


def _quota(name: str, given: TierSettings, host: Host) -> Quota:
    reference = _TIERS.get(name)
    if reference is None:
        return _new_tier(name, given)
    return Quota(
        cpu=host.scale_cpu_request(reference.cpu) if given.cpu is None else _cpu(given.cpu),
        memory=host.scale_memory(reference.memory_mib) if given.memory is None else given.memory * MIB,
        cpu_limit=host.scale_cpu_limit(reference.cpu_limit) if given.cpu_limit is None else _cpu(given.cpu_limit),
        memory_limit=host.scale_memory(reference.memory_limit_mib)
        if given.memory_limit is None
        else given.memory_limit * MIB,
        core_set=_core_set(given, reference, host),
    )


def _core_set(given: TierSettings, reference: _Reference, host: Host) -> int | None:
    """Only the reference layout is known by heart; on another host the planner derives one of its own."""
    if given.core_set is not None:
        return given.core_set
    return reference.core_set if host.is_reference else None


def _new_tier(name: str, given: TierSettings) -> Quota:
    if given.cpu is None or given.memory is None or given.cpu_limit is None or given.memory_limit is None:
        raise SettingsError(
            f"tiers.{name}: not a reference tier, so give all of cpu, memory, cpu_limit and memory_limit"
        )
    return Quota(
        _cpu(given.cpu), given.memory * MIB, _cpu(given.cpu_limit), given.memory_limit * MIB, given.core_set
    )


def _cpu(cores: float) -> int:
    return int(Fraction(str(cores)) * CORE)


def pool_cgroups(settings: Mapping[str, CgroupSettings | None], host: Host, stack: str | None) -> PoolCgroups:
    """Return the trusted cgroups; raises SettingsError for one that can't be used."""
    limits: dict[str, Cgroup] = {}
    for name in sorted({*_POOLS, *settings}):
        given = settings.get(name, CgroupSettings())
        if given is not None:
            limits[name] = _cgroup(name, given, host)
    for name, cgroup in limits.items():
        outer = limits.get(cgroup.within or "")
        if cgroup.within == name or (outer is not None and outer.within is not None):
            raise SettingsError(
                f"pool_cgroups.{name}.within: {cgroup.within} can't contain it: name an outermost pool"
            )
    return PoolCgroups(stack, limits, host.cgroups)


def _cgroup(name: str, given: CgroupSettings, host: Host) -> Cgroup:
    reference = _POOLS.get(name)
    within = given.within or (reference.within if reference else None)
    if given.memory is not None:
        return Cgroup(given.memory * MIB, within)
    if reference is None:
        raise SettingsError(f"pool_cgroups.{name}.memory: missing: give the cgroup's memory limit in MiB")
    return Cgroup(host.scale_memory(reference.memory), within)
