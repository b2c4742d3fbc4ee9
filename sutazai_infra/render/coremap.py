"""Who is on which core: the plan's core sets, turned around. Both the table and the drawing start here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from sutazai_infra.model.coreset import CoreSet
from sutazai_infra.model.plan import Plan, PlannedService
from sutazai_infra.model.service import Kind

__all__ = ["CoreRow", "core_rows", "folded"]

_FOLDED_FROM = 3


@dataclass(frozen=True)
class CoreRow:
    """Neighbouring cores that are alike: the groups that own them, the pools that borrow them, who is pinned."""

    cores: CoreSet
    reserved: bool
    owners: tuple[str, ...]
    borrowers: tuple[str, ...]
    pinned: tuple[PlannedService, ...]


def core_rows(plan: Plan) -> list[CoreRow]:
    """Describe every core of the host; neighbours that are alike share a row."""
    residents = plan.residents
    rows = [_row(plan, residents, core) for core in range(plan.host.cores)]
    return [_joined(list(same)) for _, same in groupby(rows, key=_likeness)]


def folded(services: Sequence[PlannedService]) -> tuple[str, ...]:
    """Name the services; three agents and more are a number."""
    agents = [s.instance for s in services if s.kind is Kind.AGENT]
    others = tuple(s.instance for s in services if s.kind is not Kind.AGENT)
    return (*others, *(agents if len(agents) < _FOLDED_FROM else [f"{len(agents)} agents"]))


def _row(plan: Plan, residents: Sequence[PlannedService], core: int) -> CoreRow:
    return CoreRow(
        cores=CoreSet([core]),
        reserved=core in plan.host.reserved,
        owners=tuple(group.name for group in plan.groups if core in group.core_set),
        borrowers=tuple(pool.name for pool in plan.pools if core in pool.borrowed),
        pinned=tuple(service for service in residents if core in service.core_set),
    )


def _likeness(row: CoreRow) -> tuple[object, ...]:
    return row.reserved, row.owners, row.borrowers, [service.instance for service in row.pinned]


def _joined(rows: Sequence[CoreRow]) -> CoreRow:
    cores = CoreSet(core for row in rows for core in row.cores)
    return replace(rows[0], cores=cores)
