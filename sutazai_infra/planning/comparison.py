"""What differs between two plans: services that came and went, and of the others what each has more or less of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

from sutazai_infra.model.base import Frozen
from sutazai_infra.model.plan import LedgerLine, Plan, PlannedService

__all__ = ["Comparison", "Difference", "LedgerChange", "compare_ledgers", "compare_plans"]

Sort = Literal["service", "group", "image", "host"]
# In the order in which they are told.
_OF_SERVICES = (
    "state",
    "core_set",
    "cpu_request",
    "cpu_limit",
    "memory_request_mib",
    "memory_limit_mib",
    "weight",
    "priority_class",
    "networks",
    "probe_interval_ms",
)


class Difference(Frozen):
    """One field of one thing; None where the thing, or the field, isn't there."""

    sort: Sort
    name: str
    field: str
    before: str | None
    after: str | None


class LedgerChange(Frozen):
    """What is used of one budget, and how large it is: before and after; None where the budget isn't there."""

    scope: str
    dimension: str
    unit: str
    used_before: float | None
    used_after: float | None
    limit_before: float | None
    limit_after: float | None


class Comparison(Frozen):
    """Two plans: instances that were added and removed, what differs of the rest, and the sums."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    differences: tuple[Difference, ...] = ()
    ledger: tuple[LedgerChange, ...] = ()

    @property
    def same(self) -> bool:
        """Whether nothing differs."""
        return self == Comparison()


def compare_plans(
    before: Plan, after: Plan, images: tuple[Mapping[str, str], Mapping[str, str]] = ({}, {})
) -> Comparison:
    """Compare two plans, and the images (by instance) that ran under each."""
    old, new = ({service.instance: service for service in plan.services} for plan in (before, after))
    both = sorted(old.keys() & new.keys())
    return Comparison(
        added=tuple(sorted(new.keys() - old.keys())),
        removed=tuple(sorted(old.keys() - new.keys())),
        differences=(
            *_of_host(before, after),
            *_of_groups(before, after),
            *(difference for name in both for difference in _of_service(old[name], new[name])),
            *_of_images(*images),
        ),
        ledger=compare_ledgers(before.ledger, after.ledger),
    )


def compare_ledgers(before: tuple[LedgerLine, ...], after: tuple[LedgerLine, ...]) -> tuple[LedgerChange, ...]:
    """List the budgets of which something else is used, or that have another size."""
    old, new = ({(line.scope, line.dimension): line for line in ledger} for ledger in (before, after))
    changes = (_ledger_change(old.get(key), new.get(key), named) for key, named in {**old, **new}.items())
    return tuple(c for c in changes if (c.used_before, c.limit_before) != (c.used_after, c.limit_after))


def _ledger_change(before: LedgerLine | None, after: LedgerLine | None, named: LedgerLine) -> LedgerChange:
    return LedgerChange(
        scope=named.scope,
        dimension=named.dimension,
        unit=named.unit,
        used_before=before.used if before else None,
        used_after=after.used if after else None,
        limit_before=before.limit if before else None,
        limit_after=after.limit if after else None,
    )


def _of_host(before: Plan, after: Plan) -> Iterator[Difference]:
    for field in ("cores", "memory_mib"):
        yield from _if_other("host", "host", field, getattr(before.host, field), getattr(after.host, field))


def _of_groups(before: Plan, after: Plan) -> Iterator[Difference]:
    old, new = ({group.name: str(group.core_set) for group in plan.groups} for plan in (before, after))
    for name in {**old, **new}:
        yield from _if_other("group", name, "core_set", old.get(name), new.get(name))


def _of_service(before: PlannedService, after: PlannedService) -> Iterator[Difference]:
    for field in _OF_SERVICES:
        yield from _if_other("service", after.instance, field, getattr(before, field), getattr(after, field))


def _of_images(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Difference]:
    for name in sorted(before.keys() & after.keys()):
        yield from _if_other("image", name, "image", before[name], after[name])


def _if_other(sort: Sort, name: str, field: str, before: object, after: object) -> Iterator[Difference]:
    if before != after:
        yield Difference(sort=sort, name=name, field=field, before=_text(before), after=_text(after))


def _text(value: object) -> str | None:
    if value is None:
        return None
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
