"""The core map: a box for each core in its group's colour, strips for the pools that borrow it, and a legend."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sutazai_infra.model.plan import GroupCores, Plan, PoolPlan
from sutazai_infra.render.bars import cores as written
from sutazai_infra.render.coremap import folded
from sutazai_infra.render.drawing import INK, MUTED, PAPER, fitted, hatch, rect, text

__all__ = ["CoreMap"]

_IN_A_ROW = 16
_GAP, _BOX, _STRIP, _ROW = 6.0, 74.0, 16.0, 24.0
_WIDEST = 150.0
# Columns of the legend, from its left edge.
_NAME, _CORES, _GAUGE, _SUM, _PINNED = 24.0, 130.0, 190.0, 290.0, 410.0
_GAUGE_WIDTH = 90.0


@dataclass(frozen=True)
class CoreMap:
    """Draws a plan's cores below a corner, as wide as it is told."""

    plan: Plan
    tints: Mapping[str, str]
    x: float
    y: float
    width: float

    @property
    def _borrowers(self) -> list[PoolPlan]:
        return [pool for pool in self.plan.pools if pool.borrowed]

    @property
    def _columns(self) -> int:
        return min(self.plan.host.cores, _IN_A_ROW)

    @property
    def _row_height(self) -> float:
        return _BOX + _STRIP * len(self._borrowers) + 2 * _GAP

    @property
    def _legend_top(self) -> float:
        rows = -(-self.plan.host.cores // self._columns)
        return self.y + 30 + rows * self._row_height

    @property
    def end(self) -> float:
        """Where it ends."""
        return self._legend_top + _ROW * (len(self.plan.groups) + len(self._borrowers))

    def parts(self) -> Iterator[str]:
        """Draw it."""
        yield text(self.x, self.y, "Core map", size=15, bold=True)
        step = min((self.width + _GAP) / self._columns, _WIDEST)
        for core in range(self.plan.host.cores):
            row, column = divmod(core, self._columns)
            yield from self._core(core, self.x + column * step, self.y + 16 + row * self._row_height, step - _GAP)
        for index, group in enumerate(self.plan.groups):
            yield from self._group(group, self._legend_top + index * _ROW)
        for index, pool in enumerate(self._borrowers, start=len(self.plan.groups)):
            yield from self._borrower(pool, self._legend_top + index * _ROW)

    def _core(self, core: int, x: float, y: float, width: float) -> Iterator[str]:
        owners = [group.name for group in self.plan.groups if core in group.core_set]
        label, ink = " + ".join(owners), PAPER
        if not owners:
            yield hatch(x, y, width, _BOX, 6)
            label, ink = ("system" if core in self.plan.host.reserved else "nobody"), MUTED
        part = width / max(1, len(owners))
        for index, owner in enumerate(owners):
            fill = self.tints[owner]
            yield rect(x + index * part, y, part, _BOX, fill=fill, radius=6 if len(owners) == 1 else 0)
        yield text(x + width / 2, y + 36, str(core), size=24, bold=True, fill=ink, anchor="middle")
        yield text(x + width / 2, y + 58, fitted(label, width - 6, 11), size=11, fill=ink, anchor="middle")
        for index, pool in enumerate(self._borrowers):
            if core in pool.borrowed:
                top = y + _BOX + 3 + index * _STRIP
                yield rect(x, top, width, _STRIP - 3, fill=self.tints[pool.name], radius=3, dim=0.6)

    def _group(self, group: GroupCores, y: float) -> Iterator[str]:
        x, tint, count = self.x, self.tints[group.name], len(group.core_set)
        part = min(1.0, group.cpu_request / count) if count else 0.0
        names = ", ".join(folded([s for s in self.plan.residents if s.group == group.name]))
        yield rect(x, y, 14, 14, fill=tint, radius=3)
        yield from self._named(y, group.name, str(group.core_set))
        yield rect(x + _GAUGE, y + 2, _GAUGE_WIDTH, 10, fill="#e4e7eb", radius=5)
        yield rect(x + _GAUGE, y + 2, max(10.0, _GAUGE_WIDTH * part), 10, fill=tint, radius=5)
        unit = "core" if count == 1 else "cores"
        yield text(x + _SUM, y + 12, f"{written(group.cpu_request)} of {count} {unit}", fill=MUTED)
        yield text(x + _PINNED, y + 12, fitted(names, self.width - _PINNED), fill=INK)

    def _borrower(self, pool: PoolPlan, y: float) -> Iterator[str]:
        yield rect(self.x, y + 3, 14, 8, fill=self.tints[pool.name], radius=2, dim=0.6)
        yield from self._named(y, pool.name, str(pool.borrowed))
        yield text(self.x + _GAUGE, y + 12, f"borrowed, at weight {pool.weight}", fill=MUTED)

    def _named(self, y: float, name: str, cores: str) -> Iterator[str]:
        yield text(self.x + _NAME, y + 12, fitted(name, _CORES - _NAME, 13), size=13, bold=True)
        yield text(self.x + _CORES, y + 12, fitted(cores, _GAUGE - _CORES), fill=MUTED)
