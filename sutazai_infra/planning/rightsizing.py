"""Requests and limits from measured use, as the recommender of Kubernetes' vertical pod autoscaler does it.

Samples lose half of their weight every half-life. A CPU request is the 90th percentile of its samples, a memory
request that of the peaks of intervals, each with a margin. Bounds around it narrow as more was measured: they say
how much a number is worth, and how far a limit may be lowered.

Deliberately not done: a lower CPU limit (nobody reserves it, and it would slow every start), and a lower memory
limit for a program whose settings follow from it (it would use less, and the next look would take that for its
need).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from math import ceil

from sutazai_infra.model.catalogue import Catalogue
from sutazai_infra.model.service import Kind, Resources, Service
from sutazai_infra.model.usage import Bounds, Figure, Recommendation, Sample, ServiceUsage, Sizing
from sutazai_infra.planning.demand import LEAST_MIB, LEAST_MILLICORES
from sutazai_infra.planning.tuning import tuned

__all__ = ["TEMPLATE", "advise", "bounds", "percentile", "resized", "sized_by_memory", "together"]

TEMPLATE = "template"
_DAY_S = 24 * 3600
_TARGET, _LOWER, _UPPER = 0.9, 0.5, 0.95
# Written as people do: in steps that grow with the number.
_CPU_STEPS = ((20, 1), (100, 5), (1000, 10))
_MIB_STEPS = ((32, 1), (128, 4), (1024, 16))
_LAST_CPU_STEP, _LAST_MIB_STEP = 50, 64
_THROTTLED_FACTOR = 1.5
_LEAST_LIMIT_MIB = 32


def percentile(samples: Sequence[Sample], part: float, half_life_s: float) -> float:
    """Return the least value that has `part` of all weight at or below it; raises `ValueError` without samples."""
    youngest = min(sample.age_s for sample in samples)
    weighted = sorted((s.value, 0.5 ** ((s.age_s - youngest) / half_life_s)) for s in samples)
    wanted, seen = part * sum(weight for _, weight in weighted), 0.0
    for value, weight in weighted:
        seen += weight
        if seen >= wanted * (1 - 1e-9):  # sums of weights are off by their rounding
            return value
    return weighted[-1][0]


def bounds(samples: Sequence[Sample], sizing: Sizing) -> Bounds:
    """Estimate a target between its bounds, with the margin; raises `ValueError` without samples."""
    ages = [sample.age_s for sample in samples]
    # Never nothing: even one sample stands for a minute.
    days = max(60.0, max(ages) - min(ages)) / _DAY_S
    half_life, more = sizing.half_life_s, 1 + sizing.margin
    return Bounds(
        lower=more * percentile(samples, _LOWER, half_life) * (1 + 0.001 / days) ** -2,
        target=more * percentile(samples, _TARGET, half_life),
        upper=more * percentile(samples, _UPPER, half_life) * (1 + 1 / days),
        peak=max(sample.value for sample in samples),
    )


def sized_by_memory(service: Service) -> bool:
    """Whether the service's own settings follow from its memory limit."""
    if service.tuning is None:
        return False
    few, many = (tuned(service.tuning, memory_mib=mib, cores=1) for mib in (1024, 8192))
    return few != many


def advise(
    service: Service, usage: ServiceUsage, sizing: Sizing, *, entry: str | None = None, as_declared: bool = True
) -> Recommendation:
    """Say what the catalogue should say of a service, from what its containers used.

    `as_declared` is false where they ran below another memory limit than the catalogue's.
    """
    keep = _kept(service, usage, entry or service.name)
    if len(usage.cpu) < sizing.min_samples or not usage.memory:
        return keep.model_copy(update={"notes": (f"{len(usage.cpu)} of {sizing.min_samples} samples: wait",)})
    cpu, memory = (bounds(samples, sizing) for samples in (_in_millicores(usage.cpu), usage.memory))
    changes = {"cpu": cpu, "memory": memory, **_cpu(service, usage, cpu, sizing)}
    if sized_by_memory(service) and not as_declared:
        note = "memory: its settings follow from its limit, which is another here: measured elsewhere"
        return keep.model_copy(update={**changes, "notes": (note,)})
    return keep.model_copy(
        update={**changes, **_memory(service, usage, memory, sizing), "notes": tuple(_notes(usage, sizing))}
    )


def together(usages: Sequence[ServiceUsage]) -> ServiceUsage:
    """Take what several services used for the use of one: agents share their entry."""
    containers = sum(usage.containers for usage in usages)
    return ServiceUsage(
        service=TEMPLATE,
        containers=containers,
        cpu=tuple(sample for usage in usages for sample in usage.cpu),
        memory=tuple(sample for usage in usages for sample in usage.memory),
        oom_kills=sum(usage.oom_kills for usage in usages),
        throttled=sum(usage.throttled * usage.containers for usage in usages) / max(1, containers),
    )


