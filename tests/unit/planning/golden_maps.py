"""The core maps that the goldens hold.

`python -m tests.unit.planning.golden_maps` writes them anew, for a person to review.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from sutazai_infra.inputs.catalogue import load_catalogue
from sutazai_infra.model.catalogue import Catalogue
from sutazai_infra.model.plan import Plan
from sutazai_infra.planning.planner import plan
from tests.unit.planning.planning_samples import host, reference_host, settings

__all__ = ["FOLDER", "GOLDENS", "core_lines", "golden_plan", "real_catalogue"]

FOLDER = Path(__file__).parent / "goldens"
GOLDENS = (8, 12, 16, 24)


def real_catalogue() -> Catalogue:
    """Read the project's catalogue."""
    return load_catalogue(Path(__file__).parents[3] / "catalogue")


def golden_plan(catalogue: Catalogue, cores: int) -> Plan:
    """Plan the whole catalogue on a host of so many cores, with memory in proportion to the reference host's."""
    machine = reference_host() if cores == 12 else host(cores)
    return plan(catalogue, machine, settings(fit="scale" if cores < 12 else "refuse"))


def core_lines(planned: Plan) -> list[str]:
    """List who has which cores: groups, pools, services, and how many agents there are on each core."""
    agents = Counter((s.pool, s.core_set) for s in planned.services if s.kind == "agent")
    others = [s for s in planned.services if s.kind != "agent"]
    return [
        f"system {planned.host.reserved}",
        *(f"group {group.name} {group.core_set}" for group in planned.groups),
        *(f"pool {pool.name} {pool.core_set} borrowed {pool.borrowed or 'none'}" for pool in planned.pools),
        *(f"{s.state} {s.instance} {s.core_set}" for s in others if s.state == "resident"),
        *sorted({f"slots {s.pool} {s.core_set}" for s in others if s.state == "slot"}),
        *(f"agents of {pool} {cores}: {count}" for (pool, cores), count in sorted(agents.items())),
    ]


def main() -> None:
    """Write every golden."""
    catalogue = real_catalogue()
    for cores in GOLDENS:
        text = "\n".join(core_lines(golden_plan(catalogue, cores)))
        (FOLDER / f"{cores}-cores.txt").write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
