"""With the previous plan at hand nobody moves unless it must; without it, order and hashing play no part."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sutazai_infra.model.plan import Plan
from sutazai_infra.planning.planner import plan
from tests.unit.planning.planning_samples import (
    agents,
    catalogue,
    core_map,
    host,
    reference_host,
    service,
    strategy,
    strategy_services,
)
from tests.unit.planning.planning_samples import settings as stack

_NEWCOMERS = (
    service("newcomer", (0.05, 16), (1, 64), group="web"),
    service("newcomer", (0.05, 16), (1, 64), group="data"),
    service("newcomer", (0.05, 16), (1, 64), group="llm"),
    service("newcomer", (0.05, 16), (1, 64), pool="agents"),
    {**agents(1)[0], "name": "newcomer"},
    service("newcomer", (1, 2048), (2, 2048), pool="ml", kind="job", probe=None),
    service("newcomer", (0, 512), (1, 512), pool="tools", kind="tool", probe=None),
)


def _places(planned: Plan) -> dict[str, tuple[str, str, int]]:
    return {s.instance: (s.pool, str(s.core_set), s.probe_interval_ms) for s in planned.services}


@settings(max_examples=40, deadline=None)
@given(
    newcomer=st.sampled_from(_NEWCOMERS),
    position=st.integers(0, 60),
    count=st.integers(2, 45),
    cores=st.sampled_from([12, 16, 24]),
)
def test_a_newcomer_moves_nobody(newcomer: dict[str, Any], position: int, count: int, cores: int) -> None:
    services = [*strategy_services(), *agents(count)]
    grown = [*services[:position], newcomer, *services[position:]]
    before = plan(catalogue(services), host(cores), stack())
    after = plan(catalogue(grown), host(cores), stack(), before)
    places = _places(after)
    places.pop("newcomer")
    assert places == _places(before)


@settings(max_examples=40, deadline=None)
@given(leaver=st.integers(0, 23), count=st.integers(8, 69))
def test_a_leaver_moves_nobody(leaver: int, count: int) -> None:
    services = [*strategy_services(), *agents(count)]
    before = plan(catalogue(services), reference_host(), stack())
    # Without ollama a group would be gone, and its cores are then divided among the others.
    name = sorted(_places(before).keys() - {"ollama"})[-leaver - 1]
    needed_by_none = [
        {**s, "depends_on": tuple(n for n in s.get("depends_on", ()) if n != name)} for s in services
    ]
    after = plan(catalogue([s for s in needed_by_none if s["name"] != name]), reference_host(), stack(), before)
    expected = _places(before)
    expected.pop(name)
    assert _places(after) == expected


def test_a_service_that_outranks_agents_moves_just_the_one_that_it_must() -> None:
    before = plan(strategy(60), reference_host(), stack())
    newcomer = service("newcomer", (0.05, 48), (1, 64), pool="agents")
    after = plan(strategy(60, newcomer), reference_host(), stack(), before)
    old, new = _places(before), _places(after)
    new.pop("newcomer")
    assert [name for name in old if old[name] != new[name]] == ["agent-051"]
    assert new["agent-051"][0] == "ml"


def test_an_overflowing_agent_stays_where_it_is_when_room_appears() -> None:
    before = plan(strategy(69), reference_host(), stack())
    after = plan(strategy(69), reference_host(), stack(services={"disable": ["agent-001"]}), before)
    assert {s.instance for s in after.services if s.pool == "ml"} == {
        s.instance for s in before.services if s.pool == "ml"
    }


def test_rebalancing_places_anew() -> None:
    before = plan(strategy(69), reference_host(), stack())
    chosen = stack(services={"disable": ["agent-001"]})
    rebalanced = plan(
        strategy(69),
        reference_host(),
        stack(**chosen.model_dump(exclude_defaults=True) | {"stability": "rebalance"}),
        before,
    )
    assert core_map(rebalanced) == core_map(plan(strategy(69), reference_host(), chosen))


def test_a_plan_made_again_is_the_same() -> None:
    before = plan(strategy(), reference_host(), stack())
    assert plan(strategy(), reference_host(), stack(), before) == before


def test_a_group_that_no_longer_fits_its_cores_is_laid_out_anew() -> None:
    before = plan(strategy(), reference_host(), stack())
    small = {"ollama": {"cpu_request": 1}}
    roomy = plan(strategy(), reference_host(), stack(overrides=small), before)
    assert [str(g.core_set) for g in roomy.groups] == ["2-3", "4-5", "6-9", "10-11"]
    grown = stack(overrides={**small, "backend": {"cpu_request": 1.5}})
    assert [str(g.core_set) for g in plan(strategy(), reference_host(), grown, roomy).groups] == [
        "2-4",
        "5-6",
        "7-8",
        "9-11",
    ]


@pytest.mark.parametrize("cores", [8, 16])
def test_a_plan_of_another_host_is_no_hindrance(cores: int) -> None:
    before = plan(strategy(), reference_host(), stack())
    chosen = stack(fit="scale")
    assert core_map(plan(strategy(), host(cores), chosen, before)) == core_map(
        plan(strategy(), host(cores), chosen)
    )


def test_a_database_that_comes_later_leaves_the_others_where_they_are() -> None:
    before = plan(strategy(), reference_host(), stack())
    after = plan(strategy(), reference_host(), stack(services={"enable": ["neo4j"]}), before)
    old, new = _places(before), _places(after)
    assert new.pop("neo4j")[1] == "5"
    assert new == old


@settings(max_examples=20, deadline=None)
@given(st.randoms(use_true_random=False))
def test_the_order_of_keys_in_the_settings_plays_no_part(random: Any) -> None:
    overrides = [(f"agent-{n:03}", {"memory_request": f"{40 + n}Mi"}) for n in range(1, 9)]
    tiers = [(2, {"limit_cpu": 5}), (1, {"limit_cpu": 9}), (3, {"limit_cpu": 6})]
    disabled = ["agent-010", "grafana", "agent-011"]
    straight = stack(overrides=dict(overrides), tiers=dict(tiers), services={"disable": disabled})
    for items in (overrides, tiers, disabled):
        random.shuffle(items)
    shuffled = stack(overrides=dict(overrides), tiers=dict(tiers), services={"disable": disabled})
    first, second = (plan(strategy(), reference_host(), chosen) for chosen in (straight, shuffled))
    assert first.model_dump_json() == second.model_dump_json()


_HASHED = """
from sutazai_infra.planning.planner import plan
from tests.unit.planning.planning_samples import reference_host, settings, strategy
first = plan(strategy(), reference_host(), settings())
print(plan(strategy(80), reference_host(), settings(agents=140), first).model_dump_json())
"""


def test_the_hash_seed_plays_no_part() -> None:
    runs = [
        subprocess.run(
            [sys.executable, "-c", _HASHED],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": "."},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "4711")
    ]
    assert runs[0] == runs[1]
    assert len(runs[0]) > 10_000


def test_names_play_no_part() -> None:
    names = {s["name"]: f"x{number:03}" for number, s in enumerate([*strategy_services(), *agents(69)])}
    renamed = [
        {**s, "name": names[s["name"]], "depends_on": tuple(names[n] for n in s.get("depends_on", ()))}
        for s in [*strategy_services(), *agents(69)]
    ]
    expected = {
        names.get(key, key): cores
        for key, cores in core_map(plan(strategy(69), reference_host(), stack())).items()
    }
    assert core_map(plan(catalogue(renamed), reference_host(), stack())) == expected
