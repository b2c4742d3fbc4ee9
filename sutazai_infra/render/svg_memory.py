"""The memory bar: the whole host to scale; a pool's requests solid, its limits outlined, its budget tinted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from sutazai_infra.model.plan import LedgerLine, Plan
from sutazai_infra.render.bars import gib
from sutazai_infra.render.drawing import INK, MUTED, PAPER, RESERVED, fitted, hatch, rect, text

__all__ = ["MemoryBar"]

_BAR, _ROW = 64.0, 24.0
_NAME, _SUMS = 24.0, 190.0
_STEPS = (0.25, 0.5, 1, 2, 4, 8, 16, 32, 64, 128, 256)
_MOST_TICKS = 16
_GREY = "#7b8794"
_LETTER = 8.0


@dataclass(frozen=True)
class _Budget:
    """What some pools may have together, what they request of it, and what their limits come to."""

    pools: tuple[str, ...]
    limit: float
    requests: float
    limits: float

    @property
    def name(self) -> str:
        return " + ".join(self.pools)


@dataclass(frozen=True)
class MemoryBar:
    """Draws a plan's memory below a corner, as wide as it is told."""

    plan: Plan
    tints: Mapping[str, str]
    x: float
    y: float
    width: float

    @cached_property
    def _budgets(self) -> list[_Budget]:
        """Read them from the ledger, which knows who shares a budget with whom; parts of others are left out."""
        found = list(_budgets(self.plan.ledger))
        return [b for b in found if not any(set(b.pools) < set(other.pools) for other in found)]

    @property
    def _scale(self) -> float:
        return self.width / self.plan.host.memory_mib

    @property
    def _top(self) -> float:
        return self.y + 16

    @property
    def _legend_top(self) -> float:
        return self._top + _BAR + 44

    @property
    def end(self) -> float:
        """Where it ends."""
        return self._legend_top + _ROW * len(self._budgets) + 24

    def parts(self) -> Iterator[str]:
        """Draw it."""
        yield text(self.x, self.y, "Memory", size=15, bold=True)
        at = self.x + self.plan.host.system_mib * self._scale
        yield from self._held("system", self.x, at)
        for budget in self._budgets:
            yield from self._segment(budget, at)
            at += budget.limit * self._scale
        yield from self._rest(at)
        yield from self._axis()
        for index, budget in enumerate(self._budgets):
            yield from self._legend(budget, self._legend_top + index * _ROW)
        yield from _key(self.x, self._legend_top + len(self._budgets) * _ROW + 8)

    def _segment(self, budget: _Budget, x: float) -> Iterator[str]:
        tint = self.tints[budget.pools[0]]
        width, requested = budget.limit * self._scale, min(budget.requests, budget.limit) * self._scale
        limited = min(budget.limits, budget.limit) * self._scale
        yield rect(x, self._top, width, _BAR, fill=tint, dim=0.14)
        yield rect(x, self._top, requested, _BAR, fill=tint)
        if limited > 2:
            yield rect(x + 1, self._top + 1, limited - 2, _BAR - 2, line=tint)
        inside = len(budget.name) * _LETTER + 16 <= requested
        at = x + 8 if inside else x + requested + 8
        name = fitted(budget.name, x + width - at - 4, 13)
        yield text(at, self._top + 37, name, size=13, bold=True, fill=PAPER if inside else INK)

    def _held(self, name: str, start: float, end: float) -> Iterator[str]:
        yield hatch(start, self._top, end - start, _BAR)
        label = fitted(name, end - start - 6, 11)
        yield text((start + end) / 2, self._top + 37, label, size=11, fill=MUTED, anchor="middle")

    def _rest(self, start: float) -> Iterator[str]:
        """What no pool of this stack may have: the part of others, and the emergency reserve at the end."""
        end = self.x + self.width
        emergency = end - self.plan.host.emergency_mib * self._scale
        if emergency - start > 1:
            yield rect(start, self._top, emergency - start, _BAR, fill="#f5f7fa")
            label = fitted("not this stack's", emergency - start - 8, 11)
            yield text((start + emergency) / 2, self._top + 37, label, size=11, fill=MUTED, anchor="middle")
        yield rect(emergency, self._top, end - emergency, _BAR, fill=RESERVED)

    def _axis(self) -> Iterator[str]:
        total = self.plan.host.memory_mib / 1024
        step = next((size for size in _STEPS if total / size <= _MOST_TICKS), _STEPS[-1])
        y = self._top + _BAR
        for tick in range(int(total / step) + 1):
            at = self.x + tick * step * 1024 * self._scale
            yield rect(at, y + 2, 1, 5, fill=MUTED)
            if at < self.x + self.width - 24:
                yield text(at, y + 20, f"{tick * step:g}", size=11, fill=MUTED, anchor="middle")
        yield text(self.x + self.width, y + 20, "GiB", size=11, fill=MUTED, anchor="end")

    def _legend(self, budget: _Budget, y: float) -> Iterator[str]:
        yield rect(self.x, y, 14, 14, fill=self.tints[budget.pools[0]], radius=3)
        yield text(self.x + _NAME, y + 12, fitted(budget.name, _SUMS - _NAME, 13), size=13, bold=True)
        words = f"{gib(budget.requests)} requested, limits {gib(budget.limits)}, of {gib(budget.limit)}"
        yield text(self.x + _SUMS, y + 12, words, fill=MUTED)


def _budgets(ledger: Sequence[LedgerLine]) -> Iterator[_Budget]:
    limits = {line.scope: line.used for line in ledger if line.dimension == "memory limits"}
    for line in ledger:
        if line.scope.startswith("pool ") and line.dimension == "memory requests":
            pools = tuple(line.scope.removeprefix("pool ").split(" + "))
            yield _Budget(pools, line.limit, line.used, limits.get(line.scope, 0.0))


def _key(x: float, y: float) -> Iterator[str]:
    for at, words in ((0, "requests"), (110, "limits"), (200, "budget"), (300, "system"), (400, "emergency")):
        box = (x + at, y + 2, 22, 12)
        if words == "system":
            yield hatch(*box)
        elif words == "limits":
            yield rect(*box, line=_GREY)
        elif words == "emergency":
            yield rect(*box, fill=RESERVED)
        else:
            yield rect(*box, fill=_GREY, dim=0.2 if words == "budget" else 1)
        yield text(x + at + 28, y + 12, words, size=11, fill=MUTED)
