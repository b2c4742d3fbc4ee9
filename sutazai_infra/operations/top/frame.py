"""What `sutazai top` shows at one moment, put together from the plan and from what was measured. Pure.

The JSON form is a stable interface: fields may be added, none is renamed or removed within one `version`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from pydantic import Field

from sutazai_infra.model.base import Frozen
from sutazai_infra.model.coreset import CoreSet
from sutazai_infra.model.plan import LedgerLine, Plan
from sutazai_infra.operations.status import ServiceStatus, StackStatus
from sutazai_infra.operations.top.order import Order
from sutazai_infra.operations.top.work import Work

__all__ = ["BudgetUse", "CoreUse", "Frame", "ServiceUse", "frame", "ranked"]

SYSTEM = "system"


class CoreUse(Frozen):
    """One core, whom it is kept for, and which part of it is busy: null where that isn't known."""

    core: int
    owners: tuple[str, ...]
    busy: float | None = None


class BudgetUse(Frozen):
    """What the services of a pool or tier use and request, and what they may request. CPU in cores.

    The CPU budget of a pool is the number of its cores.
    """

    scope: str
    cpu_used: float
    cpu_requested: float
    cpu_budget: float
    memory_used_mib: float
    memory_requested_mib: float
    memory_budget_mib: float


class ServiceUse(ServiceStatus):
    """One replica, and how near it is to its limits. Unknown values are null."""

    tier: int
    priority: str
    cpu_request: float
    core_count: int = Field(description="Cores in its core set.")
    oom_kills: int | None = Field(None, description="Since the exporter's start, or this command's; at least one.")

    @property
    def cpu_share(self) -> float | None:
        """Which part of its cores it uses."""
        return None if self.cpu_cores is None else self.cpu_cores / self.core_count

    @property
    def memory_share(self) -> float | None:
        """Which part of its limit it uses."""
        return None if self.memory_mib is None else self.memory_mib / self.memory_limit_mib


class Frame(Frozen):
    """One moment of a stack; `remarks` say what isn't known, and why."""

    version: int = 1
    stack: str
    taken: datetime
    cores: tuple[CoreUse, ...]
    budgets: tuple[BudgetUse, ...]
    services: tuple[ServiceUse, ...]
    unexpected: tuple[str, ...] = ()
    work: Work | None = None
    remarks: tuple[str, ...] = ()


def frame(
    plan: Plan,
    status: StackStatus,
    taken: datetime,
    *,
    busy: Sequence[float] | Mapping[int, float] = (),
    kills: Mapping[str, int] | None = None,
    work: Work | None = None,
    remarks: Iterable[str] = (),
) -> Frame:
    """Join plan and measurements; `busy` is by core, `kills` (for want of memory) by container."""
    known = busy if isinstance(busy, Mapping) else dict(enumerate(busy))
    services = tuple(_services(plan, status, kills or {}))
    return Frame(
        stack=status.stack,
        taken=taken,
        cores=tuple(
            CoreUse(core=core, owners=_owners(plan, core), busy=known.get(core)) for core in range(plan.host.cores)
        ),
        budgets=tuple(_budgets(plan, services)),
        services=services,
        unexpected=status.unexpected,
        work=work,
        remarks=tuple(remarks),
    )


def ranked(services: Iterable[ServiceUse], order: Order) -> list[ServiceUse]:
    """Order them, the most first; by name where they are equal, and last where nothing is known."""
    return sorted(services, key=lambda one: (-_rank(one, order), one.instance))


def _rank(service: ServiceUse, order: Order) -> float:
    ranks = {
        Order.CPU: service.cpu_cores,
        Order.MEMORY: service.memory_share,
        Order.RESTARTS: service.restarts,
    }
    rank = ranks[order]
    return -1.0 if rank is None else float(rank)


def _services(plan: Plan, status: StackStatus, kills: Mapping[str, int]) -> Iterator[ServiceUse]:
    rows = {row.instance: row for row in plan.residents}
    for service in status.services:
        row = rows[service.instance]
        yield ServiceUse(
            **dict(service),
            tier=row.tier,
            priority=row.priority_class.value,
            cpu_request=row.cpu_request,
            core_count=len(_placed(service)),
            oom_kills=_kills(service, kills),
        )


def _placed(service: ServiceStatus) -> CoreSet:
    """Return the cores that it runs on; those of the plan, where it has no set of its own."""
    return CoreSet.parse(service.core_set or service.planned_core_set)


def _kills(service: ServiceStatus, kills: Mapping[str, int]) -> int | None:
    """Count at least the kill that the container's own state tells of."""
    counted = kills.get(service.container)
    if service.oom_killed is None:
        return counted
    return max(counted or 0, int(service.oom_killed))


def _owners(plan: Plan, core: int) -> tuple[str, ...]:
    if core in plan.host.reserved:
        return (SYSTEM,)
    return tuple(group.name for group in plan.groups if core in group.core_set)


def _budgets(plan: Plan, services: Sequence[ServiceUse]) -> Iterator[BudgetUse]:
    """List pools, then tiers, as the ledger has them: pools that share a budget are one line."""
    lines = {(line.scope, line.dimension): line for line in plan.ledger}
    for line in plan.ledger:
        kind, _, name = line.scope.partition(" ")
        if line.dimension != "memory requests" or kind not in {"pool", "tier"}:
            continue
        pools = name.split(" + ")
        members = [s for s in services if (s.pool in pools if kind == "pool" else str(s.tier) == name)]
        cores = {core for pool in plan.pools if pool.name in pools for core in pool.core_set}
        yield _budget(line, lines.get((line.scope, "cpu requests")), len(cores), members)


def _budget(memory: LedgerLine, cpu: LedgerLine | None, cores: int, members: Sequence[ServiceUse]) -> BudgetUse:
    return BudgetUse(
        scope=memory.scope,
        cpu_used=round(sum(member.cpu_cores or 0 for member in members), 3),
        cpu_requested=round(sum(member.cpu_request for member in members), 3),
        cpu_budget=cores if cpu is None else cpu.limit,
        memory_used_mib=round(sum(member.memory_mib or 0 for member in members), 1),
        memory_requested_mib=memory.used,
        memory_budget_mib=memory.limit,
    )
