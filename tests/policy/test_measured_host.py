from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sutazai_policy.pack import Surroundings, judge
from sutazai_policy.rule import Rule
from sutazai_policy.rules import HOST_BUDGET, RULES, TIER_QUOTAS

from tests.policy.engine_double import MIB, EngineDouble, closed_port, served
from tests.policy.stacks import SERVICE, Stack, container, labels, service


@pytest.fixture
def engine() -> EngineDouble:
    """Return the reference host, with nothing on it."""
    return EngineDouble(cores=12, memory_mib=30085)


@pytest.fixture
def environ(engine: EngineDouble, tmp_path: Path) -> Iterator[dict[str, str]]:
    """Serve the engine on a Unix socket."""
    with served(engine, tmp_path / "docker.sock") as found:
        yield found


def _messages(rule: Rule[Any], stack: Stack, environ: dict[str, str], **settings: Any) -> list[str]:
    surroundings = Surroundings(stacks_file=None, environ=environ)
    given = {"host": "auto", **settings}
    return [found.message for found in judge(rule, stack.resources(), given, surroundings)]


def _stack(request: int, **properties: Any) -> Stack:
    return Stack("dev").add("redis", container("4-5", 512, request, request, name="redis", **properties))


def test_the_engine_says_how_large_the_host_is(environ: dict[str, str]) -> None:
    assert _messages(HOST_BUDGET, _stack(27648), environ) == []
    assert _messages(HOST_BUDGET, _stack(27649), environ)[0] == (
        "the stack requests 27649 MiB of 27648 MiB usable memory (redis 27649);"
        " evicted first: redis (priority 0): lower memoryReservation, or use a larger host"
    )


def test_a_small_host_keeps_all_its_cores_and_scaled_reserves(tmp_path: Path) -> None:
    with served(EngineDouble(cores=2, memory_mib=24105), tmp_path / "docker.sock") as environ:
        full = Stack("dev").add("all", container("0-1", 2048, 22154, 22154))
        assert _messages(HOST_BUDGET, full, environ) == []

        full.change("all", memoryReservation=22155, memory=22155, cpuShares=2049, cpuSet="0-2")

        assert [text.split(" (")[0] for text in _messages(HOST_BUDGET, full, environ)] == [
            "all may run on core 2, and the host has cores 0-1: narrow its cpuSet",
            "the stack requests 2.001 of 2 usable cores",
            "the stack requests 22155 MiB of 22154 MiB usable memory",
            "the stack may take 22155 MiB of 22154 MiB usable memory",
        ]


def test_quotas_scale_with_the_host_that_was_measured(tmp_path: Path) -> None:
    with served(EngineDouble(cores=2, memory_mib=24105), tmp_path / "docker.sock") as environ:
        assert _messages(TIER_QUOTAS, _stack(11488, cpuSet="0-1", cpuShares=1229), environ) == [
            "tier 1 requests 1.201 of 1.2 cores (redis 1.201): lower a request, or raise tiers.1.cpu",
            "tier 1 requests 11488 MiB of 11487.25 MiB (redis 11488): lower a request, or raise tiers.1.memory",
        ]


def test_the_engine_can_be_asked_over_tcp(engine: EngineDouble) -> None:
    with served(engine) as environ:
        assert _messages(HOST_BUDGET, _stack(27648), environ) == []


def test_a_part_of_the_host_can_be_declared_and_the_rest_asked_for(environ: dict[str, str]) -> None:
    full = _stack(28000)

    assert _messages(HOST_BUDGET, full, environ, host={"cores": "auto", "memory_mib": 40000}) == []
    assert _messages(HOST_BUDGET, full, environ, host={"memory_mib": "auto", "system_reserve_mib": 0}) == []


def test_what_others_run_on_the_host_leaves_less_for_the_stack(
    engine: EngineDouble, environ: dict[str, str]
) -> None:
    engine.run("stranger", memory=4000, shares=1024)
    engine.run("prod-db", memory=9000, reservation=2000, cores="10-11", labels={"sutazai.stack": "prod"})
    engine.run("unbounded")

    assert _messages(HOST_BUDGET, _stack(21648), environ) == []
    assert _messages(HOST_BUDGET, _stack(21649, cpuShares=9217, cpuSet="2-11"), environ) == [
        "the stack requests 9.001 of 9 usable cores (redis 9.001), beside 1 cores of others (stranger 1):"
        " lower cpuShares, or stop others",
        "the stack requests 21649 MiB of 21648 MiB usable memory (redis 21649),"
        " beside 6000 MiB of others (stranger 4000, prod-db 2000);"
        " evicted first: redis (priority 0): lower memoryReservation, or stop others",
        "the stack may take 21649 MiB of 21648 MiB usable memory (redis 21649),"
        " beside 6000 MiB of others (stranger 4000, prod-db 2000);"
        " evicted first: redis (priority 0):"
        " lower memory, place containers in their pool's cgroup, or raise overcommit",
    ]


