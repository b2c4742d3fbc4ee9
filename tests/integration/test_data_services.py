"""The databases as they run: settings from limits, who reaches them, and what a killed process leaves."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator, Mapping

import pytest
from docker.models.containers import Container

from sutazai_infra.inputs.catalogue import load_catalogue
from sutazai_infra.model.plan import Plan
from sutazai_infra.planning.tuning import tuned_in
from tests.integration.data_lab import (
    inside_postgres,
    is_served,
    opened_by,
    pooled,
    redis_cli,
)
from tests.integration.stack_lab import AGENTS, StackLab, eventually

pytestmark = pytest.mark.engine

MIB = 1024 * 1024
_UNITS = {"kb": 1024, "mb": MIB, "gb": 1024 * MIB, "": 1}


@pytest.fixture(params=["deployed", "working"])
def stack(request: pytest.FixtureRequest) -> StackLab:
    """Return one stack, then another whose databases have other limits."""
    found: StackLab = request.getfixturevalue(request.param)
    return found


def rules(lab: StackLab, service: str) -> dict[str, str]:
    """What the tuning rules make of the limits that the stack's plan gives a service."""
    catalogue = load_catalogue(lab.folder / "catalogue")
    return tuned_in(Plan.model_validate(lab.plan()), catalogue.service(service))


def size(text: str) -> int | str:
    """Read a size as PostgreSQL and Redis write them; any other text stays."""
    found = re.fullmatch(r"(\d+)(kB|MB|GB|mb|)", text)
    return int(found[1]) * _UNITS[found[2].lower()] if found else text


def sizes(values: Mapping[str, str]) -> dict[str, int | str]:
    return {name: size(text) for name, text in values.items()}


def memory_of(lab: StackLab, service: str) -> int:
    """The memory limit that the engine holds a container to, in bytes."""
    return int(lab.container(service).attrs["HostConfig"]["Memory"])


def test_postgres_runs_with_every_setting_that_follows_from_its_limits(stack: StackLab) -> None:
    wanted = rules(stack, "postgres")

    shown = {name: inside_postgres(stack, f"SHOW {name}").strip() for name in wanted}

    assert sizes(shown) == sizes(wanted)
    assert size(shown["shared_buffers"]) == memory_of(stack, "postgres") // MIB // 4 * MIB
    assert {
        "shared_buffers",
        "effective_cache_size",
        "work_mem",
        "maintenance_work_mem",
        "max_connections",
    } <= set(shown)


def test_redis_runs_with_every_setting_that_follows_from_its_limits(stack: StackLab) -> None:
    wanted = rules(stack, "redis")

    answers = {name: redis_cli(stack, f"CONFIG GET {name.replace('_', '-')}")[-1] for name in wanted}

    assert sizes(answers) == sizes(wanted)
    assert size(answers["maxmemory"]) == memory_of(stack, "redis") // MIB * 3 // 4 * MIB
    assert answers["maxmemory_policy"] == "noeviction"


def test_the_pooler_runs_with_every_setting_that_follows_from_the_databases_limits(stack: StackLab) -> None:
    wanted = rules(stack, "pgbouncer")
    # Debian's 1.18 doesn't know it.
    del wanted["max_prepared_statements"]

    lines = pooled(stack, stack.secrets()["postgres-password"], "SHOW CONFIG", "pgbouncer").splitlines()
    shown = dict(line.split("=")[:2] for line in lines)

    assert {name: shown[name] for name in wanted} == wanted
    assert shown["pool_mode"] == "transaction"
    connections = int(inside_postgres(stack, "SHOW max_connections"))
    assert int(shown["max_db_connections"]) < connections


def test_the_two_stacks_have_other_limits_and_so_other_settings(deployed: StackLab, working: StackLab) -> None:
    for service in ("postgres", "redis", "pgbouncer"):
        assert rules(deployed, service) != rules(working, service), service


def neighbours(lab: StackLab, service: str) -> set[str]:
    """Who shares a network with a service."""
    own = set(lab.container(service).attrs["NetworkSettings"]["Networks"])
    return {
        str(container.name).removeprefix(f"sutazai-{lab.stack}-")
        for container in lab.containers(running=True)
        if own & set(container.attrs["NetworkSettings"]["Networks"])
    } - {service}


def doors(lab: StackLab, service: str, port: int) -> list[str]:
    """Every way to name a service's port: by its names, and by its addresses on all of its networks."""
    networks = lab.container(service).attrs["NetworkSettings"]["Networks"].values()
    names = [service, f"sutazai-{lab.stack}-{service}"]
    return [f"{host}:{port}" for host in (*names, *(network["IPAddress"] for network in networks))]


