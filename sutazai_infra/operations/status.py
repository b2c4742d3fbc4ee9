"""How a deployed stack is: health, restarts, and use against request and limit, replica by replica.

Measured against the plan of the last deployment, where the state has one: that is what should be running, even
when settings or the host have changed since.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import docker
from docker.errors import DockerException
from pydantic import Field

from sutazai_infra.inputs.engine import STACK_LABEL
from sutazai_infra.model.base import Frozen
from sutazai_infra.model.coreset import CoreSet
from sutazai_infra.model.plan import Plan, PlannedService
from sutazai_infra.operations.deploy.health import Health, health_of
from sutazai_infra.planning.declaration import full_name

__all__ = ["Measure", "ServiceStatus", "StackStatus", "stack_status", "used"]

INSTANCE_LABEL = "sutazai.instance"
_MIB = 1024 * 1024
_THREADS = 32
_RUNNING = frozenset({Health.HEALTHY, Health.STARTING, Health.UNHEALTHY})
# A container's id -> the fields of `ServiceStatus` that say what it uses.
Measure = Callable[[str], Mapping[str, Any]]


class ServiceStatus(Frozen):
    """One replica: what it should have, and what it has and uses. Unknown values are null."""

    instance: str
    container: str
    pool: str
    health: Health
    status: str = Field("", description="The engine's own words.")
    owner: str | None = Field(None, description="Set when a container of this name belongs to somebody else.")
    restarts: int | None = None
    cpu_cores: float | None = None
    cpu_limit: float
    memory_mib: float | None = None
    memory_request_mib: int
    memory_limit_mib: int
    core_set: str | None = None
    planned_core_set: str
    throttled: float | None = Field(
        None, description="Of the periods of its CPU quota, those in which it was used up."
    )
    oom_killed: bool | None = Field(None, description="Whether the kernel killed in it, for want of memory.")

    @property
    def good(self) -> bool:
        """Whether it is healthy, ours, and on the cores that the plan gave it."""
        return self.health is Health.HEALTHY and self.owner is None and not self.misplaced

    @property
    def misplaced(self) -> bool:
        """Whether it runs on other cores than planned."""
        return self.core_set is not None and not _same_cores(self.core_set, self.planned_core_set)


class StackStatus(Frozen):
    """All replicas of a stack in start order, and containers that carry its label and aren't in its plan."""

    version: int = 1
    stack: str
    services: tuple[ServiceStatus, ...]
    unexpected: tuple[str, ...] = ()

    @property
    def good(self) -> bool:
        """Whether everything is as it should be."""
        return all(service.good for service in self.services) and not self.unexpected

    @property
    def deployed(self) -> bool:
        """Whether any of it is there."""
        return any(service.health is not Health.MISSING for service in self.services)


def stack_status(
    client: docker.DockerClient, stack: str, plan: Plan, measure: Measure | None = None
) -> StackStatus:
    """Ask the engine: one list, then for each running container what it has and uses, in parallel.

    What it uses is measured over a second by the engine, unless there is something better to `measure` it.
    """
    using = measure or (lambda identity: used(client.api.stats(identity, stream=False)))
    listed = client.api.containers(all=True)
    there = {name.removeprefix("/"): entry for entry in listed for name in entry.get("Names") or ()}
    wanted = {full_name(stack, row.instance): row for row in plan.residents}
    with ThreadPoolExecutor(_THREADS) as pool:
        rows = pool.map(lambda name: _status(client, using, stack, wanted[name], there.get(name)), wanted)
        services = tuple(rows)
    return StackStatus(stack=stack, services=services, unexpected=_unexpected(there, wanted, stack))


def _unexpected(there: Mapping[str, Any], wanted: Mapping[str, Any], stack: str) -> tuple[str, ...]:
    """Only services count: containers that just carry files have no instance label."""
    return tuple(
        sorted(
            name
            for name, entry in there.items()
            if name not in wanted and _label(entry, STACK_LABEL) == stack and _label(entry, INSTANCE_LABEL)
        )
    )


def _status(
    client: docker.DockerClient,
    measure: Measure,
    stack: str,
    row: PlannedService,
    entry: Mapping[str, Any] | None,
) -> ServiceStatus:
    health = health_of(entry)
    foreign = entry is not None and _label(entry, STACK_LABEL) != stack
    known = (
        {} if entry is None or foreign else _measured(client, measure if health in _RUNNING else None, entry["Id"])
    )
    return ServiceStatus(
        instance=row.instance,
        container=full_name(stack, row.instance),
        pool=row.pool,
        health=health,
        status=(entry or {}).get("Status", ""),
        owner=(_label(entry, STACK_LABEL) or "nobody") if entry is not None and foreign else None,
        cpu_limit=row.cpu_limit,
        memory_request_mib=row.memory_request_mib,
        memory_limit_mib=row.memory_limit_mib,
        planned_core_set=str(row.core_set),
        **known,
    )


def _measured(client: docker.DockerClient, measure: Measure | None, identity: str) -> dict[str, Any]:
    try:
        inspected = client.api.inspect_container(identity)
        known = {
            "restarts": inspected.get("RestartCount", 0),
            "core_set": inspected["HostConfig"].get("CpusetCpus") or "",
            "oom_killed": bool((inspected.get("State") or {}).get("OOMKilled")),
        }
        return {**known, **(measure(identity) if measure else {})}
    except DockerException:  # gone between two calls
        return {}


def used(stats: Mapping[str, Any]) -> dict[str, float]:
    """Tell what was used between an answer's two samples, and the working set: what can't be given back."""
    memory = stats.get("memory_stats") or {}
    detail = memory.get("stats") or {}
    inactive = detail.get("inactive_file", detail.get("total_inactive_file", 0))
    now, before = stats.get("cpu_stats") or {}, stats.get("precpu_stats") or {}
    found = {"cpu_cores": _cores_used(now, before), "throttled": _throttled(now, before)}
    known = {name: round(value, 3) for name, value in found.items() if value is not None}
    return {"memory_mib": round(max(0, memory.get("usage", 0) - inactive) / _MIB, 1), **known}


def _throttled(now: Mapping[str, Any], before: Mapping[str, Any]) -> float | None:
    """Return none where no quota was enforced meanwhile: an idle container has no periods."""
    quota, earlier = now.get("throttling_data") or {}, before.get("throttling_data") or {}
    periods = quota.get("periods", 0) - earlier.get("periods", 0)
    if periods <= 0 or not before:
        return None
    return float(max(0, quota.get("throttled_periods", 0) - earlier.get("throttled_periods", 0)) / periods)


def _cores_used(now: Mapping[str, Any], before: Mapping[str, Any]) -> float | None:
    system = now.get("system_cpu_usage", 0) - before.get("system_cpu_usage", 0)
    if system <= 0 or "system_cpu_usage" not in before:
        return None
    spent = float(now["cpu_usage"]["total_usage"] - before["cpu_usage"]["total_usage"])
    return max(0.0, spent / float(system)) * int(now.get("online_cpus") or 1)


def _label(entry: Mapping[str, Any], label: str) -> str | None:
    value = (entry.get("Labels") or {}).get(label)
    return None if value is None else str(value)


def _same_cores(deployed: str, planned: str) -> bool:
    try:
        return CoreSet.parse(deployed) == CoreSet.parse(planned)
    except ValueError:
        return False
