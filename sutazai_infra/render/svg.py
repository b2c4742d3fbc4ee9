"""A plan as one drawing: the core map with its groups, and the memory bar with its pools."""

from __future__ import annotations

from sutazai_infra.model.plan import Plan
from sutazai_infra.render.bars import gib
from sutazai_infra.render.drawing import MUTED, colours, document, text
from sutazai_infra.render.svg_cores import CoreMap
from sutazai_infra.render.svg_memory import MemoryBar

__all__ = ["plan_svg"]

_WIDTH, _MARGIN = 960.0, 36.0


def plan_svg(plan: Plan, stack: str) -> str:
    """Draw the plan. A name that is both a group's and a pool's has one colour in both parts."""
    tints = colours([*(group.name for group in plan.groups), *(pool.name for pool in plan.pools)])
    inner = _WIDTH - 2 * _MARGIN
    cores = CoreMap(plan, tints, _MARGIN, 104, inner)
    memory = MemoryBar(plan, tints, _MARGIN, cores.end + 36, inner)
    head = [
        text(_MARGIN, 48, f"Stack {stack}", size=22, bold=True),
        text(_MARGIN, 70, _summary(plan), size=13, fill=MUTED),
    ]
    return document(_WIDTH, memory.end + _MARGIN, f"Stack {stack}", [*head, *cores.parts(), *memory.parts()])


def _summary(plan: Plan) -> str:
    host, slots = plan.host, len(plan.services) - len(plan.residents)
    return (
        f"{host.cores} cores and {gib(host.memory_mib)}; to give: cores {host.usable_cores} and "
        f"{gib(host.usable_mib)}; {len(plan.residents)} containers, {slots} slots"
    )