@pytest.fixture
def databases(working: StackLab) -> list[str]:
    """Return all doors of the databases and of what stands before them."""
    ports = {"postgres": 5432, "redis": 6379, "pgbouncer": 6432}
    return [door for service, port in ports.items() for door in doors(working, service, port)]


@pytest.fixture
def of_tier_3(working: StackLab) -> Iterator[Container]:
    """Run a job by hand where the pool `ml` runs, and on the network by which agents reach the backend, too."""
    prefix = f"sutazai-{working.stack}"
    labels = {"sutazai.stack": working.stack}
    pool = working.client.networks.create(f"{prefix}-ml", driver="bridge", labels=labels)
    agent = working.container(AGENTS[0])
    job = working.client.containers.run(
        str(agent.attrs["Config"]["Image"]),
        ["-c", "import time; time.sleep(600)"],
        entrypoint="python3",
        name=f"{prefix}-job",
        network=str(pool.name),
        labels=labels,
        detach=True,
        mem_limit="64m",
    )
    try:
        for name in set(agent.attrs["NetworkSettings"]["Networks"]) - {f"{prefix}-agents"}:
            working.client.networks.get(name).connect(job)
        yield job
    finally:
        job.remove(force=True)
        pool.remove()


def test_only_the_pooler_shares_a_network_with_the_database_and_only_the_backend_with_the_queue(
    working: StackLab,
) -> None:
    assert neighbours(working, "postgres") == {"pgbouncer"}
    assert neighbours(working, "redis") == {"backend"}


def test_the_backend_opens_the_pooler_and_the_queue_and_not_the_database(
    working: StackLab, databases: list[str]
) -> None:
    opened = opened_by(working.container("backend"), databases)

    assert {"pgbouncer:6432", "redis:6379"} <= opened
    assert not opened & set(doors(working, "postgres", 5432))


def test_an_agent_opens_no_database_by_name_or_by_address(working: StackLab, databases: list[str]) -> None:
    agent = working.container(AGENTS[0])

    assert opened_by(agent, ["gateway:8201"]) == {"gateway:8201"}
    assert opened_by(agent, databases) == set()


def test_nothing_of_tier_3_opens_a_database_by_name_or_by_address(
    of_tier_3: Container, databases: list[str]
) -> None:
    assert opened_by(of_tier_3, ["gateway:8201"]) == {"gateway:8201"}
    assert opened_by(of_tier_3, databases) == set()


def killed(lab: StackLab, service: str) -> Container:
    """Kill a service's first process as the kernel would; the engine itself would take that for a wish to stop."""
    container = lab.container(service)
    restarts = container.attrs["RestartCount"]
    os.kill(container.attrs["State"]["Pid"], signal.SIGKILL)

    def is_back() -> bool:
        container.reload()
        state = container.attrs["State"]
        return bool(
            container.attrs["RestartCount"] == restarts + 1 and state.get("Health", {}).get("Status") == "healthy"
        )

    assert eventually(is_back, 60), container.attrs["State"]
    return container


needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root may kill another's process")


@needs_root
def test_a_killed_database_comes_back_by_itself_with_every_committed_row(working: StackLab) -> None:
    inside_postgres(
        working, "CREATE TABLE many (n int); INSERT INTO many SELECT generate_series(1, 20000); CHECKPOINT;"
    )
    inside_postgres(working, "INSERT INTO many SELECT generate_series(20001, 30000)")

    container = killed(working, "postgres")

    assert inside_postgres(working, "SELECT count(*), sum(n) FROM many") == "30000=450015000\n"
    assert inside_postgres(working, "SELECT line FROM kept") == "before\n"
    log = container.logs(tail=60).decode()
    assert "database system was not properly shut down; automatic recovery in progress" in log
    assert "redo done" in log
    assert eventually(lambda: is_served(working)), "through the pooler, whose connections were lost"


@needs_root
def test_a_killed_queue_comes_back_by_itself_with_all_that_it_had_answered(working: StackLab) -> None:
    redis_cli(working, *(f"RPUSH many {number}" for number in range(2000)))

    killed(working, "redis")

    assert redis_cli(working, "LLEN many", "GET kept") == ["2000", "before"]
    assert redis_cli(working, "CONFIG GET appendonly")[-1] == "yes"
    assert eventually(lambda: is_served(working))
