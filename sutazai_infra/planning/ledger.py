"""The plan's sums against every budget, and the one sentence that each broken one deserves."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from sutazai_infra.model.catalogue import Catalogue, Link
from sutazai_infra.model.coreset import CoreSet
from sutazai_infra.model.host import Host
from sutazai_infra.model.plan import LedgerLine, ProbePeak
from sutazai_infra.model.quantities import format_cores
from sutazai_infra.model.settings import Settings
from sutazai_infra.planning.budgets import Charge, buffers, request_budgets
from sutazai_infra.planning.demand import Demand
from sutazai_infra.planning.feasibility import Shortfall, shortfall
from sutazai_infra.planning.links import active_links
from sutazai_infra.planning.placement import PoolCores
from sutazai_infra.planning.quotas import Quotas
from sutazai_infra.planning.schedule import LEAST_ALLOWED

__all__ = ["CONTAINER_OVERHEAD_MIB", "Entry", "Placed", "entries"]

CONTAINER_OVERHEAD_MIB = 8
_SHOWN_CULPRITS = 5


@dataclass(frozen=True)
class Placed:
    """What the ledger is about: who runs, and on which cores."""

    catalogue: Catalogue
    host: Host
    settings: Settings
    quotas: Quotas
    demands: Sequence[Demand]
    cores: Mapping[str, CoreSet]
    groups: Mapping[str, CoreSet]
    pools: Mapping[str, PoolCores]

    @cached_property
    def residents(self) -> list[Demand]:
        """Everything that takes of the budget now."""
        return [demand for demand in self.demands if demand.resident]

    @cached_property
    def present(self) -> frozenset[str]:
        """Names of the resident services."""
        return frozenset(demand.service.name for demand in self.residents)

    @cached_property
    def links(self) -> tuple[Link, ...]:
        """The catalogue's links that have somebody at both ends."""
        pools = {demand.pool.name for demand in self.residents}
        return active_links(self.catalogue, self.present, pools)


@dataclass(frozen=True, slots=True)
class Entry:
    """A line, and the refusal that it becomes when it doesn't hold."""

    line: LedgerLine
    refusal: str


def entries(placed: Placed, peak: ProbePeak) -> list[Entry]:
    """Check every budget; all broken ones are found, not just the first."""
    return [
        *_requests(placed),
        *_memory_limits(placed),
        *_cpu_limits(placed),
        *_cores(placed),
        *_slots(placed),
        _overhead(placed),
        _probes(peak, placed.settings),
    ]


def _requests(placed: Placed) -> Iterator[Entry]:
    for budget in request_budgets(placed.demands, placed.catalogue, placed.host, placed.quotas):
        if budget.dimension == "cpu":
            yield _cpu_entry(budget.scope, "cpu requests", budget.charges, budget.limit, budget.way_out)
        else:
            yield _memory_entry(budget.scope, "memory requests", budget.charges, budget.limit, budget.way_out)


def _memory_limits(placed: Placed) -> Iterator[Entry]:
    """Limits may exceed a budget where the kernel holds the pool (its cgroup), or by the stack's overcommit."""
    ceilings: list[Charge] = []
    for owner, sharers in buffers(placed.catalogue):
        members = [d for d in placed.residents if d.pool.name in sharers]
        charges = [Charge(d.instance, d.memory_limit) for d in members]
        ceiling, note = _held(sum(c.amount for c in charges), placed.quotas.pool_memory[owner.name], placed.host)
        ceilings.append(Charge(f"pool {owner.name}", ceiling))
        limit = int(placed.quotas.pool_memory[owner.name] * placed.settings.overcommit)
        scope = f"pool {' + '.join(sharers)}"
        yield _memory_entry(scope, "memory limits", charges, limit, _LIMIT_WAY_OUT, used=ceiling, note=note)
    for tier in placed.catalogue.tiers:
        yield _tier_memory_limit(placed, tier.number)
    limit = int(placed.quotas.share_memory * placed.settings.overcommit)
    yield _memory_entry("stack", "memory limits", ceilings, limit, _LIMIT_WAY_OUT)


def _tier_memory_limit(placed: Placed, tier: int) -> Entry:
    members = [d for d in placed.residents if d.pool.tier == tier]
    charges = [Charge(d.instance, d.memory_limit) for d in members]
    total = sum(c.amount for c in charges)
    held = sum(
        min(sum(d.memory_limit for d in members if d.pool.name in sharers), placed.quotas.pool_memory[owner.name])
        for owner, sharers in buffers(placed.catalogue)
    )
    used, note = _held(total, held, placed.host)
    limit = int(placed.quotas.tiers[tier].limit_memory * placed.settings.overcommit)
    return _memory_entry(f"tier {tier}", "memory limits", charges, limit, _LIMIT_WAY_OUT, used=used, note=note)


def _held(total: int, ceiling: int, host: Host) -> tuple[int, str]:
    if host.pool_cgroups and total > ceiling:
        return ceiling, f"limits add up to {total} MiB; the pool cgroup holds them to {ceiling} MiB"
    return total, ""


_LIMIT_WAY_OUT = "lower a limit, set pool_cgroups (the kernel then holds the pool), or raise overcommit"


