from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import httpx
import pytest
from workload.backend import backend_app
from workload.dispatch import Dispatcher, Limits
from workload.web import App

from tests.unit.images.fakes import MemoryQueue, MemoryStore


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def queue() -> MemoryQueue:
    return MemoryQueue()


@pytest.fixture
def app(store: MemoryStore, queue: MemoryQueue) -> App:
    return backend_app(Dispatcher(store, queue, Limits(queued_per_type=2)))


def ask(app: App, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
    async def asked() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://backend") as client:
            return await client.request(method, path, json=body, headers=headers)

    return asyncio.run(asked())


def post_task(app: App, kind: str = "echo") -> str:
    answer = ask(app, "POST", "/api/v1/tasks", {"type": "worker", "payload": {"kind": kind}})
    assert answer.status_code == 202
    return str(answer.json()["id"])


@pytest.mark.parametrize("path", ["/api/agents/register", "/api/v1/agents/register"])
def test_an_agent_registers_at_both_addresses(app: App, path: str) -> None:
    answer = ask(app, "POST", path, {"agent_name": "crewai", "agent_type": "ai-framework"})
    assert (answer.status_code, answer.json()["status"]) == (200, "registered")
    agents = ask(app, "GET", "/api/v1/agents").json()["agents"]
    assert [(agent["name"], agent["alive"]) for agent in agents] == [("crewai", True)]


def test_an_agent_without_a_recent_heartbeat_is_not_alive(app: App, store: MemoryStore) -> None:
    ask(app, "POST", "/api/agents/register", {"agent_name": "a", "agent_type": "worker"})
    store.pass_time(91)
    assert ask(app, "GET", "/api/v1/agents").json()["agents"][0]["alive"] is False
    assert ask(app, "POST", "/api/agents/heartbeat", {"agent_name": "a"}).status_code == 200
    assert ask(app, "GET", "/api/v1/agents").json()["agents"][0]["alive"] is True


def test_the_heartbeat_of_an_unknown_agent_tells_it_to_register(app: App) -> None:
    answer = ask(app, "POST", "/api/agents/heartbeat", {"agent_name": "a"})
    assert answer.status_code == 404
    assert answer.json() == {"error": "agent a is not registered: register first"}


def test_no_task_is_204_without_a_body(app: App) -> None:
    answer = ask(app, "GET", "/api/tasks/next/worker")
    assert (answer.status_code, answer.content) == (204, b"")


def test_a_task_goes_from_post_to_result(app: App) -> None:
    task_id = post_task(app)
    claim = ask(app, "GET", "/api/tasks/next/worker?agent_name=a").json()
    assert (claim["id"], claim["payload"]) == (task_id, {"kind": "echo"})
    report = {"task_id": task_id, "agent_name": "a", "status": "completed", "result": {"echo": ""}}
    assert ask(app, "POST", "/api/tasks/complete", report).json()["status"] == "accepted"
    assert ask(app, "POST", "/api/tasks/complete", report).json()["status"] == "already-complete"
    task = ask(app, "GET", f"/api/v1/tasks/{task_id}").json()
    assert (task["status"], task["agent"], task["result"]) == ("done", "a", {"echo": ""})


def test_a_task_is_given_back_and_handed_out_again(app: App) -> None:
    task_id = post_task(app)
    ask(app, "GET", "/api/tasks/next/worker?agent_name=a")
    release = {"task_id": task_id, "agent_name": "a", "attempt": 1}
    assert ask(app, "POST", "/api/tasks/release", release).json() == {"status": "released", "task_id": task_id}
    claim = ask(app, "GET", "/api/tasks/next/worker?agent_name=b").json()
    assert (claim["id"], claim["attempt"]) == (task_id, 2)
    assert ask(app, "POST", "/api/v1/tasks/release", release).json()["status"] == "superseded"


def test_a_task_that_is_posted_again_with_its_key_is_one_task(app: App) -> None:
    posts = [
        ask(app, "POST", "/api/v1/tasks", {"type": "worker"}, **{"Idempotency-Key": key})
        for key in ("first", "first", "second")
    ]
    first, again, second = (answer.json()["id"] for answer in posts)
    assert first == again != second
    other = ask(app, "POST", "/api/v1/tasks", {"type": "painter"}, **{"Idempotency-Key": "first"})
    assert other.status_code == 422


def test_a_posted_task_says_where_it_can_be_found(app: App) -> None:
    answer = ask(app, "POST", "/api/v1/tasks", {"agent_type": "worker", "payload": {}})
    assert ask(app, "GET", answer.headers["location"]).json()["status"] == "queued"


def test_a_full_queue_answers_429(app: App) -> None:
    post_task(app)
    post_task(app)
    answer = ask(app, "POST", "/api/v1/tasks", {"type": "worker"})
    assert answer.status_code == 429
    assert answer.json()["error"] == "queue worker holds 2 tasks of 2: try again later, or add agents"


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", f"/api/v1/tasks/{UUID(int=7)}", None, 404),
        ("GET", "/api/v1/tasks/7", None, 400),
        ("POST", "/api/tasks/complete", {"task_id": str(UUID(int=7))}, 404),
        ("POST", "/api/v1/tasks", [], 400),
        ("POST", "/api/v1/tasks", {"payload": {}}, 400),
        ("GET", "/api/tasks/next/no%20type", None, 400),
        ("DELETE", "/api/v1/tasks", None, 405),
        ("POST", "/api/tasks/release", {"task_id": str(UUID(int=7))}, 404),
        ("POST", "/api/tasks/release", {"task_id": "7"}, 400),
    ],
)
def test_a_wrong_request_is_told_so(app: App, method: str, path: str, body: Any, status: int) -> None:
    answer = ask(app, method, path, body)
    assert answer.status_code == status
    assert answer.json()["error"]


