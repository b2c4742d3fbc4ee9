"""One moment of a stack, for a terminal of 80 columns and more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rich.columns import Columns
from rich.console import Console, ConsoleRenderable, Group, JustifyMethod
from rich.table import Table
from rich.text import Text

from sutazai_infra.operations.deploy.health import Health
from sutazai_infra.operations.top.frame import BudgetUse, CoreUse, Frame, ServiceUse, ranked
from sutazai_infra.operations.top.order import Order
from sutazai_infra.operations.top.work import Work
from sutazai_infra.render.bars import bar, cores

__all__ = ["fitted", "top_tables"]

_STYLES = {Health.HEALTHY: "green", Health.STARTING: "yellow"}
_HEAD_LINES = 3
_NUMBERS = frozenset({"rst", "oom", "CPU", "set", "thr", "MiB", "req", "limit", "of"})
_BAR = 5
_MEMORY_MOST = 0.85


def top_tables(found: Frame, order: Order, *, plain: bool = False, most: int | None = None) -> ConsoleRenderable:
    """Lay it all out; of the services no more than `most`."""
    services = ranked(found.services, order)
    shown = services if most is None or len(services) <= most else services[: max(0, most - 1)]
    left = len(services) - len(shown)
    rest = [Text(f"and {left} more", style="dim")] if left else []
    return Group(_above(found, plain=plain), _services(shown, plain=plain), *rest)


def fitted(found: Frame, order: Order, console: Console) -> ConsoleRenderable:
    """Lay out as much as the terminal is high."""
    plain = not console.encoding.startswith("utf")
    taken = len(console.render_lines(_above(found, plain=plain)))
    return top_tables(found, order, plain=plain, most=max(1, console.height - taken - _HEAD_LINES))


def _above(found: Frame, *, plain: bool) -> ConsoleRenderable:
    remarks = [*found.remarks, *_unexpected(found)]
    return Group(
        _headline(found),
        Columns([_core(one, plain=plain) for one in found.cores], padding=(0, 3)),
        Text(),
        _budgets(found.budgets, plain=plain),
        Text(),
        *(_work(found.work) if found.work else ()),
        *(Text(remark, style="yellow") for remark in remarks),
        Text(),
    )


def _headline(found: Frame) -> Text:
    healthy = sum(service.health is Health.HEALTHY for service in found.services)
    known = [core.busy for core in found.cores if core.busy is not None]
    busy = f", {len(known)} cores {sum(known) / len(known):.0%} busy" if known else ""
    style = "green" if healthy == len(found.services) else "bold red"
    return Text.assemble(
        f"Stack {found.stack}, {found.taken:%H:%M:%S} UTC: ",
        (f"{healthy} of {len(found.services)} containers healthy", style),
        busy,
    )


def _core(core: CoreUse, *, plain: bool) -> Text:
    label = f"core {core.core} {'+'.join(core.owners) or 'nobody'} "
    if core.busy is None:
        return Text(label + "?")
    return Text(label) + bar(core.busy, plain=plain) + Text(f" {core.busy:4.0%}")


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="dim")
    for number, column in enumerate(columns):
        # Where it is narrow, names are cut, and figures aren't.
        justify: JustifyMethod = "right" if column in _NUMBERS else "left"
        table.add_column(column, justify=justify, no_wrap=number > 0, overflow="ellipsis")
    return table


def _budgets(budgets: Iterable[BudgetUse], *, plain: bool) -> Table:
    """Draw what is used; requests stand beside it, since those are what a budget is held to."""
    table = _table("", "CPU", "of", "", "req", "MiB", "of", "", "req")
    for one in budgets:
        table.add_row(
            one.scope,
            f"{one.cpu_used:.2f}",
            cores(one.cpu_budget),
            bar(_part(one.cpu_used, one.cpu_budget), plain=plain),
            cores(one.cpu_requested),
            f"{one.memory_used_mib:.0f}",
            f"{one.memory_budget_mib:.0f}",
            bar(_part(one.memory_used_mib, one.memory_budget_mib), plain=plain),
            f"{one.memory_requested_mib:.0f}",
        )
    return table


def _part(used: float, budget: float) -> float:
    return used / budget if budget else 0.0


def _work(work: Work) -> Iterator[Text]:
    done = (
        "no task ended within an hour" if work.completed is None else f"{work.completed:.1%} done within an hour"
    )
    agents = f"{_count(work.agents_alive)} of {_count(work.agents_registered)} agents alive"
    yield Text(f"Tasks: {_count(work.queued)} wait, {agents}; {done}, {_count(work.tasks_per_minute)} a minute")
    yield Text(
        f"p50/p95/p99: tasks {_times(work.task_p50, work.task_p95, work.task_p99)},"
        f" answers {_times(work.answer_p50, work.answer_p95, work.answer_p99)}"
    )


def _count(value: float | None) -> str:
    return "?" if value is None else f"{value:.4g}"


def _times(*seconds: float | None) -> str:
    known = [one for one in seconds if one is not None]
    return f"{'/'.join(f'{one:.3g}' for one in known)} s" if len(known) == len(seconds) else "none"


def _services(services: Sequence[ServiceUse], *, plain: bool) -> Table:
    table = _table("service", "health", "rst", "oom", "CPU", "set", "thr", "MiB", "req", "limit", "", "cores")
    for one in services:
        table.add_row(
            one.instance,
            Text(one.health.value, style=_STYLES.get(one.health, "bold red")),
            _alarming(one.restarts),
            _alarming(one.oom_kills),
            "" if one.cpu_cores is None else f"{one.cpu_cores:.2f}",
            _percent(one.cpu_share),
            _percent(one.throttled),
            "" if one.memory_mib is None else f"{one.memory_mib:.0f}",
            str(one.memory_request_mib),
            str(one.memory_limit_mib),
            _memory_bar(one.memory_share, plain=plain),
            Text(one.core_set or "", style="bold red" if one.misplaced else ""),
        )
    return table


def _memory_bar(share: float | None, *, plain: bool) -> Text:
    return Text() if share is None else bar(share, held=share <= _MEMORY_MOST, width=_BAR, plain=plain)


def _alarming(count: int | None) -> Text:
    return Text("" if count is None else str(count), style="yellow" if count else "")


def _percent(part: float | None) -> str:
    return "" if part is None else f"{part:.0%}"


def _unexpected(found: Frame) -> Iterator[str]:
    if found.unexpected:
        yield f"not in the plan: {', '.join(found.unexpected)}"
