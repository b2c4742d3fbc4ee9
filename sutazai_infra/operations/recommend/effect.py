"""What recommendations do to a stack's plan: the ledger before and after, and what is requested and never used."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from statistics import fmean
from typing import Literal

from pydantic import Field

from sutazai_infra.model.base import Frozen
from sutazai_infra.model.errors import PlanRefusedError
from sutazai_infra.model.plan import LedgerLine, Plan, PlannedService
from sutazai_infra.model.usage import Recommendation, Sample, ServiceUsage
from sutazai_infra.operations.gathering import Gathered
from sutazai_infra.planning.planner import plan
from sutazai_infra.planning.rightsizing import resized

__all__ = ["Effect", "LedgerChange", "Waste", "effect_of"]


class LedgerChange(Frozen):
    """A line of the ledger that isn't what it was."""

    scope: str
    dimension: str
    unit: Literal["cores", "MiB", "count"]
    before: float
    after: float
    limit: float = Field(description="The limit after.")


class Waste(Frozen):
    """What measured services request, use on average, and so leave unused, as a share of what they request."""

    requested: float
    used: float
    share: float = Field(ge=0, le=1)


class Effect(Frozen):
    """The plan before and after; `refused` says why there is none after. CPU in cores, memory in MiB."""

    ledger: tuple[LedgerChange, ...] = ()
    cpu_before: Waste
    cpu_after: Waste | None = None
    memory_before: Waste
    memory_after: Waste | None = None
    refused: str = ""


def effect_of(
    gathered: Gathered, recommendations: Sequence[Recommendation], usages: Mapping[str, ServiceUsage]
) -> Effect:
    """Plan with the catalogue as it is, and as it would be; raises as the planner does for the former."""
    before = gathered.plan()
    known = {"cpu_before": _cpu_waste(before, usages), "memory_before": _memory_waste(before, usages)}
    try:
        changed = resized(gathered.catalogue, recommendations)
        after = plan(changed, gathered.host, gathered.settings, gathered.previous)
    except PlanRefusedError as error:
        return Effect(**known, refused=str(error))
    return Effect(
        **known,
        cpu_after=_cpu_waste(after, usages),
        memory_after=_memory_waste(after, usages),
        ledger=tuple(_changes(before.ledger, after.ledger)),
    )


def _changes(before: Iterable[LedgerLine], after: Iterable[LedgerLine]) -> Iterator[LedgerChange]:
    known = {(line.scope, line.dimension): line for line in before}
    for line in after:
        was = known.get((line.scope, line.dimension))
        if was is not None and was.used != line.used:
            yield LedgerChange(
                scope=line.scope,
                dimension=line.dimension,
                unit=line.unit,
                before=was.used,
                after=line.used,
                limit=line.limit,
            )


def _cpu_waste(planned: Plan, usages: Mapping[str, ServiceUsage]) -> Waste:
    return _waste(planned, usages, lambda row: row.cpu_request, lambda usage: usage.cpu)


def _memory_waste(planned: Plan, usages: Mapping[str, ServiceUsage]) -> Waste:
    return _waste(planned, usages, lambda row: row.memory_request_mib, lambda usage: usage.memory)


def _waste(
    planned: Plan,
    usages: Mapping[str, ServiceUsage],
    requested: Callable[[PlannedService], float],
    samples: Callable[[ServiceUsage], Sequence[Sample]],
) -> Waste:
    """Sum over containers: what one leaves unused is no use to another."""
    rows = [
        (requested(row), fmean(sample.value for sample in samples(usages[row.name])))
        for row in planned.residents
        if row.name in usages and samples(usages[row.name])
    ]
    whole = sum(wanted for wanted, _ in rows)
    unused = sum(max(0.0, wanted - used) for wanted, used in rows)
    return Waste(requested=whole, used=sum(used for _, used in rows), share=unused / whole if whole else 0)
