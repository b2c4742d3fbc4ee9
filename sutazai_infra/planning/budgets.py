"""The budgets: who is charged to which. Fitting and the ledger read the same lists."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from sutazai_infra.model.catalogue import Catalogue, Pool
from sutazai_infra.model.host import Host
from sutazai_infra.model.service import Kind
from sutazai_infra.planning.demand import Demand
from sutazai_infra.planning.quotas import Basis, Quotas

__all__ = ["Budget", "Ceiling", "Charge", "Dimension", "buffers", "charge", "memory_ceilings", "request_budgets"]

Dimension = Literal["cpu", "memory"]


@dataclass(frozen=True, slots=True)
class Charge:
    """Who takes how much of a budget: millicores or MiB. Charges of one `family` may be named together."""

    name: str
    amount: int
    family: str = ""


@dataclass(frozen=True, slots=True)
class Budget:
    """A limit on the requests of some replicas, with the way out of exceeding it."""

    scope: str
    dimension: Dimension
    limit: int
    charges: tuple[Charge, ...]
    way_out: str

    @property
    def used(self) -> int:
        """The sum of all charges."""
        return sum(charge.amount for charge in self.charges)


@dataclass(frozen=True, slots=True)
class Ceiling:
    """What the memory limits of some pools may reach together."""

    scope: str
    pools: frozenset[str]
    limit: int


def charge(demand: Demand, amount: int) -> Charge:
    """Charge a replica; agents are named together, and so are the replicas of one service."""
    return Charge(demand.instance, amount, "agents" if demand.service.kind is Kind.AGENT else demand.service.name)


def request_budgets(demands: Sequence[Demand], basis: Basis) -> Iterator[Budget]:
    """List every budget on requests: the host's, each tier's, and each pool's memory."""
    residents = [demand for demand in demands if demand.resident]
    yield from _host_budgets(residents, basis.host, basis.quotas)
    for tier in basis.catalogue.tiers:
        cpu, memory = _charges(demand for demand in residents if demand.pool.tier == tier.number)
        quota, scope = basis.quotas.tiers[tier.number], f"tier {tier.number}"
        way_out = f"lower a request, or raise tiers.{tier.number}.request_"
        yield Budget(scope, "cpu", quota.request_cpu, cpu, f"{way_out}cpu")
        yield Budget(scope, "memory", quota.request_memory, memory, f"{way_out}memory")
    for scope, pools, limit in _pool_scopes(basis):
        _, memory = _charges(demand for demand in residents if demand.pool.name in pools)
        way_out = f"lower a request, or raise pools/{pools[0]}/memory in the catalogue"
        yield Budget(scope, "memory", limit, memory, way_out)


def _host_budgets(residents: Sequence[Demand], host: Host, quotas: Quotas) -> Iterator[Budget]:
    """Containers of others count against the whole host, not against this stack's share of it."""
    cpu, memory = _charges(residents)
    foreign_cpu = tuple(Charge(f"{f.name} (foreign)", f.cpu) for f in host.foreign)
    foreign_memory = tuple(Charge(f"{f.name} (foreign)", f.memory_mib) for f in host.foreign)
    more = "stop what is foreign" if host.foreign else f"{'declare' if host.declared else 'use'} a larger host"
    way_out = f"lower a request, disable a service, or {more}"
    yield Budget("host", "cpu", quotas.host_cpu, cpu + foreign_cpu, way_out)
    yield Budget("host", "memory", quotas.host_memory, memory + foreign_memory, way_out)
    if quotas.shared:
        way_out = "lower a request, disable a service, or raise share"
        yield Budget("stack", "cpu", quotas.share_cpu, cpu, way_out)
        yield Budget("stack", "memory", quotas.share_memory, memory, way_out)


def memory_ceilings(basis: Basis) -> Iterator[Ceiling]:
    """List what bounds memory limits: each pool's memory, each tier's limits and the host, all overcommitted."""
    catalogue, quotas = basis.catalogue, basis.quotas
    times = Fraction(str(basis.settings.overcommit))
    for scope, pools, limit in _pool_scopes(basis):
        yield Ceiling(scope, frozenset(pools), int(limit * times))
    for tier in catalogue.tiers:
        members = frozenset(pool.name for pool in catalogue.pools if pool.tier == tier.number)
        limit = quotas.tiers[tier.number].limit_memory
        yield Ceiling(f"tier {tier.number}", members, int(limit * times))
    everywhere = frozenset(pool.name for pool in catalogue.pools)
    free = max(0, quotas.host_memory - sum(f.memory_mib for f in basis.host.foreign))
    yield Ceiling("host", everywhere, int(free * times))
    if quotas.shared:
        yield Ceiling("stack", everywhere, int(quotas.share_memory * times))


def buffers(catalogue: Catalogue) -> Iterable[tuple[Pool, tuple[str, ...]]]:
    """List each pool that has memory of its own, with all pools that share it."""
    for pool in catalogue.pools:
        if pool.shares_buffer_with is None:
            sharers = (p.name for p in catalogue.pools if p.shares_buffer_with == pool.name)
            yield pool, (pool.name, *sharers)


def _pool_scopes(basis: Basis) -> Iterator[tuple[str, tuple[str, ...], int]]:
    """List each buffer with all its pools, then each pool that may use only a part of one."""
    for owner, sharers in buffers(basis.catalogue):
        yield f"pool {' + '.join(sharers)}", sharers, basis.quotas.pool_memory[owner.name]
    for pool in basis.catalogue.pools:
        if pool.shares_buffer_with is not None:
            yield f"pool {pool.name}", (pool.name,), basis.quotas.pool_memory[pool.name]


def _charges(demands: Iterable[Demand]) -> tuple[tuple[Charge, ...], tuple[Charge, ...]]:
    """Charge replicas for their CPU requests and for their memory requests."""
    members = list(demands)
    return tuple(charge(d, d.cpu) for d in members), tuple(charge(d, d.memory) for d in members)
