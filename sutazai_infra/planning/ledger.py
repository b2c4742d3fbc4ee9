"""The plan's sums against every budget, and the one sentence that each broken one deserves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sutazai_infra.model.container import CARRIER_LOGS
from sutazai_infra.model.coreset import CoreSet
from sutazai_infra.model.plan import LedgerLine, ProbePeak
from sutazai_infra.model.settings import Settings
from sutazai_infra.planning.budgets import Charge, charge, request_budgets
from sutazai_infra.planning.ceilings import cpu_limits, memory_limits
from sutazai_infra.planning.demand import Demand
from sutazai_infra.planning.entries import Entry, cpu_entry, culprits, memory_entry
from sutazai_infra.planning.placed import Placed
from sutazai_infra.planning.schedule import LEAST_ALLOWED

__all__ = ["CONTAINER_OVERHEAD_MIB", "entries"]

# Measured: 2.9 to 3.0 MiB for the shim of an idle container (its proportional set size), and now and then a probe.
CONTAINER_OVERHEAD_MIB = 4


def entries(placed: Placed, peak: ProbePeak) -> list[Entry]:
    """Check every budget; all broken ones are found, not just the first."""
    return [
        *_requests(placed),
        *memory_limits(placed),
        *cpu_limits(placed),
        *_cores(placed),
        *_slots(placed),
        _overhead(placed),
        _logs(placed.residents, placed.basis.settings.log_disk),
        _probes(peak, placed.basis.settings),
    ]


def _requests(placed: Placed) -> Iterator[Entry]:
    for budget in request_budgets(placed.demands, placed.basis):
        entry = cpu_entry if budget.dimension == "cpu" else memory_entry
        yield entry(budget.scope, "requests", budget.charges, budget.limit, budget.way_out)


def _cores(placed: Placed) -> Iterator[Entry]:
    """Requests confined to a group's cores, and the flow over all core sets, which alone can't lie."""
    for name, cores in placed.groups.items():
        confined = _confined(placed, cores)
        yield cpu_entry(f"cores {cores} ({name})", "requests", confined, 1000 * len(cores), _CORES_WAY_OUT)
    found = placed.arrangement.shortfall
    if found is None:
        cores = placed.basis.host.usable_cores
        everything = [Charge("all", sum(d.cpu for d in placed.residents))]
        yield cpu_entry(f"cores {cores} (flow)", "requests", everything, 1000 * len(cores), _CORES_WAY_OUT)
    else:
        confined = _confined(placed, found.cores)
        yield cpu_entry(f"cores {found.cores} (flow)", "requests", confined, found.available, _CORES_WAY_OUT)


_CORES_WAY_OUT = "lower a request, or use a host with more cores"


def _confined(placed: Placed, cores: CoreSet) -> list[Charge]:
    within = {core_set for core_set in set(placed.cores.values()) if core_set <= cores}
    return [charge(d, d.cpu) for d in placed.residents if placed.cores[d.instance] in within]


def _slots(placed: Placed) -> Iterator[Entry]:
    """A slot takes nothing until it is started; but the largest that may start at a time must fit its pool."""
    for pool in placed.basis.catalogue.pools:
        slots = [d for d in placed.demands if not d.resident and d.pool.name == pool.name]
        if not slots:
            continue
        limit, declared = placed.basis.quotas.pool_memory[pool.name], pool.concurrency or 1
        largest = sorted(slots, key=lambda d: (-d.memory, d.instance))[:declared]
        if placed.basis.scales:
            largest = _as_many_as_fit(largest, limit)
        at_a_time = "1 at a time" if len(largest) == 1 else f"up to {len(largest)} at a time"
        way_out = f"lower a request, or pools/{pool.name}/concurrency in the catalogue"
        note = f"{len(slots)} slots, {at_a_time}" + (f" of {declared}" if len(largest) < declared else "")
        charges = [charge(d, d.memory) for d in largest]
        yield memory_entry(f"slots {pool.name}", "requests", charges, limit, way_out, note=note)


def _as_many_as_fit(largest: list[Demand], limit: int) -> list[Demand]:
    while len(largest) > 1 and sum(d.memory for d in largest) > limit:
        largest = largest[:-1]
    return largest


def _overhead(placed: Placed) -> Entry:
    """Each container's shim and probes live outside its cgroup, on the system's account."""
    count, limit = len(placed.residents), placed.basis.host.system_mib
    used, note = count * CONTAINER_OVERHEAD_MIB, f"{count} containers x {CONTAINER_OVERHEAD_MIB} MiB"
    line = LedgerLine(
        scope="system",
        dimension="container overhead",
        unit="MiB",
        used=used,
        limit=limit,
        held=used <= limit,
        note=note,
    )
    more = ", or raise host.system_reserve" if placed.basis.host.declared else ""
    return Entry(
        line, f"system carries {used} MiB of {limit} MiB ({note} of overhead): run fewer containers{more}"
    )


def _logs(residents: Sequence[Demand], limit: int) -> Entry:
    """Every log at its longest: one for each container, and one for what carries a pool's files."""
    carriers = sorted({d.pool.name for d in residents if d.service.has_files})
    charges = [charge(d, d.service.logs.most_mib) for d in residents]
    charges += [Charge(f"{pool}-files", CARRIER_LOGS.most_mib) for pool in carriers]
    used = sum(c.amount for c in charges)
    line = LedgerLine(
        scope="host",
        dimension="log disk",
        unit="MiB",
        used=used,
        limit=limit,
        held=used <= limit,
        note=f"size x files of {len(charges)} containers",
    )
    way_out = "lower a service's logs, or raise log_disk"
    return Entry(line, f"host keeps {used} MiB of {limit} MiB of logs ({culprits(charges, str)}): {way_out}")


def _probes(peak: ProbePeak, settings: Settings) -> Entry:
    share = f"{settings.probe_share:.0%} of them, or {LEAST_ALLOWED}"
    line = LedgerLine(
        scope="probes",
        dimension="per second",
        unit="count",
        used=peak.probes,
        limit=peak.allowed,
        held=peak.probes <= peak.allowed,
        note=f"{peak.services} probed; at most {share}, in any second",
    )
    more = "" if settings.probe_interval_max is None else "probe_interval_max or "
    refusal = (
        f"probes per second {peak.probes} of {peak.allowed} ({peak.services} probed services): "
        f"raise {more}probe_share"
    )
    return Entry(line, refusal)
