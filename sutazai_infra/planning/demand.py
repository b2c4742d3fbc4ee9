"""Which replicas a stack asks for, with the stack's overrides applied, and what it leaves out and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from sutazai_infra.model.catalogue import Catalogue, Pool
from sutazai_infra.model.errors import ConfigError
from sutazai_infra.model.plan import Disabled
from sutazai_infra.model.service import Kind, Service
from sutazai_infra.model.settings import ImageSource, Settings
from sutazai_infra.planning.overrides import (
    overridden,
    refuse_common_writing,
    refuse_unknown_names,
    refuse_unpublishable,
)

__all__ = ["LEAST_MIB", "LEAST_MILLICORES", "Demand", "Selection", "scaled_amount", "select"]

# Docker's least weight is 2 of 1024 shares, its least memory reservation 6 MiB: who asks for less is given that.
LEAST_MILLICORES = 2
LEAST_MIB = 6


@dataclass(frozen=True, slots=True)
class Demand:
    """One replica and what it asks for: CPU in millicores, memory in MiB.

    Its `instance` is `api` for the first replica, `api-2` for the second. A `resident` takes of the budget now; a
    slot takes of it when it is started.
    """

    service: Service
    pool: Pool
    replica: int
    instance: str
    resident: bool
    cpu: int
    memory: int
    cpu_limit: int
    memory_limit: int

    def scaled(self, cpu: int, memory: int, whole: int) -> Demand:
        """Multiply the requests by `cpu / whole` and `memory / whole`, floored, but never below Docker's least."""
        return replace(
            self,
            cpu=scaled_amount(self.cpu, cpu, whole, LEAST_MILLICORES),
            memory=scaled_amount(self.memory, memory, whole, LEAST_MIB),
        )


@dataclass(frozen=True, slots=True)
class Selection:
    """What the stack runs and what it doesn't."""

    demands: tuple[Demand, ...]
    disabled: tuple[Disabled, ...]


def scaled_amount(amount: int, part: int, whole: int, least: int) -> int:
    """Multiply by `part / whole`, floored; never below `least`, never above what it was."""
    return max(min(amount, least), amount * part // whole)


def instance_name(service: str, replica: int) -> str:
    """Name a replica of a service."""
    return service if replica == 1 else f"{service}-{replica}"


def select(catalogue: Catalogue, settings: Settings) -> Selection:
    """Expand the catalogue to replicas; raises `ConfigError` for wishes that can't be met, whatever the host."""
    refuse_unknown_names(catalogue, settings)
    counts = _replicas(catalogue, settings)
    disabled = tuple(_disabled(catalogue, settings, counts))
    off = {entry.name: entry.reason for entry in disabled}
    services = [overridden(s, settings.overrides.get(s.name)) for s in catalogue.services if s.name not in off]
    _refuse_missing_dependencies(services, off)
    _refuse_equal_names(catalogue, services, counts)
    refuse_common_writing(services, catalogue, settings, counts)
    refuse_unpublishable(catalogue, settings, off)
    pools = {pool.name: pool for pool in catalogue.pools}
    return Selection(
        tuple(
            _demand(service, pools[service.pool], replica)
            for service in services
            for replica in range(1, counts[service.name] + 1)
        ),
        disabled,
    )


def _demand(service: Service, pool: Pool, replica: int) -> Demand:
    resident = service.kind.resident
    ceiling = pool.cpu_ceiling if not resident and pool.cpu_ceiling else service.limits.cpu
    limit = min(service.limits.cpu, ceiling)
    cpu = max(LEAST_MILLICORES, service.requests.cpu) if resident else min(limit, service.requests.cpu)
    return Demand(
        service=service,
        pool=pool,
        replica=replica,
        instance=instance_name(service.name, replica),
        resident=resident,
        cpu=cpu,
        memory=max(LEAST_MIB, service.requests.memory) if resident else service.requests.memory,
        cpu_limit=max(limit, cpu),
        memory_limit=service.limits.memory,
    )


def _replicas(catalogue: Catalogue, settings: Settings) -> Mapping[str, int]:
    """Count the replicas of every service; more agents than there are names means more replicas of each."""
    counts = {service.name: 1 for service in catalogue.services}
    counts.update(_agent_counts(catalogue, settings))
    given = {name: o.replicas for name, o in settings.overrides.items() if o.replicas is not None}
    counts.update((name, replicas) for name, replicas in given.items() if counts[name])
    return counts


def _agent_counts(catalogue: Catalogue, settings: Settings) -> Mapping[str, int]:
    agents = [service for service in catalogue.services if service.kind is Kind.AGENT]
    wanted = settings.agents
    if isinstance(wanted, tuple):
        return {agent.name: int(agent.name in wanted) for agent in agents}
    ready = [a.name for a in agents if not _why_off_by_itself(a, catalogue, settings)]
    if wanted == "all":
        return {}
    if wanted and not ready:
        raise ConfigError("settings", [f"agents: {wanted} wanted, but the stack has none that it can run"])
    counts = {agent.name: 0 for agent in agents}
    for position, name in enumerate(ready):
        counts[name] = wanted // len(ready) + (position < wanted % len(ready))
    return counts


def _disabled(catalogue: Catalogue, settings: Settings, counts: Mapping[str, int]) -> Iterator[Disabled]:
    for service in catalogue.services:
        reason = _why_off(service, catalogue, settings, counts)
        if reason:
            yield Disabled(name=service.name, reason=reason)


def _why_off(service: Service, catalogue: Catalogue, settings: Settings, counts: Mapping[str, int]) -> str:
    by_itself = _why_off_by_itself(service, catalogue, settings)
    if by_itself:
        return by_itself
    only = settings.services.only
    if service.kind is not Kind.AGENT and only is not None and not _named(service, settings):
        return "not among the stack's services (services/only)"
    return "" if counts[service.name] else "no replica asked for by the stack's settings"


def _why_off_by_itself(service: Service, catalogue: Catalogue, settings: Settings) -> str:
    image = catalogue.images[service.image]
    if service.name in settings.services.disable:
        return "disabled by the stack's settings (services/disable)"
    if not service.enabled and not _named(service, settings):
        return service.disabled_reason
    if settings.images is ImageSource.BUILT and image.built is None:
        return f"no image to build: {image.unbuilt_reason}"
    return ""


def _named(service: Service, settings: Settings) -> bool:
    agents = settings.agents if isinstance(settings.agents, tuple) else ()
    return service.name in {*(settings.services.only or ()), *settings.services.enable, *agents}


def _refuse_missing_dependencies(services: Sequence[Service], off: Mapping[str, str]) -> None:
    problems = [
        f"services/{service.name}/depends_on: {needed} isn't in this stack ({off[needed]}); enable it, "
        f"or disable {service.name}"
        for service in services
        for needed in service.depends_on
        if needed in off
    ]
    if problems:
        raise ConfigError("settings", problems)


def _refuse_equal_names(catalogue: Catalogue, services: Sequence[Service], counts: Mapping[str, int]) -> None:
    names = {service.name for service in catalogue.services}
    problems = [
        f"overrides/{service.name}/replicas: replica {replica} would be named as the service {clash}; "
        f"ask for at most {replica - 1}, or rename one"
        for service in services
        for replica in range(2, counts[service.name] + 1)
        if (clash := instance_name(service.name, replica)) in names
    ]
    if problems:
        raise ConfigError("settings", problems)
