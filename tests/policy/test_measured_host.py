"""A host that the pack measures: how large it is, and what others hold of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sutazai_policy.judge import Judge, Surroundings
from sutazai_policy.rule import Rule, Sees
from sutazai_policy.rules import all_rules
from sutazai_policy.rules.anti_affinity import RULE as ANTI_AFFINITY
from sutazai_policy.rules.core_sets_on_host import RULE as CORE_SETS
from sutazai_policy.rules.exclusive_cores import RULE as EXCLUSIVE_CORES
from sutazai_policy.rules.host_budget import RULE as HOST_BUDGET
from sutazai_policy.rules.pool_capacity import RULE as POOL_CAPACITY
from sutazai_policy.rules.tier_cores import RULE as TIER_CORES
from sutazai_policy.rules.tier_quotas import RULE as TIER_QUOTAS

from tests.policy.engine_double import MIB, EngineDouble, closed_port, served
from tests.policy.measuring import measured, one_container
from tests.policy.stacks import TODAY, Stack, container


@pytest.fixture
def engine() -> EngineDouble:
    """Return the reference host, with nothing on it."""
    return EngineDouble(cores=12, memory_mib=30085)


@pytest.fixture
def environ(engine: EngineDouble, tmp_path: Path) -> Iterator[dict[str, str]]:
    """Serve the engine on a Unix socket."""
    with served(engine, tmp_path / "docker.sock") as found:
        yield found


def test_the_engine_says_how_large_the_host_is(environ: dict[str, str]) -> None:
    assert measured(HOST_BUDGET, one_container(27648), environ) == []
    assert measured(HOST_BUDGET, one_container(27649), environ)[0] == (
        "the stack requests 27649 MiB of 27648 MiB usable memory (redis 27649);"
        " evicted first: redis (priority 600): lower memoryReservation, or use a larger host"
    )


def test_a_small_host_keeps_all_its_cores_and_scaled_reserves(tmp_path: Path) -> None:
    with served(EngineDouble(cores=2, memory_mib=24105), tmp_path / "docker.sock") as environ:
        full = Stack("dev").add("all", container("0-1", 2048, 22154, 22154))
        assert measured(HOST_BUDGET, full, environ) == []

        full.change("all", memoryReservation=22155, memory=22155, cpuShares=2049, cpuSet="0-2")

        assert measured(CORE_SETS, full, environ) == [
            "all may run on core 2, and the host has cores 0-1: narrow its cpuSet"
        ]
        assert [text.split(" (")[0] for text in measured(HOST_BUDGET, full, environ)] == [
            "the stack requests 2.001 of 2 usable cores",
            "the stack requests 22155 MiB of 22154 MiB usable memory",
            "the stack may take 22155 MiB of 22154 MiB usable memory",
        ]


def test_quotas_scale_with_the_host_that_was_measured(tmp_path: Path) -> None:
    with served(EngineDouble(cores=2, memory_mib=24105), tmp_path / "docker.sock") as environ:
        assert measured(TIER_QUOTAS, one_container(11488, cpuSet="0-1", cpuShares=1229), environ) == [
            "tier 1 requests 1.201 of 1.2 cores (redis 1.201): lower a request, or raise tiers.1.cpu",
            "tier 1 requests 11488 MiB of 11487.25 MiB (redis 11488): lower a request, or raise tiers.1.memory",
        ]
        assert [text.split(" (")[0] for text in measured(POOL_CAPACITY, one_container(11488), environ)] == [
            "pool infrastructure requests 11488 MiB of 11487.25 MiB"
        ]


def test_the_engine_can_be_asked_over_tcp(engine: EngineDouble) -> None:
    with served(engine) as environ:
        assert measured(HOST_BUDGET, one_container(27648), environ) == []


def test_a_part_of_the_host_can_be_declared_and_the_rest_asked_for(environ: dict[str, str]) -> None:
    full = one_container(28000)

    assert measured(HOST_BUDGET, full, environ, host={"cores": "auto", "memory_mib": 40000}) == []
    assert measured(HOST_BUDGET, full, environ, host={"memory_mib": "auto", "system_reserve_mib": 0}) == []


def test_a_declared_host_is_never_asked(engine: EngineDouble, environ: dict[str, str]) -> None:
    for rule in all_rules():
        Judge(one_container(448).resources(), [rule], {}, Surroundings(None, environ, TODAY)).violations(rule)

    assert engine.asked == []


_MEASURING = [rule for rule in all_rules() if rule.sees is not Sees.STACK]


@pytest.mark.parametrize("rule", _MEASURING, ids=lambda rule: rule.name)
def test_an_engine_that_can_not_be_reached_is_a_violation_not_a_pass(rule: Rule[Any]) -> None:
    address = f"tcp://127.0.0.1:{closed_port()}"

    assert measured(rule, one_container(448), {"DOCKER_HOST": address}) == [
        f"host: auto has to ask Docker: the engine at {address} can't be asked ([Errno 111] Connection refused):"
        " start it, set DOCKER_HOST, or declare the host"
    ]


@pytest.mark.parametrize("address", ["ssh://box", "npipe:////./pipe/docker", "unix://", "tcp://", "nonsense"])
def test_an_engine_that_can_not_be_named_is_a_violation(address: str) -> None:
    assert measured(HOST_BUDGET, one_container(448), {"DOCKER_HOST": address}) == [
        f"host: auto has to ask Docker: DOCKER_HOST {address} is no socket that can be asked (unix://, tcp://):"
        " start it, set DOCKER_HOST, or declare the host"
    ]


@pytest.mark.parametrize(
    ("info", "problem"),
    [
        (None, "answers 404 to /info"),
        (b"<html>", "can't be asked (Expecting value: line 1 column 1 (char 0))"),
        ({}, "reports 0 cores and 0 bytes of memory"),
        ({"NCPU": "12", "MemTotal": -1}, "reports 0 cores and 0 bytes of memory"),
        ([1], "answers what can't be read to /info"),
    ],
)
def test_an_engine_that_answers_nonsense_is_a_violation(
    engine: EngineDouble, environ: dict[str, str], info: Any, problem: str
) -> None:
    engine.info = info

    assert measured(TIER_QUOTAS, one_container(448), environ) == [
        f"host: auto has to ask Docker: the engine at {environ['DOCKER_HOST']} {problem}:"
        " start it, set DOCKER_HOST, or declare the host"
    ]


@pytest.mark.parametrize(("rule", "count"), [(TIER_CORES, 1), (EXCLUSIVE_CORES, 1), (ANTI_AFFINITY, 0)])
def test_a_measured_host_of_the_reference_size_may_be_laid_out_otherwise(
    environ: dict[str, str], rule: Rule[Any], count: int
) -> None:
    stack = one_container(448, cpuSet="10-11").add("agent", container("4-5", 2, 8, 8, "2"))
    stack.change("agent", cpuSet="8-9" if rule is TIER_CORES else "4-5")

    assert measured(rule, stack, environ) == []
    assert len(measured(rule, stack, environ, host="reference")) == count


def test_the_real_formula_at_the_reference_is_exact(engine: EngineDouble, environ: dict[str, str]) -> None:
    assert engine.info["MemTotal"] == 30085 * MIB
    for tier, request in (("1", 14336), ("2", 4096), ("3", 5120)):
        stack = Stack("dev").add("c", container("8-9", 64, request, request, tier))
        assert measured(TIER_QUOTAS, stack, environ) == []
        stack.change("c", memoryReservation=request + 1)
        assert f"of {request} MiB" in measured(TIER_QUOTAS, stack, environ)[0]


def test_what_is_left_is_rounded_down_inmeasured(engine: EngineDouble, environ: dict[str, str]) -> None:
    engine.info["MemTotal"] = 30085 * MIB + 1
    engine.run("stranger", shares=1)

    assert [
        text.split(" (")[0] for text in measured(HOST_BUDGET, one_container(27649, cpuShares=10240), environ)
    ] == [
        "the stack requests 10 of 9.999 usable cores",
        "the stack requests 27649 MiB of 27648 MiB usable memory",
        "the stack may take 27649 MiB of 27648 MiB usable memory",
    ]
