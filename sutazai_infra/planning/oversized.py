"""Memory limits beyond the host: nobody could ever take that much, so whoever asks for it is mistaken."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from sutazai_infra.model.errors import PlanRefusedError
from sutazai_infra.planning.demand import Demand
from sutazai_infra.planning.quotas import Basis

__all__ = ["within_host"]


def within_host(demands: Sequence[Demand], basis: Basis) -> tuple[Demand, ...]:
    """Lower the catalogue's limits to a host that is smaller, where the stack scales; raises `PlanRefusedError`.

    A limit that the stack itself sets is never lowered.
    """
    most = basis.host.memory_mib
    refused = [d for d in demands if _beyond(d, most) and not (basis.scales and _of_catalogue(d, basis))]
    if refused:
        raise PlanRefusedError(dict.fromkeys(_refusals(refused, basis)))
    return tuple(replace(d, memory_limit=most) if _beyond(d, most) else d for d in demands)


def _beyond(demand: Demand, most: int) -> bool:
    return demand.resident and demand.memory_limit > most


def _of_catalogue(demand: Demand, basis: Basis) -> bool:
    override = basis.settings.overrides.get(demand.service.name)
    return override is None or override.memory_limit is None


def _refusals(demands: Sequence[Demand], basis: Basis) -> Iterator[str]:
    for demand in demands:
        name = demand.service.name
        key = (
            f"services/{name}/limits/memory" if _of_catalogue(demand, basis) else f"overrides/{name}/memory_limit"
        )
        yield (
            f"{name} may take {demand.memory_limit} MiB of {basis.host.memory_mib} MiB that the host has: "
            f"lower {key}, or use a larger host"
        )
