"""The metrics: their names, help texts and values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from exporter.container import Container, Identity
from exporter.plan import PlanFacts
from exporter.usage import Usage

__all__ = ["LABELS", "Sample", "container_metrics", "foreign_metrics", "plan_metrics", "single"]

LABELS = ("container", "name", "service", "pool", "tier", "priority")
_PREFIX = "sutazai_container_"


@dataclass(frozen=True)
class Sample:
    """One container at one moment; `usage` is none while it doesn't run."""

    identity: Identity
    container: Container
    usage: Usage | None
    oom_kills: int


Value = float | int | bool | None


@dataclass(frozen=True)
class _Definition:
    name: str
    help: str
    value: Callable[[Sample], Value]

    def family(self, samples: Iterable[Sample]) -> Metric:
        """Collect the values; whoever has none is left out."""
        counter = self.name.endswith("_total")
        make = CounterMetricFamily if counter else GaugeMetricFamily
        family = make(_PREFIX + self.name, self.help, labels=LABELS)
        for sample in samples:
            value = self.value(sample)
            if value is not None:
                family.add_metric(sample.identity.labels, float(value))
        return family


def _used(value: Callable[[Usage], Value]) -> Callable[[Sample], Value]:
    return lambda sample: None if sample.usage is None else value(sample.usage)


def _cores(sample: Sample) -> Value:
    """Count the core set's cores; all that there are, where it has none."""
    if sample.container.cores is not None or sample.usage is None:
        return sample.container.cores
    return sample.usage.online_cores


def _memory_limit(sample: Sample) -> Value:
    """Return the declared limit; the one that the kernel holds, where none was declared."""
    return sample.container.memory_limit or (sample.usage.memory_limit if sample.usage else None)


_DEFINITIONS = (
    _Definition("cpu_seconds_total", "CPU time used since its start.", _used(lambda u: u.cpu_seconds)),
    _Definition("cores", "Cores in its core set.", _cores),
    _Definition(
        "cpu_limit_cores",
        "Most cores' worth of CPU that it can take.",
        lambda s: s.container.cpu_limit or _cores(s),
    ),
    _Definition(
        "cpu_request_cores", "Cores' worth of CPU that it is guaranteed.", lambda s: s.container.cpu_request
    ),
    _Definition("memory_working_set_bytes", "Memory without inactive file pages.", _used(lambda u: u.working_set)),
    _Definition("memory_limit_bytes", "Most memory that it can take.", _memory_limit),
    _Definition("memory_request_bytes", "Memory that it is guaranteed.", lambda s: s.container.memory_request),
    _Definition("restarts_total", "Restarts by the engine's restart policy.", lambda s: s.container.restarts),
    _Definition("healthy", "1 if its health check passes.", lambda s: s.container.healthy),
    _Definition("running", "1 if it runs.", lambda s: s.container.running),
    _Definition("start_time_seconds", "When it was started last, since the epoch.", lambda s: s.container.started),
    _Definition("cpu_periods_total", "Periods in which its CPU quota was enforced.", _used(lambda u: u.periods)),
    _Definition(
        "cpu_throttled_periods_total",
        "Periods in which its quota was used up.",
        _used(lambda u: u.throttled_periods),
    ),
    _Definition(
        "cpu_throttled_seconds_total",
        "Time that it waited for a new period.",
        _used(lambda u: u.throttled_seconds),
    ),
    _Definition("oom_kills_total", "Kills for want of memory, since the exporter's start.", lambda s: s.oom_kills),
    _Definition("pids", "Processes and threads.", _used(lambda u: u.pids)),
    _Definition(
        "network_receive_bytes_total", "Bytes received on all of its networks.", _used(lambda u: u.received)
    ),
    _Definition(
        "network_transmit_bytes_total", "Bytes sent on all of its networks.", _used(lambda u: u.transmitted)
    ),
)


def container_metrics(samples: Iterable[Sample]) -> Iterator[Metric]:
    """Yield what is known of the containers, one family after the other."""
    ordered = sorted(samples, key=lambda sample: sample.identity.container)
    for definition in _DEFINITIONS:
        yield definition.family(ordered)
    info = GaugeMetricFamily(f"{_PREFIX}info", "What it runs, and where.", labels=(*LABELS, "core_set", "image"))
    for sample in ordered:
        info.add_metric((*sample.identity.labels, sample.container.core_set, sample.container.image), 1)
    yield info


def foreign_metrics(running: int, memory: int) -> Iterator[Metric]:
    """Yield the sums over containers of other stacks and of nobody, which take from the same host."""
    yield single("sutazai_foreign_containers", "Running containers that aren't this stack's.", running)
    yield single(
        "sutazai_foreign_memory_working_set_bytes", "Memory of containers that aren't this stack's.", memory
    )


def plan_metrics(plan: PlanFacts) -> Iterator[Metric]:
    """Yield the ledger, the owners of cores, and the pools."""
    used, limit = (
        GaugeMetricFamily(f"sutazai_ledger_{name}", text, labels=("scope", "dimension", "unit"))
        for name, text in (("used", "What the plan takes of a budget."), ("limit", "What a budget allows."))
    )
    for line in plan.ledger:
        used.add_metric((line.scope, line.dimension, line.unit), line.used)
        limit.add_metric((line.scope, line.dimension, line.unit), line.limit)
    yield from (used, limit, _owners(plan))
    memory = GaugeMetricFamily("sutazai_pool_memory_limit_bytes", "Most memory of a pool.", labels=("pool",))
    cores = GaugeMetricFamily("sutazai_pool_cores", "Cores that a pool runs on.", labels=("pool",))
    for pool in plan.pools:
        memory.add_metric((pool.name,), pool.memory_limit_bytes)
        cores.add_metric((pool.name,), pool.cores)
    yield from (memory, cores)
    yield single("sutazai_plan_services", "Containers in the plan that are no agents.", plan.services)
    yield single("sutazai_plan_agents", "Agents in the plan.", plan.agents)


def single(name: str, text: str, value: float) -> Metric:
    """Make a gauge of one value without labels."""
    return GaugeMetricFamily(name, text, value=value)


def _owners(plan: PlanFacts) -> Metric:
    family = GaugeMetricFamily(
        "sutazai_core_owner", "1 for a core and the group it is kept for.", labels=("core", "group")
    )
    for core, groups in sorted(plan.cores.items()):
        for group in groups:
            family.add_metric((str(core), group), 1)
    return family
