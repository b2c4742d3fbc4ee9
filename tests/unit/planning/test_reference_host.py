"""The strategy's layout and budget, derived from the real catalogue on the host that the strategy declares."""

from __future__ import annotations

import pytest

from sutazai_infra.model.catalogue import Catalogue
from sutazai_infra.model.errors import PlanRefusedError
from sutazai_infra.model.plan import LedgerLine, Plan
from sutazai_infra.planning.planner import plan
from tests.unit.planning.golden_maps import FOLDER, GOLDENS, core_lines, golden_plan, real_catalogue
from tests.unit.planning.planning_samples import reference_host, settings

_NEO4J = {"services": {"enable": ["neo4j"]}}


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return real_catalogue()


@pytest.fixture(scope="module")
def reference(catalogue: Catalogue) -> Plan:
    return plan(catalogue, reference_host(), settings())


def _line(planned: Plan, scope: str, dimension: str) -> LedgerLine:
    return next(line for line in planned.ledger if (line.scope, line.dimension) == (scope, dimension))


def _cores(planned: Plan) -> dict[str, str]:
    return {group.name: str(group.core_set) for group in planned.groups}


@pytest.mark.parametrize("cores", GOLDENS)
def test_the_core_map_is_the_golden_one(catalogue: Catalogue, cores: int) -> None:
    golden = (FOLDER / f"{cores}-cores.txt").read_text(encoding="utf-8").splitlines()
    assert core_lines(golden_plan(catalogue, cores)) == golden


def test_the_strategys_core_distribution_is_derived(reference: Plan) -> None:
    assert str(reference.host.reserved) == "0-1"
    assert _cores(reference) == {"web": "2-3", "data": "4-5", "llm": "6-9", "agents": "10-11"}
    assert {pool.name: str(pool.core_set) for pool in reference.pools} == {
        "infrastructure": "2-9",
        "agents": "10-11",
        "ml": "8-11",
        "tools": "11",
    }


def test_databases_are_apart_and_share_cores_with_nobody_but_their_pooler(reference: Plan) -> None:
    rows = {s.instance: str(s.core_set) for s in reference.services if s.group == "data"}
    assert rows == {"postgres": "4", "redis": "5", "pgbouncer": "4-5"}


def test_heavy_work_is_kept_off_the_cores_of_web_and_data(reference: Plan) -> None:
    real_time = {core for group in reference.groups if group.name in {"web", "data"} for core in group.core_set}
    heavy = {core for s in reference.services if s.pool in {"ml", "tools"} for core in s.core_set}
    assert not real_time & heavy


def test_tier_one_requests_and_usable_memory_are_the_designs(reference: Plan) -> None:
    assert reference.host.usable_mib == 27648
    assert _line(reference, "tier 1", "cpu requests").used == 5.8
    assert _line(reference, "tier 1", "memory requests").used == 7296


def test_every_ledger_line_holds(reference: Plan) -> None:
    assert [line for line in reference.ledger if not line.held] == []


@pytest.mark.parametrize(("asked", "beyond"), [(69, 18), (150, 99)])
def test_51_agents_fit_tier_two_and_the_rest_overflows(catalogue: Catalogue, asked: int, beyond: int) -> None:
    planned = plan(catalogue, reference_host(), settings(agents=asked))
    agents = [s for s in planned.services if s.kind == "agent"]
    assert [sum(s.pool == pool for s in agents) for pool in ("agents", "ml")] == [51, beyond]


def test_a_plan_with_150_agents_says_whom_a_starting_job_would_preempt(catalogue: Catalogue) -> None:
    planned = plan(catalogue, reference_host(), settings(agents=150))
    start, _, victims = next(n for n in planned.notes if "(4096 MiB)" in n).partition(": ")
    in_ml = {s.instance for s in planned.residents if s.pool == "ml"}
    assert start.endswith("(4096 MiB) would preempt 78")
    assert victims.split(", ") == [name for name in planned.eviction_order if name in in_ml][:78]


def test_69_agents_leave_room_for_one_job(reference: Plan) -> None:
    assert not any("would preempt" in note for note in reference.notes)


def test_one_changed_request_moves_a_core(catalogue: Catalogue) -> None:
    planned = plan(catalogue, reference_host(), settings(overrides={"ollama": {"cpu_request": 2}}))
    assert _cores(planned) == {"web": "2-3", "data": "4-5", "llm": "6-8", "agents": "9-11"}


def test_neo4j_holds_with_pool_cgroups_and_is_apart_as_far_as_two_cores_go(catalogue: Catalogue) -> None:
    planned = plan(catalogue, reference_host(), settings(**_NEO4J))
    assert _line(planned, "tier 1", "cpu requests").used == 6.0
    assert _line(planned, "pool infrastructure", "memory limits").used == 14336
    assert "databases: redis and neo4j share cores: there are too few to keep them apart" in planned.notes


def test_neo4j_without_pool_cgroups_is_refused() -> None:
    # On agents that take little, so that the pool of infrastructure is the only one exceeded.
    with pytest.raises(PlanRefusedError) as refused:
        plan(real_catalogue(), reference_host(pool_cgroups=False), settings(**_NEO4J, agents=0))
    assert (
        "pool infrastructure may take 16256 MiB of 14336 MiB (ollama 8192, backend 2048, neo4j 2048, "
        "postgres 2048, frontend 1024, 3 more 896): lower a limit, raise overcommit, or use pool cgroups, which "
        "hold a pool (sutazai host prepare)"
    ) in refused.value.reasons


def test_neo4j_without_pool_cgroups_is_planned_with_overcommit(catalogue: Catalogue) -> None:
    chosen = settings(**_NEO4J, agents=0, overcommit=1.15)
    planned = plan(catalogue, reference_host(pool_cgroups=False), chosen)
    assert "neo4j" in {s.instance for s in planned.residents}
    assert any(
        note.startswith("without pool cgroups, weights act between single containers") for note in planned.notes
    )


def test_as_many_gib_as_fit_are_planned_and_one_more_is_refused(catalogue: Catalogue) -> None:
    fitting = {"ollama": {"memory_request": "11136Mi", "memory_limit": "11136Mi"}}
    plan(catalogue, reference_host(), settings(overrides=fitting))
    beyond = {"ollama": {"memory_request": "12160Mi", "memory_limit": "12160Mi"}}
    with pytest.raises(PlanRefusedError) as refused:
        plan(catalogue, reference_host(), settings(overrides=beyond))
    culprits = "ollama 12160, backend 1024, postgres 1024, frontend 512, redis 448, 2 more 192"
    assert refused.value.reasons == (
        f"tier 1 requests 15360 MiB of 14336 MiB ({culprits}): lower a request, or raise tiers.1.request_memory",
        f"pool infrastructure requests 15360 MiB of 14336 MiB ({culprits}): lower a request, or raise "
        "pools/infrastructure/memory in the catalogue",
    )