def test_health_is_200_when_both_servers_answer(app: App) -> None:
    answer = ask(app, "GET", "/health")
    assert answer.status_code == 200
    assert answer.json() == {"status": "healthy", "postgres": "ok", "redis": "ok"}


def test_health_is_503_when_redis_is_away_and_says_so(app: App, queue: MemoryQueue) -> None:
    queue.reachable = False
    answer = ask(app, "GET", "/health")
    assert answer.status_code == 503
    assert answer.json() == {"status": "unhealthy", "postgres": "ok", "redis": "redis: connection refused"}


def test_health_is_503_when_postgres_is_away(app: App, store: MemoryStore) -> None:
    store.reachable = False
    assert ask(app, "GET", "/health").status_code == 503


def test_what_can_be_tried_again_says_when(app: App, store: MemoryStore) -> None:
    store.reachable = False
    answer = ask(app, "POST", "/api/v1/tasks", {"type": "worker"})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")


def test_metrics_count_tasks_and_agents(app: App) -> None:
    ask(app, "POST", "/api/agents/register", {"agent_name": "a", "agent_type": "painter"})
    post_task(app)
    post_task(app)
    ask(app, "GET", "/api/tasks/next/worker")
    text = ask(app, "GET", "/metrics").text.splitlines()
    assert 'sutazai_queue_depth{type="worker"} 1' in text
    assert 'sutazai_queue_depth{type="painter"} 0' in text
    assert 'sutazai_tasks{status="running"} 1' in text
    assert "sutazai_agents_alive 1" in text


def test_queues_are_listed_with_their_limit(app: App) -> None:
    post_task(app)
    answer = ask(app, "GET", "/api/v1/queues").json()
    assert answer == {
        "limit": 2,
        "queues": [{"type": "worker", "queued": 1, "running": 0, "done": 0, "failed": 0}],
    }


def test_the_newest_tasks_are_listed_first(app: App) -> None:
    first, second = post_task(app), post_task(app)
    tasks = ask(app, "GET", "/api/v1/tasks").json()["tasks"]
    assert [task["id"] for task in tasks] == [second, first]


def test_what_became_of_tasks_is_counted_and_timed(app: App, store: MemoryStore) -> None:
    task_id = post_task(app)
    store.pass_time(2)
    ask(app, "GET", "/api/tasks/next/worker?agent_name=a")
    store.pass_time(20)
    ask(app, "POST", "/api/tasks/complete", {"task_id": task_id, "agent_name": "a", "status": "done"})
    ask(app, "POST", "/api/tasks/complete", {"task_id": task_id, "agent_name": "a", "status": "done"})
    text = ask(app, "GET", "/metrics").text.splitlines()
    assert [line for line in text if line.startswith("sutazai_tasks_total")] == [
        'sutazai_tasks_total{status="submitted"} 1',
        'sutazai_tasks_total{status="done"} 1',
        'sutazai_tasks_total{status="failed"} 0',
        'sutazai_tasks_total{status="requeued"} 0',
    ]
    assert "sutazai_task_wait_seconds_sum 2" in text
    assert 'sutazai_task_duration_seconds_bucket{status="done",le="10"} 0' in text
    assert 'sutazai_task_duration_seconds_bucket{status="done",le="30"} 1' in text


def test_requests_are_timed_by_their_route_not_by_their_path(app: App) -> None:
    ask(app, "GET", f"/api/v1/tasks/{UUID(int=7)}")
    ask(app, "GET", "/wp-admin")
    text = ask(app, "GET", "/metrics").text.splitlines()
    counted = "sutazai_http_request_duration_seconds_count"
    assert f'{counted}{{method="GET",path="/api/v1/tasks/{{id}}",status="404"}} 1' in text
    assert f'{counted}{{method="GET",path="other",status="404"}} 1' in text


def test_who_drains_says_404_to_the_check_and_serves_all_else_on_closing_connections(app: App) -> None:
    assert "connection" not in ask(app, "GET", "/health").headers
    app.drain()
    check = ask(app, "GET", "/health")
    assert (check.status_code, check.json()) == (404, {"status": "draining"})
    answer = ask(app, "POST", "/api/v1/tasks", {"type": "worker"})
    assert (answer.status_code, answer.headers["connection"]) == (202, "close")


def test_tasks_are_found_by_how_their_keys_begin(app: App) -> None:
    keyed = ask(app, "POST", "/api/v1/tasks", {"type": "worker"}, **{"Idempotency-Key": "run1-0"}).json()["id"]
    post_task(app)
    tasks = ask(app, "GET", "/api/v1/tasks?key_prefix=run1-&limit=10000").json()["tasks"]
    assert [task["id"] for task in tasks] == [keyed]
    assert len(ask(app, "GET", "/api/v1/tasks?limit=1").json()["tasks"]) == 1


@pytest.mark.parametrize("prefix", ["%00", "a%0a", "k" * 201])
def test_a_senseless_beginning_of_a_key_is_refused(app: App, prefix: str) -> None:
    answer = ask(app, "GET", f"/api/v1/tasks?key_prefix={prefix}")
    assert (answer.status_code, answer.json()["error"]) == (
        400,
        "key_prefix: must be 0 to 200 printable characters",
    )


# More than 4300 digits Python refuses to read; and others than these ten are digits to it as well.
@pytest.mark.parametrize("limit", ["0", "10001", "x", "-1", "9" * 5000, "٣"])
def test_a_senseless_limit_is_refused(app: App, limit: str) -> None:
    answer = ask(app, "GET", f"/api/v1/tasks?limit={limit}")
    assert (answer.status_code, answer.json()["error"]) == (
        400,
        f"limit: must be a number from 1 to 10000, not {limit!r}",
    )
