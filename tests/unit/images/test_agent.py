from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Mapping
from typing import Any

import httpx
import pytest
from workload import tasks
from workload.agent import Agent, Identity, Timing, Work, backoff_seconds
from workload.agent_app import agent_app
from workload.client import Reply

from tests.unit.images.fakes import ScriptedBackend

NONE = Reply(204, b"")
OK = Reply(200, b"{}")
FAST = Timing(idle_poll=0.01, heartbeat=0.02, shutdown=2)
REGISTER, NEXT = "/api/agents/register", "/api/tasks/next/worker"
HEARTBEAT, COMPLETE = "/api/agents/heartbeat", "/api/tasks/complete"
RELEASE = "/api/tasks/release"


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workload.agent.backoff_seconds", lambda _failures: 0.01)


def task(**payload: Any) -> Reply:
    return Reply(200, json.dumps({"id": "7", "payload": payload, "attempt": 3}).encode())


def backend(**answers: list[Reply | None]) -> ScriptedBackend:
    usual: dict[str, list[Reply | None]] = {REGISTER: [OK], NEXT: [NONE], HEARTBEAT: [OK], COMPLETE: [OK]}
    usual[RELEASE] = [OK]
    paths = {"register": REGISTER, "next": NEXT, "heartbeat": HEARTBEAT, "complete": COMPLETE}
    return ScriptedBackend(usual | {paths[name]: replies for name, replies in answers.items()})


def lived(script: ScriptedBackend, seconds: float = 0.15, work: Work = tasks.run, timing: Timing = FAST) -> Agent:
    async def live() -> Agent:
        agent = Agent(Identity("a", "worker", "lead"), script, timing, work)
        async with agent.running():
            await asyncio.sleep(seconds)
        return agent

    return asyncio.run(live())


def test_an_agent_registers_with_its_name_type_and_role() -> None:
    script = backend()
    assert lived(script).registered
    (message,) = script.posted(REGISTER)
    assert message == {
        "agent_name": "a",
        "agent_type": "worker",
        "agent_role": "lead",
        "heartbeat_seconds": 0.02,
        "task_ids": [],
    }


def test_registration_is_tried_again_until_it_works() -> None:
    script = backend(register=[None, Reply(503, b""), OK])
    agent = lived(script)
    assert agent.registered
    assert agent.backend_reachable
    assert len(script.posted(REGISTER)) == 3


def test_an_agent_without_a_backend_lives_and_says_so() -> None:
    agent = lived(backend(register=[None]))
    assert (agent.loop_alive, agent.backend_reachable, agent.registered) == (True, False, False)


def test_a_task_is_done_and_reported_once() -> None:
    script = backend(next=[task(kind="sum", numbers=[1, 2]), NONE])
    agent = lived(script)
    (report,) = script.posted(COMPLETE)
    assert isinstance(report, dict)
    assert (report["task_id"], report["status"], report["result"]) == ("7", "completed", {"sum": 3, "count": 2})
    assert (report["attempt"], report["agent_name"]) == (3, "a")
    assert (agent.counters.done, agent.counters.failed) == (1, 0)


def test_a_task_of_an_unknown_kind_is_reported_as_failed_with_the_reason() -> None:
    script = backend(next=[task(kind="dance"), NONE])
    agent = lived(script)
    (report,) = script.posted(COMPLETE)
    assert isinstance(report, dict)
    assert report["status"] == "failed"
    assert report["error"].startswith("unknown kind 'dance'")
    assert agent.counters.failed == 1


def test_work_that_breaks_is_reported_as_failed() -> None:
    def broken(_payload: Mapping[str, Any]) -> dict[str, Any]:
        raise ZeroDivisionError("division by zero")

    script = backend(next=[task(kind="echo"), NONE])
    lived(script, work=broken)
    (report,) = script.posted(COMPLETE)
    assert isinstance(report, dict)
    assert report["error"] == "ZeroDivisionError: division by zero"


def test_a_report_is_repeated_until_it_is_taken() -> None:
    script = backend(next=[task(kind="echo"), NONE], complete=[None, Reply(503, b""), OK])
    lived(script)
    assert len(script.posted(COMPLETE)) == 3


def test_a_report_that_is_refused_for_good_is_dropped() -> None:
    script = backend(next=[task(kind="echo"), NONE], complete=[Reply(404, b"{}")])
    lived(script)
    assert len(script.posted(COMPLETE)) == 1


def test_a_senseless_task_does_not_end_the_loop() -> None:
    script = backend(next=[Reply(200, b"[]"), Reply(200, b"no json"), task(kind="echo"), NONE])
    lived(script)
    assert len(script.posted(COMPLETE)) == 1


