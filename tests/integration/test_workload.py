"""The reference workload on real servers: who may end a task, who gets it back, and how a backend leaves."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import docker
import httpx
import pytest

from tests.integration.image_lab import Lab, Servers, eventually, execute

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    client = docker.from_env()
    with Lab.opened(client, tmp_path_factory.mktemp("secrets")) as lab:
        servers = Servers(lab)
        eventually(servers.healthy, 60)
        yield servers
    client.close()


@pytest.fixture
def kind() -> str:
    """A type of agent that no other test knows."""
    return f"kind-{uuid4().hex[:8]}"


def tell(servers: Servers, path: str, message: dict[str, Any]) -> str:
    answer = httpx.post(servers.lab.url("backend", 8000) + path, json=message, timeout=10)
    return str(answer.raise_for_status().json()["status"])


def take(servers: Servers, kind: str, agent: str) -> tuple[str, int]:
    url = servers.lab.url("backend", 8000)
    answer = httpx.get(f"{url}/api/tasks/next/{kind}?agent_name={agent}", timeout=10)
    assert answer.status_code == 200
    claim = answer.json()
    return claim["id"], claim["attempt"]


def report(servers: Servers, task_id: str, agent: str, attempt: int | None, status: str = "done") -> str:
    message = {"task_id": task_id, "agent_name": agent, "attempt": attempt, "status": status}
    return tell(servers, "/api/tasks/complete", message | {"result": {"by": agent}})


def post(servers: Servers, kind: str, key: str, payload: dict[str, Any]) -> httpx.Response:
    return httpx.post(
        servers.lab.url("backend", 8000) + "/api/v1/tasks",
        json={"type": kind, "payload": payload},
        headers={"Idempotency-Key": key},
        timeout=10,
    )


def test_a_task_that_is_given_back_is_the_next_ones_and_reports_of_the_old_attempt_are_fenced(
    servers: Servers, kind: str
) -> None:
    task_id = servers.post_task({}, kind)
    assert take(servers, kind, "a") == (task_id, 1)
    release = {"task_id": task_id, "agent_name": "a", "attempt": 1}
    assert tell(servers, "/api/tasks/release", release) == "released"
    assert take(servers, kind, "b") == (task_id, 2)
    assert tell(servers, "/api/tasks/release", release) == "superseded"
    assert report(servers, task_id, "a", 1, "failed") == "superseded"
    assert report(servers, task_id, "a", None, "failed") == "superseded"
    assert servers.task(task_id, "running")["agent"] == "b"
    assert report(servers, task_id, "a", 1) == "accepted"
    assert report(servers, task_id, "b", 2) == "already-complete"
    assert servers.task(task_id, "done")["result"] == {"by": "a"}


def test_an_agent_that_starts_anew_gives_back_what_it_had(servers: Servers, kind: str) -> None:
    agent = {"agent_name": f"agent-of-{kind}", "agent_type": kind}
    task_id = servers.post_task({}, kind)
    take(servers, kind, agent["agent_name"])
    tell(servers, "/api/agents/register", agent | {"task_ids": [task_id]})
    assert servers.task(task_id, "running")["attempts"] == 1
    tell(servers, "/api/agents/register", agent)
    assert take(servers, kind, agent["agent_name"]) == (task_id, 2)


def test_three_missed_heartbeats_give_a_task_back_before_its_claim_runs_out(servers: Servers, kind: str) -> None:
    lab = servers.lab
    lab.backend("patient", VISIBILITY_TIMEOUT_SECONDS="600")
    eventually(lambda: servers.healthy("patient"))
    task_id = servers.post_task({}, kind)
    agent = {"agent_name": f"agent-of-{kind}", "agent_type": kind, "heartbeat_seconds": 0.3}
    tell(servers, "/api/agents/register", agent)
    url = lab.url("patient", 8000)
    httpx.get(f"{url}/api/tasks/next/{kind}?agent_name={agent['agent_name']}", timeout=10).raise_for_status()
    assert servers.task(task_id, "queued")["attempts"] == 1
    lab.remove("patient")


@pytest.mark.parametrize(("promised", "status"), [({"heartbeat_seconds": 60}, "queued"), ({}, "running")])
def test_a_task_whose_delivery_got_lost_is_given_back_when_its_agent_does_not_name_it(
    servers: Servers, kind: str, promised: dict[str, float], status: str
) -> None:
    agent = {"agent_name": f"agent-of-{kind}", "agent_type": kind}
    tell(servers, "/api/agents/register", agent | promised)
    task_id = servers.post_task({}, kind)
    take(servers, kind, agent["agent_name"])
    # Longer ago than any answer takes; and no claim runs out while we look.
    earlier = "claimed_at = now() - interval '20 s', deadline = now() + interval '60 s'"
    update = f"UPDATE tasks SET {earlier} WHERE id = '{task_id}'"  # noqa: S608 - the backend's own id
    execute(servers.postgres, "psql", "-U", "sutazai", "-c", update)
    tell(servers, "/api/agents/heartbeat", agent)
    # A sweep and more.
    time.sleep(2)
    assert servers.get(f"/api/v1/tasks/{task_id}")["status"] == status


def test_an_agent_that_cannot_finish_in_time_gives_its_task_back_and_ends(servers: Servers, kind: str) -> None:
    identity = {"AGENT_NAME": f"agent-of-{kind}", "AGENT_TYPE": kind}
    rhythm = {"AGENT_IDLE_POLL_SECONDS": "0.3", "AGENT_SHUTDOWN_SECONDS": "0.5"}
    agent = servers.lab.run("workload", kind, ["agent"], memory=64, environment=identity | rhythm)
    task_id = servers.post_task({"kind": "hash", "text": "x", "rounds": 20_000_000}, kind)
    servers.task(task_id, "running")
    agent.stop(timeout=20)
    agent.reload()
    assert agent.attrs["State"]["ExitCode"] == 0
    assert servers.get(f"/api/v1/tasks/{task_id}")["status"] == "queued"
    (told,) = [one for one in servers.get("/api/v1/agents")["agents"] if one["name"] == identity["AGENT_NAME"]]
    assert (told["status"], told["alive"]) == ("stopped", False)
    servers.lab.remove(kind)


def test_a_task_that_is_posted_again_with_its_key_is_one_task_even_when_the_queue_is_full(
    servers: Servers, kind: str
) -> None:
    first = post(servers, kind, f"{kind}-0", {"n": 1}).json()["id"]
    for number in range(1, 5):
        post(servers, kind, f"{kind}-{number}", {}).raise_for_status()
    assert post(servers, kind, f"{kind}-new", {}).status_code == 429
    assert post(servers, kind, f"{kind}-0", {"n": 1}).json()["id"] == first


def test_a_key_that_came_with_another_task_is_refused(servers: Servers, kind: str) -> None:
    post(servers, kind, kind, {"n": 1}).raise_for_status()
    refused = post(servers, kind, kind, {"n": 2})
    assert refused.status_code == 422
    assert refused.json()["error"] == (
        f"idempotency-key {kind} came with another task before: take a new key for a new task"
    )


def test_a_listing_ends_where_tasks_carry_too_much_to_be_listed(servers: Servers, kind: str) -> None:
    # The queue of one type holds five here.
    for number in range(20):
        key = f"{kind}-{number}"
        assert post(servers, f"{kind}-{number // 5}", key, {"text": "x" * 1_000_000}).status_code == 202
    url = servers.lab.url("backend", 8000) + f"/api/v1/tasks?limit=10000&key_prefix={kind}"
    tasks = httpx.get(url, timeout=30).raise_for_status().json()["tasks"]
    # The newest sixteen: 16 MiB hold no more of them.
    assert len(tasks) == 16
    assert len({task["id"] for task in tasks}) == 16


def test_a_record_of_an_earlier_version_gets_the_columns_that_it_lacks(servers: Servers, kind: str) -> None:
    old = "ALTER TABLE tasks DROP COLUMN idempotency_key; ALTER TABLE agents DROP COLUMN heartbeat_seconds"
    done = execute(servers.postgres, "psql", "-U", "sutazai", "-c", old)
    assert done.returncode == 0, done.stderr
    servers.backend = servers.lab.backend("backend", VISIBILITY_TIMEOUT_SECONDS="4", QUEUE_LIMIT="5")
    eventually(servers.healthy)
    assert post(servers, kind, kind, {}).status_code == 202


def test_a_stopped_backend_takes_itself_out_and_still_answers_for_a_while(servers: Servers, kind: str) -> None:
    leaving = servers.lab.backend("leaving", DRAIN_SECONDS="4")
    eventually(lambda: servers.healthy("leaving"))
    url = servers.lab.url("leaving", 8000)
    with ThreadPoolExecutor(1) as stopper, httpx.Client(base_url=url, timeout=10) as kept:
        kept.get("/health").raise_for_status()
        stopping = stopper.submit(leaving.stop, timeout=20)
        time.sleep(0.5)
        kept.get("/health").raise_for_status()
        eventually(lambda: kept.get("/health").status_code == 404, interval=0.05)
        answer = kept.post("/api/v1/tasks", json={"type": kind, "payload": {}})
        assert (answer.status_code, answer.headers["connection"]) == (202, "close")
        stopping.result()
    leaving.reload()
    assert leaving.attrs["State"]["ExitCode"] == 0
    assert take(servers, kind, "a")[0] == answer.json()["id"]
    servers.lab.remove("leaving")


def redis(servers: Servers, *command: str) -> str:
    done = execute(servers.redis, "redis-cli", "--no-auth-warning", "-a", "redis-secret", *command)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_an_entry_is_there_once_while_its_task_is_open_and_gone_at_its_end(servers: Servers, kind: str) -> None:
    stream, task_id = f"sutazai:tasks:{kind}", servers.post_task({}, kind)
    # Two sweeps and more, each of which adds all that waits.
    time.sleep(2.5)
    assert redis(servers, "XLEN", stream) == "1"
    assert redis(servers, "XPENDING", stream, "agents").splitlines()[0] == "0"
    take(servers, kind, "a")
    pending = redis(servers, "XPENDING", stream, "agents", "-", "+", "9").split()
    assert pending[1] == "a"
    report(servers, task_id, "a", 1)
    assert redis(servers, "XLEN", stream) == "0"
    assert redis(servers, "XPENDING", stream, "agents").splitlines()[0] == "0"
    assert redis(servers, "HEXISTS", "sutazai:entries", task_id) == "0"


def test_a_task_that_is_given_back_keeps_its_turn(servers: Servers, kind: str) -> None:
    first, second = servers.post_task({}, kind), servers.post_task({}, kind)
    take(servers, kind, "a")
    tell(servers, "/api/tasks/release", {"task_id": first, "agent_name": "a", "attempt": 1})
    assert [take(servers, kind, "b") for _ in range(2)] == [(first, 2), (second, 1)]


def test_redis_forgets_everything_and_neither_what_runs_nor_what_waits_is_lost(
    servers: Servers, kind: str
) -> None:
    running, waiting = servers.post_task({}, kind), servers.post_task({}, kind)
    take(servers, kind, "a")
    redis(servers, "FLUSHALL")
    assert report(servers, running, "a", 1) == "accepted"
    assert eventually(lambda: take(servers, kind, "b")) == (waiting, 1)
    assert report(servers, waiting, "b", 1) == "accepted"
    assert redis(servers, "XLEN", f"sutazai:tasks:{kind}") == "0"