def test_what_others_run_counts_on_its_own_cores(engine: EngineDouble, environ: dict[str, str]) -> None:
    engine.run("stranger", shares=1600, cores="4-5")

    assert _messages(HOST_BUDGET, _stack(448), environ) == [
        "what is confined to cores 4-5 requests 2.063 cores of 2"
        " (stranger outside the stack 1.563, redis 0.5): lower cpuShares, or widen a cpuSet"
    ]


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("redis", {"sutazai.stack": "dev"}),
        ("redis", {}),
        ("redis", {"sutazai.stack": "prod"}),
        ("redis-3f2a1b7", {"sutazai.stack": "dev"}),
        ("worker.1.x2k9", {"com.docker.swarm.service.name": "worker"}),
    ],
    ids=["unchanged", "same name", "relabelled", "replaced under a new name", "task of its service"],
)
def test_the_stacks_own_containers_are_not_counted_twice(
    engine: EngineDouble, environ: dict[str, str], name: str, label: dict[str, str]
) -> None:
    engine.run(name, memory=20000, shares=9000, labels=label)
    stack = _stack(20000).add("worker", service(1, 10**8, 2**20) | {"name": "worker"}, SERVICE)

    assert _messages(HOST_BUDGET, stack, environ) == []


def test_a_slot_that_runs_although_it_is_registered_as_stopped_counts(
    engine: EngineDouble, environ: dict[str, str]
) -> None:
    slot = container("8-11", 64, 9000, 9000, "3", name="slot", start=False, mustRun=False, restart="no")
    stack = _stack(20000).add("slot", slot)
    assert _messages(HOST_BUDGET, stack, environ) == []

    engine.run("slot", memory=9000, labels={"sutazai.stack": "dev"})

    assert "beside 9000 MiB of others (slot 9000)" in _messages(HOST_BUDGET, stack, environ)[0]


def test_a_label_of_a_registered_container_does_not_claim_anothers_running_ones(
    engine: EngineDouble, environ: dict[str, str]
) -> None:
    engine.run("prod-db", memory=9000, labels={"sutazai.stack": "prod"})
    stack = _stack(20000, labels=labels(tier="1", stack="prod"))

    assert "beside 9000 MiB of others (prod-db 9000)" in _messages(HOST_BUDGET, stack, environ)[0]


def test_a_container_that_ends_while_it_is_being_asked_about_holds_nothing(
    engine: EngineDouble, environ: dict[str, str]
) -> None:
    engine.run("brief", memory=20000)
    del engine.answers["/containers/id-of-brief/json"]

    assert _messages(HOST_BUDGET, _stack(20000), environ) == []


def test_only_strangers_are_asked_about(engine: EngineDouble, environ: dict[str, str]) -> None:
    engine.run("redis", memory=1, labels={"sutazai.stack": "dev"})
    engine.run("stranger", memory=1)

    _messages(HOST_BUDGET, _stack(448), environ)

    assert engine.asked == ["/info", "/containers/json", "/containers/id-of-stranger/json"]


def test_a_declared_host_is_never_asked(engine: EngineDouble, environ: dict[str, str]) -> None:
    for rule in RULES:
        surroundings = Surroundings(stacks_file=None, environ=environ)
        assert judge(rule, _stack(448).resources(), {}, surroundings) == []

    assert engine.asked == []


@pytest.mark.parametrize("rule", [HOST_BUDGET, TIER_QUOTAS], ids=lambda rule: rule.name)
def test_an_engine_that_can_not_be_reached_is_a_violation_not_a_pass(rule: Rule[Any]) -> None:
    address = f"tcp://127.0.0.1:{closed_port()}"

    assert _messages(rule, _stack(448), {"DOCKER_HOST": address}) == [
        f"host: auto has to ask Docker: the engine at {address} can't be asked ([Errno 111] Connection refused):"
        " start it, set DOCKER_HOST, or declare the host"
    ]


@pytest.mark.parametrize("address", ["ssh://box", "npipe:////./pipe/docker", "unix://", "tcp://", "nonsense"])
def test_an_engine_that_can_not_be_named_is_a_violation(address: str) -> None:
    assert _messages(HOST_BUDGET, _stack(448), {"DOCKER_HOST": address}) == [
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

    assert _messages(TIER_QUOTAS, _stack(448), environ) == [
        f"host: auto has to ask Docker: the engine at {environ['DOCKER_HOST']} {problem}:"
        " start it, set DOCKER_HOST, or declare the host"
    ]


def test_a_strangers_odd_settings_crash_nothing(engine: EngineDouble, environ: dict[str, str]) -> None:
    engine.run("odd", memory=1)
    engine.answers["/containers/id-of-odd/json"] = {
        "HostConfig": {"Memory": "much", "MemoryReservation": None, "CpuShares": -5, "CpusetCpus": "x"}
    }

    assert _messages(HOST_BUDGET, _stack(27648), environ) == []


def test_a_measured_host_of_the_reference_size_may_be_laid_out_otherwise(environ: dict[str, str]) -> None:
    assert _messages(TIER_QUOTAS, _stack(448, cpuSet="10-11"), environ) == []
    assert len(_messages(TIER_QUOTAS, _stack(448, cpuSet="10-11"), environ, host="reference")) == 1


def test_the_real_formula_at_the_reference_is_exact(engine: EngineDouble, environ: dict[str, str]) -> None:
    assert engine.info["MemTotal"] == 30085 * MIB
    for tier, request in (("1", 14336), ("2", 4096), ("3", 5120)):
        stack = Stack("dev").add("c", container("8-9", 64, request, request, tier))
        assert _messages(TIER_QUOTAS, stack, environ) == []
        stack.change("c", memoryReservation=request + 1)
        assert f"of {request} MiB" in _messages(TIER_QUOTAS, stack, environ)[0]
