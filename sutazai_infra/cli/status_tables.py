"""A stack's status as tables, one a pool, for a terminal of 80 columns and more."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from rich.console import ConsoleRenderable, Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from sutazai_infra.operations.deploy.health import Health
from sutazai_infra.operations.status import ServiceStatus, StackStatus
from sutazai_infra.render.bars import cores, gib

__all__ = ["status_tables"]

_STYLES = {Health.HEALTHY: "green", Health.STARTING: "yellow"}
_BAR = 10


def status_tables(status: StackStatus, *, plain: bool = False) -> ConsoleRenderable:
    """Lay out the whole stack."""
    if not status.deployed:
        return Text(f"stack {status.stack}: nothing of it runs here; deploy it: sutazai up --stack {status.stack}")
    by_pool = sorted(status.services, key=lambda service: service.pool)
    pools = {pool: list(members) for pool, members in groupby(by_pool, key=lambda service: service.pool)}
    ordered = list(dict.fromkeys(service.pool for service in status.services))
    parts = [part for pool in ordered for part in _pool(pool, pools[pool], plain=plain)]
    return Group(_headline(status), *parts, *_remarks(status))


def _headline(status: StackStatus) -> Text:
    healthy = sum(service.health is Health.HEALTHY for service in status.services)
    style = "green" if status.good else "bold red"
    return Text.assemble(
        f"Stack {status.stack}: ", (f"{healthy} of {len(status.services)} containers healthy", style)
    )


def _pool(pool: str, members: Sequence[ServiceStatus], *, plain: bool) -> Iterator[ConsoleRenderable]:
    used = sum(member.memory_mib or 0 for member in members)
    cpu = sum(member.cpu_cores or 0 for member in members)
    requested = sum(member.memory_request_mib for member in members)
    title = f"\nPool {pool}: {cores(cpu)} cores and {gib(used)} used; {gib(requested)} requested"
    yield Text(title, style="bold")
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="dim")
    for column in ("service", "health", "restarts", "CPU", "", "memory MiB", "", "cores"):
        table.add_column(column, justify="right" if column in {"restarts", "CPU", "memory MiB"} else "left")
    table.columns[4].justify = "right"
    for member in members:
        table.add_row(*_row(member, plain=plain))
    yield Padding(table, (0, 0, 0, 2))


def _row(member: ServiceStatus, *, plain: bool) -> list[Text | str]:
    health = Text(member.health.value, style=_STYLES.get(member.health, "bold red"))
    restarts = "" if member.restarts is None else str(member.restarts)
    placed = member.core_set or ""
    return [
        member.instance,
        health,
        Text(restarts, style="yellow" if member.restarts else ""),
        "" if member.cpu_cores is None else f"{cores(member.cpu_cores)} / {cores(member.cpu_limit)}",
        "" if member.cpu_cores is None else f"{member.cpu_cores / member.cpu_limit:.0%}",
        "" if member.memory_mib is None else f"{member.memory_mib:.0f} / {member.memory_limit_mib}",
        _memory_bar(member, plain=plain),
        Text(f"{placed} not {member.planned_core_set}", style="bold red") if member.misplaced else placed,
    ]


def _memory_bar(member: ServiceStatus, *, plain: bool) -> Text:
    """Fill up to what is used of the limit; a tick stands where the request ends."""
    if member.memory_mib is None:
        return Text("")
    full, empty, tick = ("#", ".", "|") if plain else ("█", "░", "┃")
    filled = min(_BAR, round(_BAR * member.memory_mib / member.memory_limit_mib))
    at = min(_BAR - 1, _BAR * member.memory_request_mib // member.memory_limit_mib)
    over = member.memory_mib > member.memory_request_mib
    style = "red" if member.memory_mib > 0.85 * member.memory_limit_mib else "yellow" if over else "green"
    cells = [(full, style) if cell < filled else (empty, "dim") for cell in range(_BAR)]
    cells[at] = (tick, "bold")
    return Text.assemble(*cells)


def _remarks(status: StackStatus) -> Iterator[Text]:
    for service in status.services:
        if service.owner is not None:
            yield Text(
                f"\n{service.container} belongs to {service.owner}, not to this stack; "
                f"remove or rename it: docker rm -f {service.container}",
                style="red",
            )
    if status.unexpected:
        yield Text(f"\nnot in the plan: {', '.join(status.unexpected)}; `sutazai up` removes its own", style="red")
    if any(service.health is Health.MISSING for service in status.services):
        yield Text(f"\nmissing containers are made again by: sutazai up --stack {status.stack}", style="yellow")
