"""The request budgets: who is charged to which. Fitting and the ledger read the same list."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from sutazai_infra.model.catalogue import Catalogue, Pool
from sutazai_infra.model.host import Host
from sutazai_infra.planning.demand import Demand
from sutazai_infra.planning.quotas import Quotas

__all__ = ["Budget", "Charge", "Dimension", "buffers", "request_budgets"]

Dimension = Literal["cpu", "memory"]


@dataclass(frozen=True, slots=True)
class Charge:
    """Who takes how much of a budget: millicores or MiB."""

    name: str
    amount: int


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


def request_budgets(
    demands: Sequence[Demand], catalogue: Catalogue, host: Host, quotas: Quotas
) -> Iterator[Budget]:
    """List every budget on requests: the host's, the stack's share, each tier's, and each memory buffer's."""
    residents = [demand for demand in demands if demand.resident]
    foreign_cpu = [Charge(f"{f.name} (foreign)", f.cpu) for f in host.foreign if f.cpu]
    foreign_mib = [Charge(f"{f.name} (foreign)", f.memory_mib) for f in host.foreign if f.memory_mib]
    room = "lower a request, disable a service, or stop what is foreign"
    share = "lower a request, disable a service, or raise share"
    yield Budget("host", "cpu", quotas.host_cpu, (*_charges(residents, "cpu"), *foreign_cpu), room)
    yield Budget("host", "memory", quotas.host_memory, (*_charges(residents, "memory"), *foreign_mib), room)
    yield Budget("stack", "cpu", quotas.share_cpu, _charges(residents, "cpu"), share)
    yield Budget("stack", "memory", quotas.share_memory, _charges(residents, "memory"), share)
    for tier in catalogue.tiers:
        members = [demand for demand in residents if demand.pool.tier == tier.number]
        quota = quotas.tiers[tier.number]
        at = f"tiers.{tier.number}"
        cpu_out = f"lower a request, or raise {at}.request_cpu"
        memory_out = f"lower a request, or raise {at}.request_memory"
        yield Budget(f"tier {tier.number}", "cpu", quota.request_cpu, _charges(members, "cpu"), cpu_out)
        yield Budget(
            f"tier {tier.number}", "memory", quota.request_memory, _charges(members, "memory"), memory_out
        )
    for owner, sharers in buffers(catalogue):
        members = [demand for demand in residents if demand.pool.name in sharers]
        way_out = f"lower a request, or raise pools/{owner.name}/memory in the catalogue"
        scope = f"pool {' + '.join(sharers)}"
        yield Budget(scope, "memory", quotas.pool_memory[owner.name], _charges(members, "memory"), way_out)


def buffers(catalogue: Catalogue) -> Iterable[tuple[Pool, tuple[str, ...]]]:
    """List each pool that has memory of its own, with all pools that share it."""
    for pool in catalogue.pools:
        if pool.shares_buffer_with is None:
            sharers = (p.name for p in catalogue.pools if p.shares_buffer_with == pool.name)
            yield pool, (pool.name, *sharers)


def _charges(demands: Iterable[Demand], dimension: Dimension) -> tuple[Charge, ...]:
    return tuple(Charge(demand.instance, getattr(demand, dimension)) for demand in demands)
