"""How long the planner takes: up to 10,000 replicas on 1,000 cores.

Run by hand: `python -m tests.benchmarks.bench_planner`. Nothing here is a test, since a busy machine must not fail
the suite. The budget is 2 s of wall time for the largest case.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

from sutazai_infra.model.catalogue import Catalogue
from sutazai_infra.model.host import Host
from sutazai_infra.model.plan import Plan
from sutazai_infra.model.settings import Settings
from sutazai_infra.planning.planner import plan
from tests.unit.planning.planning_samples import catalogue, host, service, settings

_RUNS = 3
_SIZES = (1_000, 2_000, 5_000, 10_000)
_TYPES = 200


def main() -> None:
    """Print a line per size: fresh, with the previous plan, and with one service more than the previous plan."""
    print("replicas  cores  case      wall s   CPU s")
    for size in _SIZES:
        inputs, machine, chosen = sample(), large_host(size), replicas(size)
        first = plan(inputs, machine, chosen)
        assert len(first.residents) == size
        _report(size, machine, "fresh", lambda: plan(inputs, machine, chosen))  # noqa: B023
        _report(size, machine, "again", lambda: plan(inputs, machine, chosen, first))  # noqa: B023
        grown = sample(more=1)
        _report(size, machine, "one more", lambda: plan(grown, machine, chosen, first))  # noqa: B023


def sample(more: int = 0) -> Catalogue:
    """Return services and agents of many kinds, in all groups."""
    groups = ("web", "data", "llm")
    services = [
        service(f"service-{n:03}", (0.05 + n % 5 / 200, 8 + n % 7), (1, 32), group=groups[n % 3])
        for n in range(_TYPES // 2 + more)
    ]
    agents = [
        service(
            f"agent-{n:03}",
            (0.02 + n % 3 / 200, 8 + n % 5),
            (1.5 if n % 10 == 0 else 0.5, 32),
            pool="agents",
            kind="agent",
            depends_on=(f"service-{n % (_TYPES // 2):03}",),
        )
        for n in range(_TYPES // 2)
    ]
    return catalogue([*services, *agents])


def replicas(size: int) -> Settings:
    """Ask for as many replicas of each as make `size` together; a part of the agents overflows to tier 3."""
    each = {"replicas": size // _TYPES}
    named = [f"service-{n:03}" for n in range(_TYPES // 2)]
    named += [f"agent-{n:03}" for n in range(_TYPES // 2)]
    return settings(overrides=dict.fromkeys(named, each), tiers={3: {"limit_cpu": size}})


def large_host(size: int) -> Host:
    """Return a host with a core for every ten replicas, and memory in proportion."""
    return host(size // 10, f"{size * 40}Mi", system_reserve=f"{size * 8 + 2048}Mi")


def _report(size: int, machine: Host, case: str, run: Callable[[], Plan]) -> None:
    best_wall = best_cpu = float("inf")
    for _ in range(_RUNS):
        gc.collect()
        wall, cpu = time.perf_counter(), time.process_time()
        run()
        best_wall = min(best_wall, time.perf_counter() - wall)
        best_cpu = min(best_cpu, time.process_time() - cpu)
    print(f"{size:8}  {machine.cores:5}  {case:8}  {best_wall:6.2f}  {best_cpu:6.2f}")


if __name__ == "__main__":
    main()
