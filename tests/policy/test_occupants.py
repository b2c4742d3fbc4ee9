"""What else runs on a measured host holds a part of the budget, and nothing of the stack counts twice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sutazai_policy.rules.cpu_feasible import RULE as CPU_FEASIBLE
from sutazai_policy.rules.host_budget import RULE as HOST_BUDGET
from sutazai_policy.rules.ledger import RULE as LEDGER

from tests.policy.engine_double import EngineDouble, served
from tests.policy.measuring import measured, one_container
from tests.policy.stacks import SERVICE, STOPPED, container, labels, service


@pytest.fixture
def engine() -> EngineDouble:
    """Return the reference host, with nothing on it."""
    return EngineDouble(cores=12, memory_mib=30085)


@pytest.fixture
def environ(engine: EngineDouble, tmp_path: Path) -> Iterator[dict[str, str]]:
    """Serve the engine on a Unix socket."""
    with served(engine, tmp_path / "docker.sock") as found:
        yield found


def test_what_others_run_on_the_host_leaves_less_for_the_stack(
    engine: EngineDouble, environ: dict[str, str]
) -> None:
    engine.run("stranger", memory=4000, shares=1024)
    engine.run("prod-db", memory=9000, reservation=2000, cores="10-11", labels={"sutazai.stack": "prod"})
    engine.run("unbounded")

    assert measured(HOST_BUDGET, one_container(21648), environ) == []
    assert measured(HOST_BUDGET, one_container(21649, cpuShares=9217, cpuSet="2-11"), environ) == [
        "the stack requests 9.001 of 9 usable cores (redis 9.001), beside 1 cores of others (stranger 1):"
        " lower cpuShares, or stop others",
        "the stack requests 21649 MiB of 21648 MiB usable memory (redis 21649),"
        " beside 6000 MiB of others (stranger 4000, prod-db 2000);"
        " evicted first: redis (priority 600): lower memoryReservation, or stop others",
        "the stack may take 21649 MiB of 21648 MiB usable memory (redis 21649),"
        " beside 6000 MiB of others (stranger 4000, prod-db 2000);"
        " evicted first: redis (priority 600):"
        " lower memory, place containers in their pool's cgroup, or raise overcommit",
    ]


def test_what_others_run_counts_on_its_own_cores(engine: EngineDouble, environ: dict[str, str]) -> None:
    engine.run("stranger", shares=1600, cores="4-5")

    assert measured(HOST_BUDGET, one_container(448), environ) == []
    assert measured(CPU_FEASIBLE, one_container(448), environ) == [
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
    stack = one_container(20000).add("worker", service(1, 10**8, 2**20) | {"name": "worker"}, SERVICE)

    assert measured(HOST_BUDGET, stack, environ) == []


def test_a_slot_that_runs_although_it_is_registered_as_stopped_counts(
    engine: EngineDouble, environ: dict[str, str]
) -> None:
    slot = container("8-11", 64, 9000, 9000, "3", name="slot", **STOPPED)
    stack = one_container(20000).add("slot", slot)
    assert measured(HOST_BUDGET, stack, environ) == []

    engine.run("slot", memory=9000, labels={"sutazai.stack": "dev"})

    assert "beside 9000 MiB of others (slot 9000)" in measured(HOST_BUDGET, stack, environ)[0]


def test_a_label_of_a_registered_container_does_not_claim_anothers_running_ones(
    engine: EngineDouble, environ: dict[str, str]
) -> None:
    engine.run("prod-db", memory=9000, labels={"sutazai.stack": "prod"})
    stack = one_container(20000, labels=labels(tier="1", stack="prod"))

    assert "beside 9000 MiB of others (prod-db 9000)" in measured(HOST_BUDGET, stack, environ)[0]


def test_a_container_that_ends_while_it_is_being_asked_about_holds_nothing(
    engine: EngineDouble, environ: dict[str, str]
) -> None:
    engine.run("brief", memory=20000)
    del engine.answers["/containers/id-of-brief/json"]

    assert measured(HOST_BUDGET, one_container(20000), environ) == []


def test_only_strangers_are_asked_about(engine: EngineDouble, environ: dict[str, str]) -> None:
    engine.run("redis", memory=1, labels={"sutazai.stack": "dev"})
    engine.run("stranger", memory=1)

    measured(HOST_BUDGET, one_container(448), environ)

    assert engine.asked == ["/info", "/containers/json", "/containers/id-of-stranger/json"]


def test_a_strangers_odd_settings_crash_nothing(engine: EngineDouble, environ: dict[str, str]) -> None:
    engine.run("odd", memory=1)
    engine.answers["/containers/id-of-odd/json"] = {
        "HostConfig": {"Memory": "much", "MemoryReservation": None, "CpuShares": -5, "CpusetCpus": "x"}
    }

    assert measured(HOST_BUDGET, one_container(27648), environ) == []


def test_the_ledger_tells_what_others_hold(engine: EngineDouble, environ: dict[str, str]) -> None:
    engine.run("stranger", memory=4000, shares=1024)

    (ledger,) = measured(LEDGER, one_container(448), environ)

    assert ledger.split("\n")[0] == (
        "host: 1 container requests 0.5 of 9 cores and 448 of 23648 MiB; at most 448 of 23648 MiB,"
        " beside 1 cores of others (stranger 1), beside 4000 MiB of others (stranger 4000);"
        " it has 12 cores and 30085 MiB, as measured"
    )


@pytest.mark.parametrize("name", ["redis", "/redis"])
def test_a_name_may_be_written_with_dockers_slash(
    engine: EngineDouble, environ: dict[str, str], name: str
) -> None:
    engine.run("redis", memory=20000, shares=9000)
    assert measured(HOST_BUDGET, one_container(20000).change("redis", name=name), environ) == []

    engine.run("slot", memory=20000, labels={"sutazai.stack": "dev"})
    stack = one_container(20000).add(
        "slot", container("8", 2, 8, 8, name=name.replace("redis", "slot"), **STOPPED)
    )
    assert "beside 20000 MiB of others (slot 20000)" in measured(HOST_BUDGET, stack, environ)[0]
