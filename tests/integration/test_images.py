"""The images on a real engine: built, run without rights on a read-only root, and killed at bad moments."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any, cast

import docker
import httpx
import pytest
from docker.models.containers import Container

from sutazai_infra.operations.images import build_images
from tests.integration.image_lab import IMAGES, Lab, System, eventually, execute

pytestmark = pytest.mark.engine

MIB = 1024 * 1024
BOTH = {"first", "second"}
# Some seconds of work: long enough to be killed in the middle of.
LONG_TASK = {"kind": "hash", "text": "x", "rounds": 8_000_000}


@pytest.fixture(scope="module")
def client() -> Iterator[docker.DockerClient]:
    client = docker.from_env()
    yield client
    client.close()


@pytest.fixture(scope="module")
def lab(client: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with Lab.opened(client, tmp_path_factory.mktemp("secrets")) as lab:
        yield lab


@pytest.fixture(scope="module")
def system(lab: Lab) -> System:
    system = System(lab)
    eventually(lambda: system.healthy() and system.alive() >= BOTH, 60)
    return system


def memory_mib(container: Container) -> float:
    """What the container holds, as `docker stats` counts it."""
    usage = cast("dict[str, Any]", container.stats(stream=False))["memory_stats"]
    reclaimable = usage["stats"].get("total_inactive_file", usage["stats"].get("inactive_file", 0))
    return float(usage["usage"] - reclaimable) / MIB


def ready(container: Container) -> bool:
    """Whether PostgreSQL answers, and has the database that was asked for."""
    query = "SELECT 1 FROM pg_database WHERE datname = 'sutazai'"
    return execute(container, "psql", "-U", "sutazai", "-Atc", query).stdout == "1\n"


@pytest.mark.usefixtures("lab")
def test_a_second_build_finds_everything_at_once(client: docker.DockerClient) -> None:
    start = time.monotonic()
    results = build_images(None, IMAGES, client)
    assert time.monotonic() - start < 1
    assert not any(result.built for result in results)
    assert {result.name for result in results} >= {"pgbouncer", "postgres", "redis", "workload"}


def test_a_posted_task_is_done_by_an_agent(system: System) -> None:
    task = system.task(system.post_task({"kind": "sum", "numbers": [1, 2, 3.5]}), "done")
    assert task["result"] == {"sum": 6.5, "count": 3}
    assert task["agent"] in BOTH


def test_a_task_that_cannot_be_done_fails_with_the_reason(system: System) -> None:
    task = system.task(system.post_task({"kind": "dance"}), "failed")
    assert task["error"].startswith("unknown kind 'dance'")


def test_the_page_shows_the_agents(system: System) -> None:
    page = httpx.get(system.lab.url("frontend", 8501), timeout=10)
    assert page.status_code == 200
    assert ">first</td>" in page.text
    assert ">second</td>" in page.text


def test_a_full_queue_refuses(system: System) -> None:
    for _ in range(5):
        system.post_task({"kind": "echo"}, agent_type="nobody")
    with pytest.raises(httpx.HTTPStatusError, match="429"):
        system.post_task({"kind": "echo"}, agent_type="nobody")


def test_what_the_database_cannot_hold_is_the_senders_mistake(system: System) -> None:
    with pytest.raises(httpx.HTTPStatusError, match="400"):
        system.post_task({"kind": "echo", "text": "\0"})


def test_an_idle_agent_stays_below_its_request(system: System) -> None:
    used = {name: memory_mib(agent) for name, agent in system.agents.items()}
    assert all(mib < 48 for mib in used.values()), used


def test_the_probes_are_good_inside_every_container(system: System) -> None:
    wget = ["busybox", "wget", "-q", "-O", "/dev/null"]
    probes = [
        (system.postgres, ["pg_isready", "-q", "-h", "127.0.0.1", "-U", "sutazai"]),
        (system.redis, ["redis-cli", "ping"]),
        (system.backend, [*wget, "http://127.0.0.1:8000/health"]),
        (system.frontend, [*wget, "http://127.0.0.1:8501/health"]),
        *((agent, [*wget, "http://127.0.0.1:8080/health"]) for agent in system.agents.values()),
    ]
    for container, probe in probes:
        done = execute(container, *probe)
        assert done.returncode == 0, (container.name, done)


def test_a_probe_fails_on_an_answer_that_is_not_good(system: System) -> None:
    probe = ["busybox", "wget", "-q", "-O", "/dev/null", "http://127.0.0.1:8000/nowhere"]
    assert execute(system.backend, *probe).returncode == 1


def test_nothing_runs_as_root_or_can_write(system: System) -> None:
    for container in system.containers:
        done = execute(container, "sh", "-c", "id -u; touch /usr/bin/x")
        assert done.stdout in {"999\n", "10001\n"}, container.name
        assert "Read-only file system" in done.stderr


def test_the_task_of_a_killed_agent_is_done_by_the_other(system: System) -> None:
    task_id = system.post_task(LONG_TASK)
    victim = system.task(task_id, "running")["agent"]
    system.agents[victim].kill()
    try:
        task = system.task(task_id, "done", seconds=60)
    finally:
        system.agents[victim].start()
    assert task["agent"] in BOTH - {victim}
    assert task["attempts"] == 2


def test_a_task_longer_than_its_claim_is_done_once(system: System) -> None:
    task = system.task(system.post_task(LONG_TASK | {"rounds": 20_000_000}), "done", seconds=60)
    assert task["ran_seconds"] > 4
    assert task["attempts"] == 1


def test_a_stopped_agent_finishes_its_task_first(system: System) -> None:
    task_id = system.post_task(LONG_TASK)
    agent = system.agents[system.task(task_id, "running")["agent"]]
    agent.stop(timeout=40)
    agent.reload()
    assert agent.attrs["State"]["ExitCode"] == 0
    assert system.task(task_id, "done", seconds=1)["attempts"] == 1
    agent.start()


def test_a_new_postgres_on_the_old_volume_keeps_the_tasks_and_the_backend_recovers(system: System) -> None:
    before = system.post_task({"kind": "echo", "text": "kept"})
    system.task(before, "done")
    system.lab.remove("postgres")
    eventually(lambda: not system.healthy())
    system.postgres = system.lab.postgres("postgres", "data")
    eventually(system.healthy)
    assert system.task(before, "done")["result"] == {"echo": "kept"}
    system.task(system.post_task({"kind": "echo"}), "done")


def test_a_redis_that_forgets_its_queues_loses_no_task(system: System) -> None:
    task_id = system.post_task({"kind": "echo"}, agent_type="late")
    system.redis.restart(timeout=5)
    eventually(system.healthy)
    system.lab.agent("late", agent_type="late")
    assert system.task(task_id, "done")["agent"] == "late"
    system.lab.remove("late")


def test_the_backend_works_through_pgbouncer(system: System) -> None:
    lab = system.lab
    (lab.secrets / "users.txt").write_text('"sutazai" "pg-secret"\n')
    (lab.secrets / "pgbouncer.ini").write_text(
        "[databases]\n* = host=postgres port=5432\n[pgbouncer]\nlisten_addr = *\nlisten_port = 6432\n"
        "auth_type = scram-sha-256\nauth_file = /run/secrets/users.txt\npool_mode = transaction\n"
    )
    pooler = lab.run("pgbouncer", "pgbouncer", ["/run/secrets/pgbouncer.ini"], memory=64)
    lab.backend("pooled", POSTGRES_HOST="pgbouncer", POSTGRES_PORT="6432")
    eventually(lambda: system.healthy("pooled"))
    system.task(system.post_task({"kind": "echo"}, backend="pooled"), "done")
    assert execute(pooler, "pg_isready", "-q", "-h", "127.0.0.1", "-p", "6432").returncode == 0
    lab.remove("pooled", "pgbouncer")


@pytest.mark.parametrize(
    "moment", ["creating subdirectories", "bootstrap script", "post-bootstrap", "syncing data"]
)
def test_a_kill_during_initialisation_is_recovered_from(lab: Lab, moment: str) -> None:
    volume = f"killed-{moment.partition(' ')[0]}"
    victim = lab.postgres("victim", volume)
    eventually(lambda: moment.encode() in victim.logs(), interval=0.02)
    victim.kill()
    survivor = lab.postgres("victim", volume)
    eventually(lambda: ready(survivor))
    assert b"an earlier initialisation was interrupted; starting again" in survivor.logs()
    lab.remove("victim")


def test_a_kill_before_the_last_move_starts_again(lab: Lab) -> None:
    first = lab.postgres("moved", "moved")
    eventually(lambda: ready(first))
    lab.remove("moved")
    lab.on_volume("moved", "mkdir -p .initialising/cluster; mv PG_VERSION base .initialising/cluster")
    survivor = lab.postgres("moved", "moved")
    eventually(lambda: ready(survivor))
    assert b"an earlier initialisation was interrupted" in survivor.logs()
    lab.remove("moved")


def test_a_kill_after_the_last_move_changes_nothing(lab: Lab) -> None:
    first = lab.postgres("left", "left")
    eventually(lambda: ready(first))
    lab.remove("left")
    lab.on_volume("left", "mkdir -p .initialising/cluster")
    survivor = lab.postgres("left", "left")
    eventually(lambda: ready(survivor))
    assert b"initialisation" not in survivor.logs()
    lab.remove("left")


def test_a_volume_that_holds_something_else_is_left_alone(lab: Lab) -> None:
    lab.on_volume("foreign", "echo precious > letters")
    refused = lab.postgres("foreign", "foreign")
    assert refused.wait(timeout=30)["StatusCode"] == 1
    assert b"is not empty and holds no PG_VERSION: not a cluster, and not ours to delete" in refused.logs()
    lab.remove("foreign")
    assert lab.on_volume("foreign", "cat letters") == "precious\n"