def resized(catalogue: Catalogue, recommendations: Iterable[Recommendation]) -> Catalogue:
    """Return the catalogue as it would be with the recommendations in it."""
    advised = {one.entry: one for one in recommendations}
    services = tuple(
        service if one is None else _with(service, one)
        for service in catalogue.services
        for one in [advised.get(TEMPLATE if service.kind is Kind.AGENT else service.name)]
    )
    return catalogue.model_copy(update={"services": services})


def _with(service: Service, one: Recommendation) -> Service:
    # Values of the model are in its units already; validated again, they would be read as whole cores.
    pair = Resources.model_construct
    requests = pair(cpu=one.cpu_request.advised, memory=one.memory_request.advised)
    limits = pair(cpu=one.cpu_limit.advised, memory=one.memory_limit.advised)
    return service.model_copy(update={"requests": requests, "limits": limits})


def _kept(service: Service, usage: ServiceUsage, entry: str) -> Recommendation:
    requests, limits = service.requests, service.limits
    return Recommendation(
        entry=entry,
        containers=usage.containers,
        samples=len(usage.cpu),
        cpu_request=_same(requests.cpu),
        memory_request=_same(requests.memory),
        cpu_limit=_same(limits.cpu),
        memory_limit=_same(limits.memory),
    )


def _same(amount: int) -> Figure:
    return Figure(now=amount, advised=amount)


def _in_millicores(samples: Iterable[Sample]) -> tuple[Sample, ...]:
    return tuple(Sample(sample.age_s, 1000 * sample.value) for sample in samples)


def _cpu(service: Service, usage: ServiceUsage, found: Bounds, sizing: Sizing) -> dict[str, Figure]:
    now = service.limits.cpu
    limit = _up(now * _THROTTLED_FACTOR, _CPU_STEPS, _LAST_CPU_STEP) if _throttled(usage, sizing) else now
    wanted = max(LEAST_MILLICORES, _up(found.target, _CPU_STEPS, _LAST_CPU_STEP))
    request = _worth_it(service.requests.cpu, min(wanted, limit), sizing)
    return {"cpu_request": request, "cpu_limit": Figure(now=now, advised=limit)}


def _memory(service: Service, usage: ServiceUsage, found: Bounds, sizing: Sizing) -> dict[str, Figure]:
    needed = (1 + sizing.margin) * found.peak
    target = found.target
    if usage.oom_kills:
        needed = max(needed, sizing.oom_factor * found.peak, found.peak + sizing.oom_least_mib)
        target = max(target, needed)
    limit = _memory_limit(service, needed, max(needed, found.upper, sizing.limit_factor * found.peak), sizing)
    wanted = min(limit.advised, max(LEAST_MIB, _up(target, _MIB_STEPS, _LAST_MIB_STEP)))
    request = _worth_it(service.requests.memory, wanted, sizing)
    # A limit that comes down takes a request along that was left as it is.
    return {
        "memory_request": Figure(now=request.now, advised=min(request.advised, limit.advised)),
        "memory_limit": limit,
    }


def _memory_limit(service: Service, needed: float, upper: float, sizing: Sizing) -> Figure:
    now = service.limits.memory
    if now < needed:
        return Figure(now=now, advised=_up(needed, _MIB_STEPS, _LAST_MIB_STEP))
    if sized_by_memory(service) or now <= upper:
        return _same(now)
    return _worth_it(now, min(now, max(_LEAST_LIMIT_MIB, _up(upper, _MIB_STEPS, _LAST_MIB_STEP))), sizing)


def _worth_it(now: int, wanted: int, sizing: Sizing) -> Figure:
    small = abs(wanted - now) <= sizing.least_change * now
    return Figure(now=now, advised=now if small else wanted)


def _throttled(usage: ServiceUsage, sizing: Sizing) -> bool:
    return usage.throttled > sizing.throttled_share


def _notes(usage: ServiceUsage, sizing: Sizing) -> Iterator[str]:
    if usage.oom_kills:
        times = "once" if usage.oom_kills == 1 else f"{usage.oom_kills} times"
        yield f"killed for memory {times}"
    if _throttled(usage, sizing):
        yield f"throttled in {usage.throttled:.0%} of its periods"


def _up(amount: float, steps: Sequence[tuple[int, int]], last: int) -> int:
    """Round up to a multiple of the step that is for such numbers."""
    step = next((step for below, step in steps if amount <= below), last)
    return ceil(amount / step - 1e-9) * step
