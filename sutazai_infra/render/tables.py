"""A plan as tables for a terminal of 80 columns and more, or for a pipe. Deliberately prints nothing itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from rich.console import ConsoleRenderable, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from sutazai_infra.model.plan import LedgerLine, Plan, PlannedService, PoolPlan
from sutazai_infra.model.service import Kind
from sutazai_infra.render.bars import amounts, bar, cores, gib, percent
from sutazai_infra.render.coremap import core_rows, folded

__all__ = ["headline", "plan_tables"]

# What all replicas and agents of one row have in common.
_ALIKE = (
    "pool",
    "core_set",
    "cpu_request",
    "cpu_limit",
    "memory_request_mib",
    "memory_limit_mib",
    "weight",
    "qos",
)


def plan_tables(plan: Plan, stack: str, *, every: bool = False, plain: bool = False) -> RenderableType:
    """Lay out the whole plan; `every` lists each replica and agent, `plain` draws with ASCII."""
    sections: list[tuple[str, ConsoleRenderable | None]] = [
        ("", headline(plan, stack)),
        ("Core map", _core_map(plan)),
        *((_pool_title(plan, pool), _services(rows)) for pool, rows in _by_pool(plan, every=every)),
        ("Slots (started on demand)", _slots(plan)),
        ("Off", _disabled(plan)),
        ("Ledger", _ledger(plan.ledger, plain=plain)),
        ("Notes", _notes(plan, every=every)),
    ]
    return Group(*(part for title, body in sections if body for part in _section(title, body)))


def headline(plan: Plan, stack: str) -> Text:
    """Say in two lines what the plan is about."""
    host = plan.host
    kind = "declared" if host.declared else "this machine"
    slots = len(plan.services) - len(plan.residents)
    foreign = sum(container.memory_mib for container in host.foreign)
    text = Text.assemble(
        ("Stack ", ""),
        (stack, "bold"),
        f" on {host.cores} cores and {gib(host.memory_mib)} ({kind}); "
        f"to give: cores {host.usable_cores}, {gib(host.usable_mib)}\n"
        f"{len(plan.residents)} containers, {slots} slots, {len(plan.disabled)} services off",
    )
    if host.foreign:
        text.append(f"; {len(host.foreign)} containers of others take {gib(foreign)}")
    return text


def _section(title: str, body: ConsoleRenderable) -> Iterator[RenderableType]:
    if title:
        yield Text(f"\n{title}", style="bold")
    yield Padding(body, (0, 0, 0, 2)) if title else body


def _table(*columns: str, right: Iterable[str] = (), gap: int = 2) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, gap, 0, 0), header_style="dim", show_edge=False)
    numbers = set(right)
    for column in columns:
        table.add_column(column, justify="right" if column in numbers else "left", overflow="fold")
    return table


def _core_map(plan: Plan) -> Table:
    table = _table("core", "group", "borrowed by", "pinned")
    for row in core_rows(plan):
        owner = "system" if row.reserved else " + ".join(row.owners) or "nobody"
        pinned = ", ".join(folded(row.pinned))
        table.add_row(str(row.cores), owner, ", ".join(row.borrowers), pinned, style="dim" if row.reserved else "")
    return table


def _by_pool(plan: Plan, *, every: bool) -> Iterator[tuple[PoolPlan, list[list[PlannedService]]]]:
    for pool in plan.pools:
        members = [service for service in plan.residents if service.pool == pool.name]
        if members:
            yield pool, [[one] for one in members] if every else _folded_rows(members)


def _folded_rows(members: Sequence[PlannedService]) -> list[list[PlannedService]]:
    """Put agents that differ in nothing but their name into one row, below all others."""
    single = [[service] for service in members if service.kind is not Kind.AGENT]
    agents = sorted((s for s in members if s.kind is Kind.AGENT), key=lambda s: (_likeness(s), s.instance))
    return [*single, *(list(same) for _, same in groupby(agents, key=_likeness))]


def _likeness(service: PlannedService) -> tuple[str, ...]:
    return tuple(str(getattr(service, name)) for name in _ALIKE)


def _pool_title(plan: Plan, pool: PoolPlan) -> str:
    held = f"weight {pool.weight}, {gib(pool.memory_mib)}" if plan.host.pool_cgroups else "no pool cgroup"
    borrowed = f" of which {pool.borrowed} borrowed" if pool.borrowed else ""
    return f"Pool {pool.name}: tier {pool.tier}, cores {pool.core_set}{borrowed}; {held}"


def _services(rows: Sequence[Sequence[PlannedService]]) -> Table:
    table = _table("service", "cores", "CPU", "memory MiB", "shares", "QoS", right=("CPU", "memory MiB", "shares"))
    for row in rows:
        one = row[0]
        table.add_row(
            one.instance if len(row) == 1 else f"{len(row)} agents, each",
            f"{one.core_set}{' *' if one.borrowed else ''}",
            f"{cores(one.cpu_request)} / {cores(one.cpu_limit)}",
            f"{one.memory_request_mib} / {one.memory_limit_mib}",
            str(one.weight),
            one.qos.value,
        )
    if any(row[0].borrowed for row in rows):
        table.add_row(Text("* on borrowed cores", style="dim"))
    return table


def _slots(plan: Plan) -> Table | None:
    slots = [service for service in plan.services if service.state == "slot"]
    if not slots:
        return None
    table = _table("pool", "cores", "memory MiB", "jobs and tools", right=("memory MiB",))
    for key, same in groupby(slots, key=lambda s: (s.pool, str(s.core_set), s.memory_request_mib)):
        table.add_row(key[0], key[1], str(key[2]), ", ".join(service.instance for service in same))
    return table


def _disabled(plan: Plan) -> Table | None:
    if not plan.disabled:
        return None
    reasons: dict[str, list[str]] = {}
    for off in plan.disabled:
        reasons.setdefault(off.reason, []).append(off.name)
    table = _table("service", "reason")
    for reason, names in reasons.items():
        table.add_row(_counted(names), reason)
    return table


def _counted(names: Sequence[str]) -> str:
    return ", ".join(names) if len(names) <= 3 else f"{len(names)}: {names[0]} ... {names[-1]}"


def _ledger(lines: Sequence[LedgerLine], *, plain: bool) -> Table:
    table = _table("scope", "what", "used / limit", "", "", "", right=("used / limit",), gap=1)
    table.columns[0].no_wrap = True
    table.columns[4].justify = "right"
    before = ""
    for line in sorted(lines, key=lambda each: _first_of_scope(lines, each.scope)):
        part = percent(line)
        table.add_row(
            line.scope if line.scope != before else "",
            line.dimension,
            amounts(line),
            bar(part, held=line.held, plain=plain),
            f"{part:.0%}",
            Text("held", style="green") if line.held else Text("BROKEN", style="bold red"),
        )
        before = line.scope
    return table


def _first_of_scope(lines: Sequence[LedgerLine], scope: str) -> int:
    return next(index for index, line in enumerate(lines) if line.scope == scope)


def _notes(plan: Plan, *, every: bool) -> Table | None:
    of_lines = [f"{line.scope} {line.dimension}: {line.note}" for line in plan.ledger if line.note]
    notes = [*plan.notes, *(of_lines if every else ())]
    if not notes:
        return None
    table = Table.grid(padding=(0, 1, 0, 0))
    for note in notes:
        table.add_row("-", note)
    return table
