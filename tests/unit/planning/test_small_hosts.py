"""Hosts that aren't the strategy's: the small stack fits them, the large one is refused in plain words."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from sutazai_infra.model.catalogue import Catalogue
from sutazai_infra.model.errors import PlanRefusedError
from sutazai_infra.model.host import Foreign
from sutazai_infra.model.plan import Plan
from sutazai_infra.model.service import Kind
from sutazai_infra.planning.planner import plan
from tests.unit.planning.golden_maps import real_catalogue
from tests.unit.planning.planning_samples import (
    agents,
    catalogue,
    host,
    reference_host,
    service,
    settings,
    strategy,
)

_SMALL: dict[str, Any] = {
    "share": 0.5,
    "fit": "scale",
    "agents": 8,
    "services": {"only": ["postgres", "redis", "pgbouncer", "backend", "frontend", "gateway"]},
}


@pytest.fixture(scope="module")
def real() -> Catalogue:
    return real_catalogue()


@pytest.mark.parametrize(("cores", "pool_cgroups"), [*product([1, 2, 4, 6, 8, 12, 16], [True, False])])
def test_the_small_stack_fits(real: Catalogue, cores: int, pool_cgroups: bool) -> None:
    for gib in (4, 8, 16, 24, 32, 64):
        planned = plan(real, host(cores, f"{gib}Gi", pool_cgroups=pool_cgroups), settings(**_SMALL))
        assert len(planned.residents) == 14
        assert all(line.held for line in planned.ledger)
        assert all(s.memory_request_mib <= s.memory_limit_mib for s in planned.residents)


@pytest.mark.parametrize("cores", [1, 2, 3, 4, 6, 8, 12, 16, 32, 64, 128, 256])
def test_any_host_is_planned_or_refused_with_reasons(real: Catalogue, cores: int) -> None:
    for gib, fit in product([2, 8, 29, 128, 512], ["scale", "refuse"]):
        try:
            planned = plan(real, host(cores, f"{gib}Gi"), settings(fit=fit))
        except PlanRefusedError as refusal:
            reasons = refusal.reasons
        else:
            reasons = ("planned",)
            assert all(s.core_set <= planned.host.usable_cores for s in planned.services)
        assert all(reasons)


def _refusal(inputs: Catalogue, machine: Any, **chosen: Any) -> tuple[str, ...]:
    with pytest.raises(PlanRefusedError) as refused:
        plan(inputs, machine, settings(**chosen))
    return refused.value.reasons


def _cores(planned: Plan) -> dict[str, str]:
    return {group.name: str(group.core_set) for group in planned.groups}


def test_on_two_cores_the_groups_share_and_the_plan_says_so(real: Catalogue) -> None:
    planned = plan(real, host(2, "16Gi"), settings(**_SMALL))
    places = {s.instance: str(s.core_set) for s in planned.residents}
    assert (places["postgres"], places["redis"]) == ("0", "1")
    assert _cores(planned) == {"web": "0", "data": "0-1", "agents": "1"}
    assert planned.notes[:3] == (
        "requests are scaled to fit this host: CPU x 0.2149, memory x 1.0",
        "core 0 is shared by web and data: there are too few, so weights decide",
        "core 1 is shared by data and agents: there are too few, so weights decide",
    )


def test_requests_that_would_starve_are_refused() -> None:
    assert _refusal(strategy(0), host(1, "64Gi"), fit="scale", share=0.2) == (
        "tier 1 requests 5.8 of 0.12 cores: scaling every request by 0.021 would starve the services (at least "
        "0.05); lower a request, or raise tiers.1.request_cpu, or use a larger host",
    )


def test_too_many_containers_for_the_systems_memory_are_refused() -> None:
    assert _refusal(strategy(), reference_host().model_copy(update={"system_mib": 300}))[0] == (
        "system carries 332 MiB of 300 MiB (83 containers x 4 MiB of overhead): run fewer containers, or raise "
        "host.system_reserve"
    )


def test_culprits_are_named_by_family() -> None:
    inputs = strategy(200, service("api", (0.1, 16), (1, 64)))
    reasons = _refusal(inputs, reference_host(), overrides={"api": {"replicas": 40}})
    assert reasons[0] == (
        "host requests 12.1 of 10 cores (api x 40 4, ollama 3, 200 agents 1.2, postgres 0.9, backend 0.8, 11 more "
        "2.2): lower a request, disable a service, or declare a larger host"
    )
    assert (
        "tier 3 requests 7152 MiB of 5120 MiB (149 agents 7152): lower a request, or raise tiers.3.request_memory"
    ) in reasons


def test_a_slot_that_could_never_start_is_left_out_where_the_stack_scales() -> None:
    planned = plan(strategy(10), host(8, "16Gi"), settings(fit="scale"))
    reasons = {d.name: d.reason for d in planned.disabled}
    assert reasons["pytorch"] == "requests 4096 MiB; pool ml has 2788 MiB here"
    assert "aider" in {s.name for s in planned.services}


def test_a_slot_that_could_never_start_is_refused_where_it_doesnt() -> None:
    reasons = _refusal(strategy(10), host(8, "16Gi"))
    assert (
        "slots ml requests 4096 MiB of 2788 MiB (pytorch 4096): lower a request, or pools/ml/concurrency in the "
        "catalogue"
    ) in reasons


def test_foreign_containers_reduce_the_host_but_not_the_stacks_share() -> None:
    busy = reference_host().model_copy(update={"foreign": (Foreign(name="stranger", cpu=3000, memory_mib=16384),)})
    assert _refusal(strategy(), busy, overcommit=4) == (
        "host requests 10.314 of 10 cores (ollama 3, stranger (foreign) 3, postgres 0.9, backend 0.8, 69 agents "
        "0.414, 11 more 2.2): lower a request, disable a service, or stop what is foreign",
        "host requests 28624 MiB of 27648 MiB (stranger (foreign) 16384, ollama 4096, 69 agents 3312, backend "
        "1024, postgres 1024, 11 more 2784): lower a request, disable a service, or stop what is foreign",
    )
    half = settings(share=0.5, fit="scale", overcommit=2)
    assert plan(strategy(10), busy, half).scale == plan(strategy(10), reference_host(), half).scale


def test_a_pool_without_any_of_its_groups_borrows_from_everybody() -> None:
    inputs = catalogue(
        [service("web"), service("aider", (0, 512), (1, 512), pool="tools", kind="tool", probe=None)]
    )
    planned = plan(inputs, host(4), settings(fit="scale"))
    assert str(planned.pool("tools").core_set) == "0-3"


def test_agents_alone_own_no_more_cores_than_their_tier_may_use() -> None:
    planned = plan(catalogue(agents(40, depends_on=())), reference_host(), settings())
    assert _cores(planned) == {"agents": "2-5"}


def test_agents_that_fit_on_no_single_core_run_on_all_of_their_pools() -> None:
    large = [
        {**one, "requests": {"cpu": 0.6, "memory": "16Mi"}, "limits": {"cpu": 1, "memory": "64Mi"}}
        for one in agents(3)
    ]
    inputs = catalogue([service("backend"), service("ollama", (3, 64), (4, 64), group="llm"), *large])
    planned = plan(
        inputs, host(6, reserved_cores="0"), settings(tiers={1: {"request_cpu": 4}, 2: {"request_cpu": 2}})
    )
    assert "agents run on all cores of their pool: their requests don't fit on single cores" in planned.notes


def test_a_pool_that_outgrows_its_cores_borrows_before_others_lose_theirs() -> None:
    roomy = settings(tiers={2: {"request_cpu": 4}})
    before = plan(strategy(30), reference_host(), roomy)
    grown = strategy(
        30, *({"name": one["name"], "requests": {"cpu": 0.05, "memory": "48Mi"}} for one in agents(30))
    )
    after = plan(grown, reference_host(), roomy, before)
    assert _cores(after) == _cores(before) == {"web": "2-3", "data": "4-5", "llm": "6-9", "agents": "10-11"}
    assert str(after.pool("agents").core_set) == "8-11"
    assert "pool agents outgrew its own cores and borrows 8-9" in after.notes
    assert _cores(plan(grown, reference_host(), roomy)) == {**_cores(before), "llm": "6-8", "agents": "9-11"}


def _both_sharers(memory_of_tool: int) -> Catalogue:
    busy = [service("trainer", (0.1, 64), (1, 8192), pool="ml"), service("store", (0.1, 64), (1, 64), pool="ml")]
    return catalogue([*busy, service("aide", (0.1, 64), (1, memory_of_tool), pool="tools")])


def test_pools_that_share_a_buffer_are_held_by_sibling_cgroups_each_to_its_own() -> None:
    reasons = _refusal(_both_sharers(4096), reference_host())
    assert reasons[0] == (
        "pool ml + tools may take 7168 MiB of 5120 MiB (trainer 8192, aide 4096, store 64): "
        "lower a limit, or raise overcommit"
    )
    assert len(reasons) == 2
    assert reasons[1].startswith("tier 3 may take 7168 MiB of 5120 MiB ")


def test_a_shared_buffer_that_its_owner_alone_uses_is_held_by_its_cgroup() -> None:
    busy = [service("trainer", (0.1, 64), (1, 8192), pool="ml")]
    planned = plan(catalogue(busy), reference_host(), settings())
    line = next(n for n in planned.ledger if (n.scope, n.dimension) == ("pool ml + tools", "memory limits"))
    assert (line.used, line.limit) == (5120, 5120)
    assert line.note == "limits add up to 8192 MiB; pool cgroups hold them to 5120 MiB"


def test_a_shared_buffer_is_large_enough_for_what_its_pools_may_take_with_an_overcommit() -> None:
    planned = plan(_both_sharers(4096), reference_host(), settings(overcommit=1.4))
    assert all(line.held for line in planned.ledger)


def test_a_plan_that_would_change_upon_itself_is_planned_until_it_stays(
    real: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = plan(real, host(2), settings(**_SMALL))
    larger, stays = (first.model_copy(update={"notes": (note,)}) for note in ("larger", "stays"))
    following = {None: first, first.notes: larger, larger.notes: stays, stays.notes: stays}

    def planned(_catalogue: object, _host: object, _settings: object, previous: Plan | None) -> Plan:
        return following[previous.notes if previous else None]

    monkeypatch.setattr("sutazai_infra.planning.planner._from", planned)

    assert plan(real, host(2), settings(**_SMALL)) is stays
    assert plan(real, host(2), settings(**_SMALL, stability="rebalance")) is first


def test_agents_stay_in_their_own_pool_where_scaling_makes_room_for_them(real: Catalogue) -> None:
    watched = ["prometheus", "alertmanager", "container-exporter", "engine-proxy"]
    watching = {**_SMALL, "services": {"only": [*_SMALL["services"]["only"], *watched]}}

    planned = plan(real, host(2, "24Gi", pool_cgroups=True), settings(**watching))

    pools = {row.pool for row in planned.residents if row.kind is Kind.AGENT}
    assert (planned.scale.cpu < 1, pools) == (True, {"agents"})
