"""What a stack's budget comes from, as a table."""

from __future__ import annotations

from collections.abc import Iterator

from rich.table import Table

from sutazai_infra.inputs.engine import EngineFacts
from sutazai_infra.model.host import Host
from sutazai_infra.model.settings import PoolCgroups
from sutazai_infra.operations.gathering import Gathered
from sutazai_infra.render.bars import cores, gib

__all__ = ["host_facts"]

_SHOWN = 6


def host_facts(gathered: Gathered) -> Table:
    """Lay out host, engine and pool cgroups."""
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column()
    table.add_column(overflow="fold")
    for title, text in (*_host(gathered.host), *_engine(gathered.engine), _cgroups(gathered)):
        table.add_row(title, text)
    return table


def _host(host: Host) -> Iterator[tuple[str, str]]:
    yield "host", "declared by the stack" if host.declared else "this machine"
    yield "cores", f"{host.cores}, of which {host.reserved or 'none'} reserved for the system"
    yield (
        "memory",
        f"{gib(host.memory_mib)}, of which {gib(host.system_mib)} for the system and {gib(host.emergency_mib)} "
        "for emergencies",
    )
    yield "to give", f"cores {host.usable_cores} and {gib(host.usable_mib)}"
    if host.foreign:
        cpu = sum(container.cpu for container in host.foreign)
        memory = sum(container.memory_mib for container in host.foreign)
        names = ", ".join(container.name for container in host.foreign[:_SHOWN])
        more = f" and {len(host.foreign) - _SHOWN} more" if len(host.foreign) > _SHOWN else ""
        yield "others", f"{cores(cpu / 1000)} cores and {gib(memory)} taken by {names}{more}"


def _engine(engine: EngineFacts | None) -> Iterator[tuple[str, str]]:
    if engine is None:
        yield "engine", "none answers at DOCKER_HOST or the default socket"
        return
    yield "engine", f"{engine.cores} cores, {gib(engine.memory_mib)}, {len(engine.containers)} containers"
    yield "cgroups", f"v{engine.cgroup_version}, driver {engine.cgroup_driver}, kernel {engine.kernel}"


def _cgroups(gathered: Gathered) -> tuple[str, str]:
    setting = gathered.settings.pool_cgroups
    if setting is PoolCgroups.OFF:
        return "pools", "pool cgroups are off in this stack"
    fix = f"not prepared; run: sutazai host prepare --stack {gathered.stack}"
    return "pools", f"pool cgroups ({setting.value}): {'prepared' if gathered.cgroups_prepared() else fix}"