def _cpu_limits(placed: Placed) -> Iterator[Entry]:
    """A tier's CPU ceiling: its summed limits, but never more than the distinct cores that it may run on."""
    for tier in placed.catalogue.tiers:
        members = [d for d in placed.residents if d.pool.tier == tier.number]
        charges = [Charge(d.instance, d.cpu_limit) for d in members]
        distinct = {core for d in members for core in placed.cores[d.instance]}
        total = sum(c.amount for c in charges)
        used = min(total, 1000 * len(distinct))
        note = (
            ""
            if used == total
            else f"limits add up to {format_cores(total)} cores on {len(distinct)} distinct ones"
        )
        way_out = f"lower a limit, or raise tiers.{tier.number}.limit_cpu"
        quota = placed.quotas.tiers[tier.number].limit_cpu
        yield _cpu_entry(f"tier {tier.number}", "cpu limits", charges, quota, way_out, used=used, note=note)


def _cores(placed: Placed) -> Iterator[Entry]:
    """Requests confined to a group's cores, and the flow over all core sets, which alone can't lie."""
    for name, cores in placed.groups.items():
        confined = [Charge(d.instance, d.cpu) for d in placed.residents if placed.cores[d.instance] <= cores]
        yield _cpu_entry(f"cores {cores} ({name})", "cpu requests", confined, 1000 * len(cores), _CORES_WAY_OUT)
    found = shortfall((placed.cores[d.instance], d.cpu) for d in placed.residents)
    yield _flow_entry(placed, found)


_CORES_WAY_OUT = "lower a request, or use a host with more cores"


def _flow_entry(placed: Placed, found: Shortfall | None) -> Entry:
    if found is None:
        total = sum(d.cpu for d in placed.residents)
        cores = CoreSet(core for d in placed.residents for core in placed.cores[d.instance])
        return _cpu_entry("cores all (flow)", "cpu requests", [Charge("all", total)], 1000 * len(cores), "")
    confined = [Charge(d.instance, d.cpu) for d in placed.residents if placed.cores[d.instance] <= found.cores]
    scope = f"cores {found.cores} (flow)"
    return _cpu_entry(scope, "cpu requests", confined, found.available, _CORES_WAY_OUT)


def _slots(placed: Placed) -> Iterator[Entry]:
    """A slot takes nothing until it is started; but the largest that may start at a time must fit its pool."""
    for pool in placed.catalogue.pools:
        slots = [d for d in placed.demands if not d.resident and d.pool.name == pool.name]
        if not slots:
            continue
        largest = sorted(slots, key=lambda d: (-d.memory, d.instance))[: pool.concurrency or 1]
        charges = [Charge(d.instance, d.memory) for d in largest]
        way_out = f"lower a request, or pools/{pool.name}/concurrency in the catalogue"
        limit = placed.quotas.pool_memory[pool.name]
        note = f"{len(slots)} slots, {pool.concurrency or 1} at a time"
        yield _memory_entry(f"slots {pool.name}", "memory requests", charges, limit, way_out, note=note)


def _overhead(placed: Placed) -> Entry:
    """Each container's shim and probes live outside its cgroup, on the system's account."""
    count = len(placed.residents)
    charges = [Charge(f"{count} containers x {CONTAINER_OVERHEAD_MIB} MiB", count * CONTAINER_OVERHEAD_MIB)]
    limit = placed.host.system_mib
    return _memory_entry("system", "container overhead", charges, limit, "run fewer containers")


def _probes(peak: ProbePeak, settings: Settings) -> Entry:
    held = peak.probes <= peak.allowed
    line = LedgerLine(
        scope="probes",
        dimension="per second",
        unit="count",
        used=peak.probes,
        limit=peak.allowed,
        held=held,
        note=f"{peak.services} probed; at most {settings.probe_share:.0%} of them, or {LEAST_ALLOWED}, in any second",
    )
    refusal = (
        f"probes per second {peak.probes} of {peak.allowed} ({peak.services} probed services): "
        "raise probe_interval_max or probe_share"
    )
    return Entry(line, refusal)


def _cpu_entry(
    scope: str,
    dimension: str,
    charges: Sequence[Charge],
    limit: int,
    way_out: str,
    *,
    used: int | None = None,
    note: str = "",
) -> Entry:
    amount = sum(c.amount for c in charges) if used is None else used
    line = LedgerLine(
        scope=scope,
        dimension=dimension,
        unit="cores",
        used=amount / 1000,
        limit=limit / 1000,
        held=amount <= limit,
        note=note,
    )
    culprits = _culprits(charges, format_cores)
    refusal = f"{scope} {dimension} {format_cores(amount)} of {format_cores(limit)} cores ({culprits}): {way_out}"
    return Entry(line, refusal)


def _memory_entry(
    scope: str,
    dimension: str,
    charges: Sequence[Charge],
    limit: int,
    way_out: str,
    *,
    used: int | None = None,
    note: str = "",
) -> Entry:
    amount = sum(c.amount for c in charges) if used is None else used
    line = LedgerLine(
        scope=scope, dimension=dimension, unit="MiB", used=amount, limit=limit, held=amount <= limit, note=note
    )
    refusal = f"{scope} {dimension} {amount} MiB of {limit} MiB ({_culprits(charges, str)}): {way_out}"
    return Entry(line, refusal)


def _culprits(charges: Iterable[Charge], written: Callable[[int], str]) -> str:
    ranked = sorted((c for c in charges if c.amount), key=lambda c: (-c.amount, c.name))
    shown = [f"{c.name} {written(c.amount)}" for c in ranked[:_SHOWN_CULPRITS]]
    rest = ranked[_SHOWN_CULPRITS:]
    if rest:
        shown.append(f"{len(rest)} more {written(sum(c.amount for c in rest))}")
    return ", ".join(shown)
