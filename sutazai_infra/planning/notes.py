"""What to know about a plan beyond its sums: who goes first, what is shared, what isn't guaranteed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise

from sutazai_infra.model.coreset import CoreSet
from sutazai_infra.model.plan import Scale
from sutazai_infra.planning.budgets import buffers
from sutazai_infra.planning.demand import Demand
from sutazai_infra.planning.ledger import Placed

__all__ = ["eviction_order", "notes"]

_SHOWN = 5


def eviction_order(placed: Placed) -> tuple[str, ...]:
    """Rank residents: the lowest priority first, then who may exceed its request by most."""
    ranked = sorted(placed.residents, key=_eviction_key)
    return tuple(demand.instance for demand in ranked)


def _eviction_key(demand: Demand) -> tuple[int, int, str]:
    return demand.service.priority.value_points, demand.memory - demand.memory_limit, demand.instance


def notes(placed: Placed, scale: Scale) -> tuple[str, ...]:
    """Say what the ledger's numbers alone don't."""
    return (
        *_scaled(scale),
        *_shared_cores(placed.groups),
        *_overcommitted(placed),
        *_preempted(placed),
        *_without_cgroups(placed),
    )


def _scaled(scale: Scale) -> Iterator[str]:
    if scale.cpu < 1 or scale.memory < 1:
        yield f"requests are scaled to fit this host: CPU x {scale.cpu}, memory x {scale.memory}"


def _shared_cores(groups: Mapping[str, CoreSet]) -> Iterator[str]:
    for first, second in pairwise(groups):
        shared = groups[first] & groups[second]
        if shared:
            yield f"core {shared} is shared by {first} and {second}: there are too few cores, so weights decide"


def _overcommitted(placed: Placed) -> Iterator[str]:
    for owner, sharers in buffers(placed.catalogue):
        members = [d for d in placed.residents if d.pool.name in sharers]
        total = sum(d.memory_limit for d in members)
        budget = placed.quotas.pool_memory[owner.name]
        if total > budget:
            first = [d.instance for d in sorted(members, key=_eviction_key)[:_SHOWN]]
            yield (
                f"pool {owner.name}: memory limits add up to {total} MiB of {budget} MiB; when all is used, "
                f"the first to go are {', '.join(first)}"
            )


def _preempted(placed: Placed) -> Iterator[str]:
    for pool in placed.catalogue.pools:
        jobs = [d for d in placed.demands if not d.resident and d.pool.name == pool.name]
        if not jobs:
            continue
        job = max(jobs, key=lambda d: (d.memory, d.instance))
        victims = _victims(job, placed)
        if victims:
            named = ", ".join(d.instance for d in victims[:_SHOWN])
            more = f" and {len(victims) - _SHOWN} more" if len(victims) > _SHOWN else ""
            yield f"starting {job.instance} ({job.memory} MiB) would preempt {len(victims)}: {named}{more}"


def _victims(job: Demand, placed: Placed) -> list[Demand]:
    owner = job.pool.shares_buffer_with or job.pool.name
    sharers = {pool.name: names for pool, names in buffers(placed.catalogue)}[owner]
    members = sorted((d for d in placed.residents if d.pool.name in sharers), key=_eviction_key)
    missing = job.memory + sum(d.memory for d in members) - placed.quotas.pool_memory[owner]
    victims: list[Demand] = []
    for demand in members:
        if missing <= 0:
            break
        victims.append(demand)
        missing -= demand.memory
    return victims


def _without_cgroups(placed: Placed) -> Iterator[str]:
    if not placed.host.pool_cgroups:
        yield (
            "without pool cgroups, weights act between single containers only: many low-priority containers can "
            "take CPU from a high-priority one, and no pool is held to its memory; run `sutazai host prepare`"
        )
