"""The smoke test's client, and whom it may kill."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Coroutine
from types import SimpleNamespace
from typing import Any, cast

import docker
import httpx
import pytest

from sutazai_infra.model.errors import SutazaiError
from sutazai_infra.operations.smoke.chaos import Chaos
from sutazai_infra.operations.smoke.gateway import Gateway
from sutazai_infra.operations.smoke.jobs import Job

JOB = Job(key="run-1", type="worker", payload={"kind": "echo"}, expected={})
Asked = Callable[[Gateway], Coroutine[Any, Any, Any]]


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sutazai_infra.operations.smoke.gateway._PAUSE_S", 0)


def asked(
    ask: Asked, *answers: httpx.Response | Exception, seconds: float = 60
) -> tuple[Any, Gateway, list[httpx.Request]]:
    """Ask a gateway that answers one after another."""
    seen: list[httpx.Request] = []
    left = list(answers)

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        reply = left.pop(0)
        if isinstance(reply, Exception):
            raise reply
        return reply

    async def run() -> tuple[Any, Gateway]:
        transport = httpx.MockTransport(answer)
        async with httpx.AsyncClient(transport=transport, base_url="https://gateway") as client:
            gateway = Gateway(client, time.monotonic() + seconds)
            return await ask(gateway), gateway

    result, gateway = asyncio.run(run())
    return result, gateway, seen


def test_a_task_is_sent_again_with_its_key_until_it_is_accepted() -> None:
    lost, full = httpx.ReadTimeout("lost"), httpx.Response(429)
    found, gateway, seen = asked(
        lambda gateway: gateway.post(JOB), lost, full, httpx.Response(503), httpx.Response(202, json={"id": "7"})
    )
    assert found == "7"
    assert [request.headers["idempotency-key"] for request in seen] == ["run-1"] * 4
    traffic = gateway.traffic
    assert (traffic.queue_full, traffic.sent_again, len(traffic.seconds)) == (1, 2, 1)


def test_after_the_deadline_it_is_given_up() -> None:
    assert asked(lambda gateway: gateway.post(JOB), seconds=-1)[0] is None


def test_what_is_no_passing_trouble_is_an_error() -> None:
    with pytest.raises(SutazaiError, match=r"POST https://gateway/api/v1/tasks: 400 no such kind"):
        asked(lambda gateway: gateway.post(JOB), httpx.Response(400, text="no such kind"))


def test_only_agents_that_are_alive_count() -> None:
    agents = [{"name": "a", "type": "x", "alive": True}, {"name": "b", "type": "y", "alive": False}]
    found, _, _ = asked(lambda gateway: gateway.agents(), httpx.Response(200, json={"agents": agents}))
    assert found == {"a": "x"}


def chaos(**attributes: Any) -> Chaos:
    policy = {"RestartPolicy": {"MaximumRetryCount": 5}}
    attrs = {"RestartCount": 0, "HostConfig": policy, "State": {"Pid": os.getpid()}} | attributes
    labels = {"sutazai.service": "redis", "sutazai.instance": "redis"}
    container = SimpleNamespace(id="f00d" * 16, name="sutazai-lab-redis", labels=labels, attrs=attrs)
    containers = SimpleNamespace(list=lambda **_: [container])
    return Chaos(cast("docker.DockerClient", SimpleNamespace(containers=containers)), "lab")


def test_a_process_that_is_not_the_containers_is_left_alone() -> None:
    with pytest.raises(SutazaiError, match=r"sutazai-lab-redis: its process \d+ isn't one of this machine"):
        chaos().kill("redis")


def test_who_would_stay_down_is_not_killed() -> None:
    with pytest.raises(SutazaiError) as refusal:
        chaos(RestartCount=5).victims("redis")
    assert str(refusal.value) == (
        "sutazai-lab-redis: the engine has started it again 5 times of 5, and wouldn't once more: "
        "docker restart sutazai-lab-redis"
    )


def test_victims_are_named_by_their_instance() -> None:
    assert chaos().victims("redis") == ["redis"]
