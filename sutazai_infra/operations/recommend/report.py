"""All of it together: who of the stack was measured, what each should say, the patch, and what that does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated

from pydantic import Field, StringConstraints

from sutazai_infra.model.base import Frozen
from sutazai_infra.model.plan import Plan
from sutazai_infra.model.service import Kind, Service
from sutazai_infra.model.settings import ServiceOverride
from sutazai_infra.model.usage import Recommendation, ServiceUsage, Sizing
from sutazai_infra.operations.gathering import Gathered
from sutazai_infra.operations.recommend.effect import Effect, effect_of
from sutazai_infra.operations.recommend.measure import Asked, Asker, measure
from sutazai_infra.operations.recommend.patch import patch_of
from sutazai_infra.planning.rightsizing import TEMPLATE, advise, together

__all__ = ["Report", "recommend"]


class Report(Frozen):
    """What was found for a stack; `unmeasured` are services of the plan that nobody measured."""

    version: int = 1
    stack: str
    window_s: int
    measured_s: int = Field(description="How much of the window there are samples of.")
    recommendations: tuple[Recommendation, ...]
    unmeasured: tuple[str, ...]
    # To its last line end, or git takes it for a torn one.
    patch: Annotated[str, StringConstraints(strip_whitespace=False)]
    effect: Effect


def recommend(gathered: Gathered, prometheus: Asker, asked: Asked, sizing: Sizing) -> Report:
    """Measure, advise and plan anew; changes nothing."""
    usages = measure(prometheus, asked)
    planned = gathered.plan()
    running = {row.name for row in planned.residents}
    advised = tuple(_advised(gathered, planned, {n: u for n, u in usages.items() if n in running}, sizing))
    return Report(
        stack=gathered.stack,
        window_s=asked.window_s,
        measured_s=round(max((sample.age_s for usage in usages.values() for sample in usage.cpu), default=0)),
        recommendations=advised,
        unmeasured=tuple(sorted(running - usages.keys())),
        patch=patch_of(gathered.folder / "catalogue", advised),
        effect=effect_of(gathered, advised, usages),
    )


def _advised(
    gathered: Gathered, planned: Plan, usages: Mapping[str, ServiceUsage], sizing: Sizing
) -> Iterator[Recommendation]:
    services = [service for service in gathered.catalogue.services if service.name in usages]
    limits = {row.name: row.memory_limit_mib for row in planned.residents}
    for service in services:
        if service.kind is not Kind.AGENT:
            as_declared = limits[service.name] == service.limits.memory
            found = advise(service, usages[service.name], sizing, as_declared=as_declared)
            yield _unless_overridden(found, service, gathered.settings.overrides.get(service.name))
    agents = [service for service in services if service.kind is Kind.AGENT]
    if agents:
        usage = together([usages[agent.name] for agent in agents])
        yield advise(agents[0], usage, sizing, entry=TEMPLATE)


def _unless_overridden(
    found: Recommendation, service: Service, override: ServiceOverride | None
) -> Recommendation:
    """A stack's own numbers come before the catalogue's, which it then says nothing about."""
    if override is None or not override.model_dump(exclude={"replicas"}, exclude_none=True):
        return found
    kept = {
        name: getattr(found, name).model_copy(update={"advised": getattr(found, name).now})
        for name in ("cpu_request", "memory_request", "cpu_limit", "memory_limit")
    }
    note = f"overrides/{service.name} of the stack decides: change it there"
    return found.model_copy(update={**kept, "notes": (note,)})
