"""What a stack's settings change of the catalogue, checked before anything is planned with it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches

from sutazai_infra.model.catalogue import Catalogue
from sutazai_infra.model.errors import ConfigError
from sutazai_infra.model.service import Kind, Resources, Service
from sutazai_infra.model.settings import ServiceOverride, Settings

__all__ = ["overridden", "refuse_common_writing", "refuse_unknown_names", "refuse_unpublishable"]

_LEAST_LIMITS = {"cpu": (1, "m"), "memory": (6, " MiB")}


def overridden(service: Service, override: ServiceOverride | None) -> Service:
    """Put the stack's requests and limits in place of the catalogue's; raises `ConfigError` for bad ones."""
    if override is None:
        return service
    requests = _either(service.requests, override.cpu_request, override.memory_request)
    limits = _either(service.limits, override.cpu_limit, override.memory_limit)
    problems = list(_problems(service.name, requests, limits))
    if problems:
        raise ConfigError("settings", problems)
    return service.model_copy(update={"requests": requests, "limits": limits})


def _either(own: Resources, cpu: int | None, memory: int | None) -> Resources:
    # Values of the model are in its units already; validated again, they would be read as whole cores.
    return Resources.model_construct(
        cpu=own.cpu if cpu is None else cpu, memory=own.memory if memory is None else memory
    )


def _problems(name: str, requests: Resources, limits: Resources) -> Iterator[str]:
    for dimension, (least, unit) in _LEAST_LIMITS.items():
        wanted, limit = getattr(requests, dimension), getattr(limits, dimension)
        at = f"overrides/{name}/{dimension}"
        if limit < least:
            yield f"{at}_limit: {limit}{unit} is below the least that Docker takes; give at least {least}{unit}"
        elif wanted > limit:
            yield f"{at}_request: {wanted}{unit} is above the limit of {limit}{unit}; set {dimension}_limit too"


def refuse_unknown_names(catalogue: Catalogue, settings: Settings) -> None:
    """Raise `ConfigError` that lists every service and tier of the settings that the catalogue doesn't have."""
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
    present = set(known)
    unknown = [
        f"{path}: the catalogue has no service {name!r}{_closest(name, known)}"
        for path, names in named.items()
        for name in names
        if name not in present
    ]
    tiers = {tier.number for tier in catalogue.tiers}
    unknown += [
        f"tiers/{number}: there is no such tier; there are {', '.join(map(str, sorted(tiers)))}"
        for number in settings.tiers
        if number not in tiers
    ]
    kinds = {service.name: service.kind for service in catalogue.services}
    unknown += [
        f"agents: {name} is no agent but a {kinds[name]}; name it in services/enable or services/only"
        for name in agents
        if kinds.get(name, Kind.AGENT) is not Kind.AGENT
    ]
    if unknown:
        raise ConfigError("settings", sorted(unknown))


def refuse_common_writing(
    services: Sequence[Service], catalogue: Catalogue, settings: Settings, counts: Mapping[str, int]
) -> None:
    """Raise `ConfigError` where replicas would write to one volume, and the catalogue doesn't call it shared."""
    shared = {volume.name for volume in catalogue.volumes if volume.shared is not None}
    problems = [
        f"{_counted_at(service, settings)}: {counts[service.name]} would write to volume {mount.volume} at once; "
        "keep 1, or declare the volume shared"
        for service in services
        if counts[service.name] > 1
        for mount in service.mounts
        if not mount.read_only and mount.volume not in shared
    ]
    if problems:
        raise ConfigError("settings", problems)


def _counted_at(service: Service, settings: Settings) -> str:
    """Name the setting that a service has its replicas from."""
    override = settings.overrides.get(service.name)
    if override is None or override.replicas is None:
        return f"agents: {service.name}"
    return f"overrides/{service.name}/replicas"


def refuse_unpublishable(catalogue: Catalogue, settings: Settings, off: Mapping[str, str]) -> None:
    """Raise `ConfigError` for ports that nothing of this stack would listen on, and for those asked for twice."""
    kinds = {service.name: service.kind for service in catalogue.services}
    problems: list[str] = []
    takers: dict[int, list[str]] = defaultdict(list)
    for name, port in settings.publish.items():
        takers[port].append(name)
        if name in off:
            problems.append(
                f"publish/{name}: {name} isn't in this stack ({off[name]}); enable it, or publish nothing of it"
            )
        elif not kinds[name].resident:
            problems.append(f"publish/{name}: {name} is a {kinds[name]}; only what runs all the time is published")
    problems += [
        f"publish: {' and '.join(names)} can't share port {port} of this host; give each its own"
        for port, names in takers.items()
        if len(names) > 1
    ]
    if problems:
        raise ConfigError("settings", problems)


def _closest(name: str, known: Sequence[str]) -> str:
    close = get_close_matches(name, known, n=1)
    return f" (did you mean {close[0]!r}?)" if close else ""
