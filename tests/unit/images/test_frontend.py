from __future__ import annotations

import asyncio
import json
from typing import Any
from urllib.parse import unquote_plus

import httpx
import pytest
from workload import pages
from workload.client import Reply
from workload.errors import Invalid
from workload.frontend import frontend_app

from tests.unit.images.fakes import ScriptedBackend

EVIL = '<script>alert("x")</script>'
AGENT = {
    "name": "crewai",
    "type": "ai-framework",
    "role": EVIL,
    "alive": True,
    "last_heartbeat": "2026-01-01T10:00:00+00:00",
}
TASK = {
    "id": "6a6cbd49-7f0f-4f0c-9d62-2f1f25c1a111",
    "type": "worker",
    "payload": {"kind": EVIL},
    "status": "done",
    "agent": "crewai",
    "ran_seconds": 0.25,
    "error": None,
    "result": {"echo": EVIL},
}
QUEUE = {"type": "worker", "queued": 2, "running": 1, "done": 5, "failed": 0}


def reply(value: object, status: int = 200) -> Reply:
    return Reply(status, json.dumps(value).encode())


def backend(**other: list[Reply | None]) -> ScriptedBackend:
    answers: dict[str, list[Reply | None]] = {
        "/api/v1/agents": [reply({"agents": [AGENT]})],
        "/api/v1/queues": [reply({"limit": 100, "queues": [QUEUE]})],
        "/api/v1/tasks": [reply({"tasks": [TASK]})],
        "/health": [reply({})],
    }
    return ScriptedBackend(answers | {path.replace("_", "/"): replies for path, replies in other.items()})


def ask(script: ScriptedBackend, method: str, path: str, **more: Any) -> httpx.Response:
    async def asked() -> httpx.Response:
        transport = httpx.ASGITransport(frontend_app(script))
        async with httpx.AsyncClient(transport=transport, base_url="http://frontend") as client:
            return await client.request(method, path, **more)

    return asyncio.run(asked())


def test_the_page_shows_agents_queues_and_tasks() -> None:
    html = ask(backend(), "GET", "/").text
    for text in ("crewai", "ai-framework", "2 of 100", "6a6cbd49", "0.25 s", "1 of 1"):
        assert text in html


def test_nothing_from_outside_becomes_markup() -> None:
    html = ask(backend(), "GET", f"/?posted={EVIL}&error={EVIL}").text
    assert EVIL not in html
    assert "&lt;script&gt;" in html


def test_the_page_loads_from_nowhere_else() -> None:
    answer = ask(backend(), "GET", "/")
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert "http://" not in answer.text
    assert "https://" not in answer.text


@pytest.mark.parametrize(("path", "kind"), [("/style.css", "text/css"), ("/refresh.js", "text/javascript")])
def test_what_the_page_loads_is_there(path: str, kind: str) -> None:
    assert ask(backend(), "GET", path).headers["content-type"].startswith(kind)


def test_the_page_says_that_the_backend_is_away() -> None:
    answer = ask(backend(_api_v1_queues=[None]), "GET", "/")
    assert answer.status_code == 200
    assert "The backend can't be reached" in answer.text


def test_the_page_says_what_the_backend_says() -> None:
    script = backend(_api_v1_agents=[reply({"error": "postgres: connection refused"}, 503)])
    assert "postgres: connection refused" in ask(script, "GET", "/state").text


def test_health_is_good_without_a_backend_and_says_what_is_wrong() -> None:
    answer = ask(backend(_health=[None]), "GET", "/health")
    assert answer.status_code == 200
    assert answer.json() == {"status": "healthy", "backend": "/health: refused"}


def test_a_posted_form_becomes_a_task_and_leads_back_to_the_page() -> None:
    script = backend(_api_v1_tasks=[reply({"id": "7"}, 202)])
    form = {"type": "worker", "kind": "sum", "text": "1, 2.5"}
    answer = ask(script, "POST", "/tasks", data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, "/?posted=7")
    assert script.seen == [("/api/v1/tasks", {"type": "worker", "payload": {"kind": "sum", "numbers": [1, 2.5]}})]


def test_a_refused_task_leads_back_with_the_reason() -> None:
    script = backend(_api_v1_tasks=[reply({"error": "queue worker is full"}, 429)])
    answer = ask(script, "POST", "/tasks", data={"type": "worker", "kind": "echo"})
    assert unquote_plus(answer.headers["location"]) == "/?error=queue worker is full"


def test_another_sites_page_cannot_post() -> None:
    script = backend()
    answer = ask(script, "POST", "/tasks", data={"type": "x"}, headers={"sec-fetch-site": "cross-site"})
    assert answer.status_code == 400
    assert script.seen == []


def test_a_word_that_is_no_number_is_named() -> None:
    with pytest.raises(Invalid, match="'two' is no number: write numbers with spaces between them"):
        pages.task_of({"type": "worker", "kind": "sum", "text": "1 two"})


def test_a_long_result_is_cut() -> None:
    html = pages.state(pages.State(tasks=[TASK | {"result": {"echo": "x" * 500}}]))
    assert "x" * 120 not in html
    assert "…" in html


def test_an_empty_system_says_so() -> None:
    html = pages.state(pages.State())
    assert "No agent has registered yet." in html
    assert "No task has been posted yet." in html
