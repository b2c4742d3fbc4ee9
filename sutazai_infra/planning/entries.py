"""A ledger line and the one sentence that it becomes when it is broken: who, how much, of what, the way out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from sutazai_infra.model.plan import LedgerLine
from sutazai_infra.model.quantities import format_cores
from sutazai_infra.planning.budgets import Charge

__all__ = ["Entry", "cpu_entry", "culprits", "memory_entry"]

_SHOWN_CULPRITS = 5


@dataclass(frozen=True, slots=True)
class Entry:
    """A line, and the refusal that it becomes when it doesn't hold."""

    line: LedgerLine
    refusal: str


def cpu_entry(
    scope: str,
    what: str,
    charges: Sequence[Charge],
    limit: int,
    way_out: str,
    *,
    used: int | None = None,
    note: str = "",
) -> Entry:
    """Make a line of millicores; `used` is the sum of the charges where it isn't given."""
    amount = sum(c.amount for c in charges) if used is None else used
    held = amount <= limit
    line = LedgerLine(
        scope=scope,
        dimension=f"cpu {what}",
        unit="cores",
        used=amount / 1000,
        limit=limit / 1000,
        held=held,
        note=note,
    )
    if held:
        return Entry(line, "")
    sums = f"{format_cores(amount)} of {format_cores(limit)} cores"
    return Entry(line, _sentence(scope, what, sums, culprits(charges, format_cores), way_out))


def memory_entry(
    scope: str,
    what: str,
    charges: Sequence[Charge],
    limit: int,
    way_out: str,
    *,
    used: int | None = None,
    note: str = "",
) -> Entry:
    """Make a line of MiB; `used` is the sum of the charges where it isn't given."""
    amount = sum(c.amount for c in charges) if used is None else used
    held = amount <= limit
    line = LedgerLine(
        scope=scope, dimension=f"memory {what}", unit="MiB", used=amount, limit=limit, held=held, note=note
    )
    if held:
        return Entry(line, "")
    return Entry(line, _sentence(scope, what, f"{amount} MiB of {limit} MiB", culprits(charges, str), way_out))


_VERBS = {"requests": "requests", "limits": "may take"}


def _sentence(scope: str, what: str, sums: str, named: str, way_out: str) -> str:
    return f"{scope} {_VERBS[what]} {sums} ({named}): {way_out}"


def culprits(charges: Iterable[Charge], written: Callable[[int], str]) -> str:
    """Name who takes most, families (agents, replicas) together: `ollama 4096, 51 agents 2448, 3 more 96`."""
    ranked = sorted((c for c in _families(charges) if c.amount), key=lambda c: (-c.amount, c.name))
    shown = [f"{c.name} {written(c.amount)}" for c in ranked[:_SHOWN_CULPRITS]]
    rest = ranked[_SHOWN_CULPRITS:]
    if rest:
        shown.append(f"{len(rest)} more {written(sum(c.amount for c in rest))}")
    return ", ".join(shown) or "none"


def _families(charges: Iterable[Charge]) -> Iterator[Charge]:
    families: dict[str, list[Charge]] = defaultdict(list)
    for charge in charges:
        families[charge.family or charge.name].append(charge)
    for family, members in families.items():
        if len(members) == 1:
            yield members[0]
        else:
            name = f"{len(members)} {family}" if family == "agents" else f"{family} x {len(members)}"
            yield Charge(name, sum(member.amount for member in members))
