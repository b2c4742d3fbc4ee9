"""What is best, by OR-tools: slow and independent of the planner, to judge it on small cases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import product
from math import ceil

from ortools.sat.python import cp_model

from sutazai_infra.model.coreset import CoreSet

__all__ = ["best_spread", "fits_by_linear_program", "least_pressure"]


def fits_by_linear_program(requests: Sequence[tuple[CoreSet, int]]) -> bool:
    """Ask CP-SAT to serve every request on its cores; integral amounts lose nothing, since it is a flow."""
    model = cp_model.CpModel()
    on_core: dict[int, list[cp_model.IntVar]] = {}
    for index, (cores, request) in enumerate(requests):
        parts = {core: model.new_int_var(0, request, f"{index}@{core}") for core in cores}
        model.add(sum(parts.values()) == request)
        for core, part in parts.items():
            on_core.setdefault(core, []).append(part)
    for parts_here in on_core.values():
        model.add(sum(parts_here) <= 1000)
    return _solved(model)[0]


def least_pressure(requests: Mapping[str, int], cores: int) -> Fraction | None:
    """Find, over all partitions that hold the requests, the least request per core of the busiest group."""
    wanted = [max(1, request) for request in requests.values()]
    counts = product(*(range(ceil(request / 1000), cores + 1) for request in wanted))
    whole = (chosen for chosen in counts if sum(chosen) == cores)
    pressures = (max(Fraction(w, n) for w, n in zip(wanted, chosen, strict=True)) for chosen in whole)
    return min(pressures, default=None)


def best_spread(requests: Sequence[int], loads: Sequence[int]) -> int:
    """Place each request on one core; return the least load that the busiest core can have."""
    model = cp_model.CpModel()
    busiest = model.new_int_var(0, sum(requests) + max(loads), "busiest")
    chosen = [[model.new_bool_var(f"{i}@{c}") for c in range(len(loads))] for i in range(len(requests))]
    for row in chosen:
        model.add_exactly_one(row)
    for core, load in enumerate(loads):
        here = sum(request * row[core] for request, row in zip(requests, chosen, strict=True))
        model.add(load + here <= busiest)
    model.minimize(busiest)
    solved, best = _solved(model)
    assert solved
    return round(best)


def _solved(model: cp_model.CpModel) -> tuple[bool, float]:
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    status = solver.solve(model)
    solved = solver.status_name(status) in {"OPTIMAL", "FEASIBLE"}
    return solved, solver.objective_value if solved and model.has_objective() else 0.0
