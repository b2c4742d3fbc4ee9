"""Which replicas a stack asks for, with the stack's overrides applied, and what it leaves out and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches

from sutazai_infra.model.catalogue import Catalogue, Pool
from sutazai_infra.model.errors import ConfigError
from sutazai_infra.model.plan import Disabled
from sutazai_infra.model.service import Kind, Resources, Service
from sutazai_infra.model.settings import ImageSource, ServiceOverride, Settings

__all__ = ["Demand", "Selection", "select"]


@dataclass(frozen=True, slots=True)
class Demand:
    """One replica and what it asks for: CPU in millicores, memory in MiB."""

    service: Service
    pool: Pool
    replica: int
    cpu: int
    memory: int
    cpu_limit: int
    memory_limit: int

    @property
    def instance(self) -> str:
        """`api` for the first replica, `api-2` for the second."""
        return self.service.name if self.replica == 1 else f"{self.service.name}-{self.replica}"

    @property
    def resident(self) -> bool:
        """Whether it takes of the budget now; a slot takes of it when it is started."""
        return self.service.kind.resident

    def scaled(self, cpu: float, memory: float) -> Demand:
        """Multiply the requests, floored, but never down to nothing."""
        return replace(
            self,
            cpu=max(1, int(self.cpu * cpu)) if self.cpu else 0,
            memory=max(1, int(self.memory * memory)) if self.memory else 0,
        )


@dataclass(frozen=True, slots=True)
class Selection:
    """What the stack runs and what it doesn't."""

    demands: tuple[Demand, ...]
    disabled: tuple[Disabled, ...]


def select(catalogue: Catalogue, settings: Settings) -> Selection:
    """Expand the catalogue to replicas; raises `ConfigError` for names that aren't in it."""
    _refuse_unknown_names(catalogue, settings)
    counts = _replicas(catalogue, settings)
    disabled = tuple(_disabled(catalogue, settings, counts))
    off = {entry.name: entry.reason for entry in disabled}
    services = [_overridden(s, settings.overrides.get(s.name)) for s in catalogue.services if s.name not in off]
    _refuse_missing_dependencies(services, off)
    pools = {pool.name: pool for pool in catalogue.pools}
    return Selection(
        tuple(
            _demand(service, pools[service.pool], replica)
            for service in services
            for replica in range(1, counts.get(service.name, 1) + 1)
        ),
        disabled,
    )


def _demand(service: Service, pool: Pool, replica: int) -> Demand:
    ceiling = pool.cpu_ceiling if not service.kind.resident and pool.cpu_ceiling else service.limits.cpu
    return Demand(
        service=service,
        pool=pool,
        replica=replica,
        cpu=service.requests.cpu,
        memory=service.requests.memory,
        cpu_limit=min(service.limits.cpu, ceiling),
        memory_limit=service.limits.memory,
    )


def _replicas(catalogue: Catalogue, settings: Settings) -> Mapping[str, int]:
    """Count the replicas of every service; more agents than there are names means more replicas of each."""
    counts = {service.name: 1 for service in catalogue.services}
    agents = [s.name for s in catalogue.services if s.kind is Kind.AGENT and s.enabled]
    wanted = settings.agents
    if isinstance(wanted, int):
        for position, name in enumerate(agents):
            counts[name] = wanted // len(agents) + (position < wanted % len(agents))
    elif wanted != "all":
        counts.update({s.name: int(s.name in wanted) for s in catalogue.services if s.kind is Kind.AGENT})
    counts.update({n: o.replicas for n, o in settings.overrides.items() if o.replicas is not None})
    return counts


def _disabled(catalogue: Catalogue, settings: Settings, counts: Mapping[str, int]) -> Iterator[Disabled]:
    for service in catalogue.services:
        reason = _why_off(service, catalogue, settings, counts)
        if reason:
            yield Disabled(name=service.name, reason=reason)


def _why_off(service: Service, catalogue: Catalogue, settings: Settings, counts: Mapping[str, int]) -> str:
    chosen = settings.services
    image = catalogue.images[service.image]
    named = service.name in {*(chosen.only or ()), *chosen.enable}
    if service.name in chosen.disable:
        return "disabled by the stack's settings (services/disable)"
    if service.kind is not Kind.AGENT and chosen.only is not None and not named:
        return "not among the stack's services (services/only)"
    if not service.enabled and not named and service.kind is not Kind.AGENT:
        return service.disabled_reason
    if counts.get(service.name, 1) == 0:
        return "no replica asked for by the stack's settings"
    if settings.images is ImageSource.BUILT and image.built is None:
        return f"no image to build: {image.unbuilt_reason}"
    return ""


def _overridden(service: Service, override: ServiceOverride | None) -> Service:
    if override is None:
        return service
    requests = Resources.model_construct(
        cpu=service.requests.cpu if override.cpu_request is None else override.cpu_request,
        memory=service.requests.memory if override.memory_request is None else override.memory_request,
    )
    limits = Resources.model_construct(
        cpu=service.limits.cpu if override.cpu_limit is None else override.cpu_limit,
        memory=service.limits.memory if override.memory_limit is None else override.memory_limit,
    )
    problems = [
        f"overrides/{service.name}/{dimension}_request: {wanted}{unit} is above the limit of {limit}{unit}; "
        f"set {dimension}_limit too"
        for dimension, wanted, limit, unit in (
            ("cpu", requests.cpu, limits.cpu, "m"),
            ("memory", requests.memory, limits.memory, " MiB"),
        )
        if wanted > limit
    ]
    if problems:
        raise ConfigError("settings", problems)
    return service.model_copy(update={"requests": requests, "limits": limits})


def _refuse_unknown_names(catalogue: Catalogue, settings: Settings) -> None:
    known = [service.name for service in catalogue.services]
    agents = settings.agents if isinstance(settings.agents, tuple) else ()
    named: dict[str, Iterable[str]] = {
        "services/only": settings.services.only or (),
        "services/enable": settings.services.enable,
        "services/disable": settings.services.disable,
        "agents": agents,
        "overrides": settings.overrides,
        "publish": settings.publish,
    }
    unknown = [
        f"{path}: the catalogue has no service {name!r}{_closest(name, known)}"
        for path, names in named.items()
        for name in names
        if name not in known
    ]
    tiers = {tier.number for tier in catalogue.tiers}
    unknown += [f"tiers/{number}: there is no such tier" for number in settings.tiers if number not in tiers]
    if unknown:
        raise ConfigError("settings", unknown)


def _refuse_missing_dependencies(services: list[Service], off: Mapping[str, str]) -> None:
    problems = [
        f"services/{service.name}/depends_on: {needed} isn't in this stack ({off[needed]}); enable it, "
        f"or disable {service.name}"
        for service in services
        for needed in service.depends_on
        if needed in off
    ]
    if problems:
        raise ConfigError("settings", problems)


def _closest(name: str, known: list[str]) -> str:
    close = get_close_matches(name, known, n=1)
    return f" (did you mean {close[0]!r}?)" if close else ""