def test_an_unknown_agent_registers_again() -> None:
    script = backend(heartbeat=[Reply(404, b"{}"), OK])
    lived(script)
    assert len(script.posted(REGISTER)) == 2


def test_heartbeats_name_the_task_in_hand() -> None:
    script = backend(next=[task(kind="echo"), NONE])
    lived(script, work=slow_work(0.1))
    named = [beat["task_ids"] for beat in script.posted(HEARTBEAT) if isinstance(beat, dict)]
    assert ["7"] in named
    assert named[-1] == []


def slow_work(seconds: float) -> Work:
    def slow(_payload: Mapping[str, Any]) -> dict[str, Any]:
        threading.Event().wait(seconds)
        return {"slow": True}

    return slow


def test_the_task_in_hand_is_finished_and_reported_before_the_agent_says_that_it_stopped() -> None:
    script = backend(next=[task(kind="echo"), NONE])
    lived(script, seconds=0.1, work=slow_work(0.3))
    assert len(script.posted(COMPLETE)) == 1
    assert said(script)[-1] == "stopped"
    assert said(script).index("stopping") < said(script).index("complete")
    assert said(script).count("stopped") == 1


def test_a_task_that_takes_too_long_to_finish_is_given_back_before_the_agent_stops() -> None:
    script = backend(next=[task(kind="echo"), NONE])
    agent = lived(script, seconds=0.05, work=slow_work(0.4), timing=Timing(0.01, 0.02, shutdown=0.1))
    assert agent.abandoned
    assert script.posted(RELEASE) == [{"task_id": "7", "attempt": 3, "agent_name": "a"}]
    assert said(script)[-2:] == ["release", "stopped"]
    assert script.posted(COMPLETE) == []


def test_the_last_heartbeat_says_that_the_agent_stopped() -> None:
    script = backend()
    agent = lived(script)
    assert said(script)[-1] == "stopped"
    assert not agent.abandoned


def said(script: ScriptedBackend) -> list[str]:
    """Tell what the agent said, in order: the status of a heartbeat, or what else it did."""
    return [
        str(value["status"]) if path == HEARTBEAT else path.rpartition("/")[2]
        for path, value in script.seen
        if isinstance(value, dict)
    ]


def ask(agent: Agent, method: str, path: str, body: Any = None) -> httpx.Response:
    async def asked() -> httpx.Response:
        transport = httpx.ASGITransport(agent_app(agent))
        async with httpx.AsyncClient(transport=transport, base_url="http://agent") as client:
            return await client.request(method, path, json=body)

    return asyncio.run(asked())


@pytest.fixture
def agent() -> Agent:
    return Agent(Identity("a", "worker"), backend(), FAST, tasks.run)


def test_health_names_the_agent_and_is_good_without_a_backend(agent: Agent) -> None:
    answer = ask(agent, "GET", "/health")
    assert answer.status_code == 200
    assert answer.json().items() >= {"status": "healthy", "agent": "a", "backend_reachable": False}.items()


def test_health_is_503_when_the_loop_has_stopped_turning(agent: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.monotonic", lambda: 1e9)
    assert ask(agent, "GET", "/health").status_code == 503


@pytest.mark.parametrize("wrapped", [True, False])
def test_execute_does_the_work_at_once(agent: Agent, wrapped: bool) -> None:
    payload = {"kind": "echo", "text": "x"}
    answer = ask(agent, "POST", "/execute", {"payload": payload} if wrapped else payload)
    assert answer.json() == {"status": "completed", "result": {"echo": "x"}}


def test_execute_tells_why_it_failed(agent: Agent) -> None:
    answer = ask(agent, "POST", "/execute", {"kind": "dance"})
    assert (answer.status_code, answer.json()["status"]) == (422, "failed")


def test_metrics_count_what_was_done(agent: Agent) -> None:
    async def asked() -> str:
        transport = httpx.ASGITransport(agent_app(agent))
        async with httpx.AsyncClient(transport=transport, base_url="http://agent") as client:
            await client.post("/execute", json={"kind": "echo"})
            return (await client.get("/metrics")).text

    lines = asyncio.run(asked()).splitlines()
    assert 'sutazai_agent_tasks_total{status="done"} 1' in lines
    assert "sutazai_agent_backend_reachable 0" in lines


@pytest.mark.parametrize(("failures", "seconds"), [(1, 1), (2, 2), (5, 16), (6, 30), (5000, 30)])
def test_waiting_doubles_up_to_half_a_minute(failures: int, seconds: float) -> None:
    assert backoff_seconds(failures) == seconds
