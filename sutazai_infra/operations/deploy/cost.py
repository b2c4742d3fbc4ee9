"""What an update costs, before it is made: who is replaced, why, and how long nobody answers instead. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from sutazai_infra.model.container import ContainerSpec, StackSpec
from sutazai_infra.operations.deploy.events import Change, Outcome

__all__ = ["Away", "ServiceCost", "costs"]

Sort = Literal["new", "in place", "replaced", "removed"]
_SORTS: dict[str, Sort] = {"create": "new", "update": "in place", "replace": "replaced", "delete": "removed"}


@dataclass(frozen=True)
class Away:
    """How long a service doesn't answer, in seconds: as a rule, and at most."""

    expected_s: float
    most_s: float


@dataclass(frozen=True)
class ServiceCost:
    """What an update does to one service. `because` names the fields that force a replacement.

    `away` is None where another replica answers meanwhile, or nothing is interrupted; `data` names data volumes.
    """

    service: str
    instances: tuple[str, ...]
    sort: Sort
    because: tuple[str, ...] = ()
    away: Away | None = None
    data: tuple[str, ...] = ()


def costs(spec: StackSpec, outcome: Outcome) -> tuple[ServiceCost, ...]:
    """Sum up by service what becomes of its containers; the costly first."""
    found: dict[tuple[str, Sort], list[Change]] = {}
    services = {container.instance: container.service for container in spec.containers}
    carriers = {f"{container.pool}-files" for container in spec.containers}
    for change in outcome.changes:
        if change.kind == "container" and change.operation in _SORTS and change.name not in carriers:
            service = services.get(change.name, change.name)
            found.setdefault((service, _SORTS[change.operation]), []).append(change)
    told = [_cost(spec, service, sort, changes) for (service, sort), changes in found.items()]
    return tuple(sorted(told, key=lambda cost: (_ORDER.index(cost.sort), cost.away is None)))


_ORDER: Sequence[Sort] = ("replaced", "removed", "new", "in place")


def _cost(spec: StackSpec, service: str, sort: Sort, changes: Sequence[Change]) -> ServiceCost:
    containers = [container for container in spec.containers if container.service == service]
    return ServiceCost(
        service=service,
        instances=tuple(change.name for change in changes),
        sort=sort,
        because=_because(changes) if sort == "replaced" else (),
        # Replicas are replaced one after the other.
        away=_away(containers[0]) if sort == "replaced" and len(containers) == 1 else None,
        data=tuple(_data(spec, containers)) if sort in {"replaced", "removed"} else (),
    )


def _because(changes: Iterable[Change]) -> tuple[str, ...]:
    named = dict.fromkeys(key for change in changes for key in change.because)
    # A label changes with what the provider stores and never applies, which is named as well.
    return tuple(key for key in named if key != "labels") or tuple(named)


def _away(container: ContainerSpec) -> Away:
    """It is stopped, and answers for sure again when it is found healthy, as a rule by its first probe."""
    health = container.health
    interval_s = health.interval_ms / 1000
    longest = health.start_period_s + (health.retries + 1) * (interval_s + health.timeout_s)
    return Away(expected_s=1 + interval_s, most_s=container.stop_grace_s + longest)


def _data(spec: StackSpec, containers: Sequence[ContainerSpec]) -> Iterator[str]:
    kept = {volume.name for volume in spec.volumes if volume.data}
    yield from sorted({mount.volume for c in containers for mount in c.mounts if mount.volume in kept})
