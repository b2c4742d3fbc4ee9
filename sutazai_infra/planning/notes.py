"""What to know about a plan beyond its sums: who goes first, what is shared, what isn't guaranteed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from sutazai_infra.model.coreset import CoreSet
from sutazai_infra.model.plan import Scale
from sutazai_infra.planning.budgets import buffers
from sutazai_infra.planning.demand import Demand
from sutazai_infra.planning.placed import Placed

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
        *_together(placed),
        *_unpinned(placed),
        *_expanded(placed),
        *_overcommitted(placed),
        *_preempted(placed),
        *_without_cgroups(placed),
    )


def _scaled(scale: Scale) -> Iterator[str]:
    if scale.cpu < 1 or scale.memory < 1:
        yield f"requests are scaled to fit this host: CPU x {scale.cpu}, memory x {scale.memory}"


def _shared_cores(groups: Mapping[str, CoreSet]) -> Iterator[str]:
    owners: dict[int, list[str]] = defaultdict(list)
    for name, cores in groups.items():
        for core in cores:
            owners[core].append(name)
    together: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for core, names in sorted(owners.items()):
        if len(names) > 1:
            together[tuple(names)].append(core)
    for sharers, shared in together.items():
        yield f"{_cores(CoreSet(shared))} shared by {_listed(sharers)}: there are too few, so weights decide"


def _together(placed: Placed) -> Iterator[str]:
    """Name members of a `separate` set that share a core all the same."""
    sets: dict[str, list[Demand]] = defaultdict(list)
    for demand in placed.residents:
        if demand.service.separate is not None:
            sets[demand.service.separate].append(demand)
    for name, members in sets.items():
        shared = [d.instance for d in members if _overlaps(d, members, placed.cores)]
        if shared:
            yield f"{name}: {_listed(shared)} share cores: there are too few to keep them apart"


def _overlaps(demand: Demand, members: Sequence[Demand], cores: Mapping[str, CoreSet]) -> bool:
    own = cores[demand.instance]
    return any(own & cores[other.instance] for other in members if other is not demand)


def _unpinned(placed: Placed) -> Iterator[str]:
    if not placed.arrangement.rules.pinned:
        yield "agents run on all cores of their pool: their requests don't fit on single cores"


def _expanded(placed: Placed) -> Iterator[str]:
    for pool in placed.basis.catalogue.pools:
        borrowed = placed.pools[pool.name].borrowed
        if pool.groups and borrowed:
            yield f"pool {pool.name} outgrew its own cores and borrows {borrowed}"


def _overcommitted(placed: Placed) -> Iterator[str]:
    for owner, sharers in buffers(placed.basis.catalogue):
        members = [d for d in placed.residents if d.pool.name in sharers]
        total = sum(d.memory_limit for d in members)
        budget = placed.basis.quotas.pool_memory[owner.name]
        if total > budget:
            first = [d.instance for d in sorted(members, key=_eviction_key)[:_SHOWN]]
            yield (
                f"pool {owner.name}: memory limits add up to {total} MiB of {budget} MiB; when all is used, "
                f"the first to go are {', '.join(first)}"
            )


def _preempted(placed: Placed) -> Iterator[str]:
    for pool in placed.basis.catalogue.pools:
        slots = [d for d in placed.demands if not d.resident and d.pool.name == pool.name]
        if not slots:
            continue
        slot = min(slots, key=lambda d: (-d.memory, d.instance))
        victims = _victims(slot, placed)
        if victims:
            named = ", ".join(d.instance for d in victims)
            yield f"starting {slot.instance} ({slot.memory} MiB) would preempt {len(victims)}: {named}"


def _victims(slot: Demand, placed: Placed) -> list[Demand]:
    """Rank who must go, in the order of eviction, until the slot fits into its pool's buffer."""
    owner = slot.pool.shares_buffer_with or slot.pool.name
    sharers = {pool.name: names for pool, names in buffers(placed.basis.catalogue)}[owner]
    members = sorted((d for d in placed.residents if d.pool.name in sharers), key=_eviction_key)
    missing = slot.memory + sum(d.memory for d in members) - placed.basis.quotas.pool_memory[owner]
    victims: list[Demand] = []
    for demand in members:
        if missing <= 0:
            break
        victims.append(demand)
        missing -= demand.memory
    return victims


def _without_cgroups(placed: Placed) -> Iterator[str]:
    if not placed.basis.host.pool_cgroups:
        yield (
            "without pool cgroups, weights act between single containers only: many low-priority containers can "
            "take CPU from a high-priority one, and no pool is held to its memory; run `sutazai host prepare`"
        )


def _cores(cores: CoreSet) -> str:
    return f"core {cores} is" if len(cores) == 1 else f"cores {cores} are"


def _listed(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}"
