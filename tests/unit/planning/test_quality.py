"""How good placements are, against the best that exhaustive search and CP-SAT find on small cases."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from sutazai_infra.model.coreset import CoreSet
from sutazai_infra.planning.layout import partition
from sutazai_infra.planning.planner import plan
from tests.unit.planning.oracles import best_spread, least_pressure
from tests.unit.planning.planning_samples import agents, catalogue, reference_host, service
from tests.unit.planning.planning_samples import settings as stack

_REQUESTS = st.lists(st.integers(0, 4000), min_size=1, max_size=4)


@given(_REQUESTS, st.integers(1, 12))
def test_no_partition_leaves_the_busiest_group_more_room(requests: list[int], cores: int) -> None:
    named = {f"group-{n}": request for n, request in enumerate(requests)}
    best = least_pressure(named, cores)
    divided = partition(named, CoreSet.span(0, cores))
    if best is None:
        return
    assert sum(len(own) for own in divided.values()) == cores
    assert max(Fraction(max(1, named[name]), len(own)) for name, own in divided.items()) == best


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.integers(10, 120), min_size=1, max_size=9),
    st.integers(10, 600),
)
def test_the_busiest_core_is_within_one_agents_request_of_the_best(requests: list[int], monitoring: int) -> None:
    asked = agents(len(requests), depends_on=())
    services = [
        {**one, "requests": {"cpu": f"{cpu}m", "memory": "16Mi"}} for one, cpu in zip(asked, requests, strict=True)
    ]
    whole = service("monitoring", (f"{monitoring}m", 16), pool="agents")
    ollama = service("ollama", (3, 16), (4, 32), group="llm")
    planned = plan(catalogue([ollama, whole, *services]), reference_host(), stack())
    cores = next(group.core_set for group in planned.groups if group.name == "agents")
    background = monitoring * 1000 // len(cores)
    loads = Counter(dict.fromkeys(cores, background))
    for one in planned.residents:
        if one.kind == "agent":
            assert len(one.core_set) == 1
            loads[next(iter(one.core_set))] += round(one.cpu_request * 1_000_000)
    best = best_spread([1000 * cpu for cpu in requests], [background] * len(cores))
    assert max(loads.values()) <= best + 1000 * max(requests)
    assert max(loads.values()) * 3 <= best * 4
