"""What holds for every plan, whatever the catalogue and the host. Sums are computed anew, not read."""

from __future__ import annotations

import re
from collections import Counter
from fractions import Fraction
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from sutazai_policy.flow import overloaded
from sutazai_policy.host import Host as SecondGate
from sutazai_policy.units import CORE, MIB, SHARE

from sutazai_infra.model.catalogue import Catalogue
from sutazai_infra.model.errors import PlanRefusedError
from sutazai_infra.model.host import Host
from sutazai_infra.model.plan import Plan
from sutazai_infra.model.settings import Settings
from sutazai_infra.planning.planner import plan
from tests.unit.planning.planning_samples import agents, catalogue, host, reference_host, service, strategy
from tests.unit.planning.planning_samples import settings as stack

_HOMES = (("infrastructure", "web"), ("infrastructure", "data"), ("infrastructure", "llm"), ("agents", None))


@st.composite
def _services(draw: st.DrawFn) -> list[dict[str, Any]]:
    described = []
    for number in range(draw(st.integers(0, 7))):
        pool, group = draw(st.sampled_from(_HOMES))
        cpu, memory = draw(st.integers(0, 2500)), draw(st.integers(0, 3000))
        limits = f"{cpu + draw(st.integers(1, 3000))}m", max(6, memory + draw(st.integers(0, 2000)))
        separate = draw(st.sampled_from([None, None, "databases"]))
        described.append(
            service(f"s{number}", (f"{cpu}m", memory), limits, pool=pool, group=group, separate=separate)
        )
    jobs: dict[str, Any] = {"pool": "ml", "kind": "job", "probe": None}
    described += [service(f"job-{n}", (1, 4096), (2, 4096), **jobs) for n in range(draw(st.integers(0, 2)))]
    return described + agents(draw(st.integers(0, 20)), depends_on=())


_HOSTS = st.builds(
    lambda cores, gib, cgroups: host(cores, f"{gib}Gi", pool_cgroups=cgroups),
    st.integers(1, 16),
    st.integers(2, 64),
    st.booleans(),
)
_STACKS = st.builds(
    lambda fit, share, overcommit: stack(fit=fit, share=share, overcommit=overcommit),
    st.sampled_from(["scale", "scale", "refuse"]),
    st.sampled_from([1, 0.5, 0.3]),
    st.sampled_from([1, 1.5]),
)


@settings(max_examples=200, deadline=None)
@given(_services(), _HOSTS, _STACKS)
def test_every_plan_keeps_every_promise(services: list[dict[str, Any]], machine: Host, chosen: Settings) -> None:
    inputs = catalogue(services)
    try:
        planned = plan(inputs, machine, chosen)
    except PlanRefusedError as refusal:
        _a_refusal_names_sums_and_a_way_out(refusal.reasons)
        return
    _everybody_is_placed_or_left_out_with_a_reason(inputs, planned)
    _nobody_leaves_the_usable_cores(planned)
    _requests_fit_all_budgets(planned, chosen)
    _limits_are_real(planned, chosen)
    _the_second_gate_agrees(planned, machine)
    assert all(line.held for line in planned.ledger)
    assert Plan.model_validate(planned.model_dump()) == planned


def test_a_plan_that_was_written_is_read_back() -> None:
    planned = plan(strategy(), reference_host(), stack())
    assert Plan.model_validate_json(planned.model_dump_json()) == planned


def _a_refusal_names_sums_and_a_way_out(reasons: tuple[str, ...]) -> None:
    assert reasons
    assert [reason for reason in reasons if not re.search(r"\d( MiB)? of \d.*(: |; )[a-z]", reason)] == []


def _everybody_is_placed_or_left_out_with_a_reason(inputs: Catalogue, planned: Plan) -> None:
    names = [s.name for s in planned.services] + [d.name for d in planned.disabled]
    assert sorted(names) == sorted(s.name for s in inputs.services)
    assert all(d.reason for d in planned.disabled)


def _nobody_leaves_the_usable_cores(planned: Plan) -> None:
    rows = [s.core_set for s in planned.services] + [p.core_set for p in planned.pools]
    for cores in [*rows, *(group.core_set for group in planned.groups)]:
        assert len(cores) > 0
        assert cores <= planned.host.usable_cores


def _requests_fit_all_budgets(planned: Plan, chosen: Settings) -> None:
    share, host_ = Fraction(str(chosen.share)), planned.host
    cpu, memory = _sums(planned, "tier")
    pool_memory = _sums(planned, "pool")[1]
    assert sum(cpu.values()) <= share * host_.usable_millicores
    assert sum(memory.values()) <= share * host_.usable_mib
    for tier, cores, mib in ((1, 6, 14336), (2, 2, 4096), (3, 2, 5120)):
        assert cpu[tier] <= share * cores * host_.usable_millicores / 10
        assert memory[tier] <= share * mib * host_.usable_mib / 27648
    for pools, mib in (
        (("infrastructure",), 14336),
        (("agents",), 8192),
        (("ml", "tools"), 5120),
        (("tools",), 2048),
    ):
        assert sum(pool_memory[pool] for pool in pools) <= share * mib * host_.usable_mib / 27648


def _sums(planned: Plan, by: str) -> tuple[Counter[Any], Counter[Any]]:
    cpu: Counter[Any] = Counter()
    memory: Counter[Any] = Counter()
    for one in planned.residents:
        cpu[getattr(one, by)] += round(1000 * one.cpu_request)
        memory[getattr(one, by)] += one.memory_request_mib
    return cpu, memory


def _limits_are_real(planned: Plan, chosen: Settings) -> None:
    for one in planned.residents:
        assert 6 <= one.memory_request_mib <= one.memory_limit_mib
        assert 0.002 <= one.cpu_request <= one.cpu_quota
        assert one.cpu_limit <= len(one.core_set)
    if not planned.host.pool_cgroups:
        limits = sum(one.memory_limit_mib for one in planned.residents)
        assert limits <= Fraction(str(chosen.overcommit)) * planned.host.usable_mib


def _the_second_gate_agrees(planned: Plan, machine: Host) -> None:
    """The policy pack reads a request from the shares: it must not find more there than the plan charged."""
    by_mask: Counter[int] = Counter()
    by_tier: Counter[int] = Counter()
    for one in planned.residents:
        assert one.weight / 1024 <= one.cpu_request
        by_mask[sum(1 << core for core in one.core_set)] += one.weight * SHARE
        by_tier[one.tier] += one.weight * SHARE
    assert overloaded(by_mask) == []
    gate = SecondGate.scaled(machine.cores, machine.memory_mib * MIB)
    assert sum(1 << core for core in machine.usable_cores) == gate.usable_cores
    for tier, cores in ((1, 6), (2, 2), (3, 2)):
        assert by_tier[tier] <= gate.scale_cpu_request(cores)
    limits = {line.scope: line.limit for line in planned.ledger if line.dimension == "cpu limits"}
    for tier, cores in ((1, 8), (2, 4), (3, 4)):
        assert limits[f"tier {tier}"] * CORE == gate.scale_cpu_limit(cores)
