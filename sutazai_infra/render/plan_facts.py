"""The plan's facts for the container exporter: the ledger, owners of cores, pools, and which agents to scrape.

In base units: cores, bytes, counts. Foreign containers are left out, as they are of the recorded plan: they come
and go, and each text that changes replaces the exporter's container.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from sutazai_infra.model.plan import LedgerLine, PlannedService
from sutazai_infra.model.service import Kind
from sutazai_infra.render.view import View

__all__ = ["measured_agents", "plan_facts"]

_BYTES_PER_MIB = 1 << 20
# Of the agents' images the one that has metrics; those that are dropped in are asked for none.
_MEASURED_IMAGE = "workload"
SYSTEM = "system"


def plan_facts(view: View) -> str:
    """Write plan.json."""
    residents = view.plan.residents
    agents = [row for row in residents if row.kind is Kind.AGENT]
    document = {
        "services": len(residents) - len(agents),
        "agents": len(agents),
        "ledger": [_line(view, line) for line in view.plan.ledger],
        "core_owners": _owners(view),
        "pools": [
            {"name": p.name, "memory_limit_bytes": p.memory_mib * _BYTES_PER_MIB, "cores": len(p.core_set)}
            for p in view.plan.pools
        ],
        "targets": list(_targets(view)),
    }
    return json.dumps(document, indent=1) + "\n"


def _line(view: View, line: LedgerLine) -> dict[str, Any]:
    used, limit = _without_foreign(view, line) if line.scope == "host" else (line.used, line.limit)
    memory = line.unit == "MiB"
    return {
        "scope": line.scope,
        "dimension": line.dimension,
        "unit": "bytes" if memory else line.unit,
        "used": _bytes(used) if memory else used,
        "limit": _bytes(limit) if memory else limit,
    }


def _bytes(mib: float) -> int:
    return round(mib * _BYTES_PER_MIB)


def _without_foreign(view: View, line: LedgerLine) -> tuple[float, float]:
    """Say what the stack itself takes of the whole host."""
    host = view.plan.host
    match line.dimension:
        case "cpu requests":
            return round(line.used - sum(f.cpu for f in host.foreign) / 1000, 3), line.limit
        case "memory requests":
            return line.used - sum(f.memory_mib for f in host.foreign), line.limit
        case "memory limits":
            return line.used, int(host.usable_mib * Fraction(str(view.settings.overcommit)))
        case _:
            return line.used, line.limit


def _owners(view: View) -> dict[str, list[str]]:
    """Name the groups that each core is kept for; on a small host there can be several."""
    groups = [(SYSTEM, view.plan.host.reserved), *((group.name, group.core_set) for group in view.plan.groups)]
    return {str(core): [name for name, cores in groups if core in cores] for core in range(view.plan.host.cores)}


def measured_agents(view: View) -> list[PlannedService]:
    """List the agents in reach that have metrics: Prometheus is in the exporter's pool, and shares its network."""
    agents = (row for row in view.plan.residents if row.kind is Kind.AGENT and view.reaches(row))
    measured = (row for row in agents if view.catalogue.service(row.name).image == _MEASURED_IMAGE)
    return sorted(measured, key=lambda row: row.instance)


def _targets(view: View) -> Iterator[dict[str, Any]]:
    for row in measured_agents(view):
        port = view.address(row.name).rpartition(":")[2]
        labels = {
            "name": row.instance,
            "service": row.name,
            "pool": row.pool,
            "tier": str(row.tier),
            "priority": row.priority_class.value,
        }
        yield {"address": f"{row.instance}:{port}", "labels": labels}
