"""What the exporter answers over HTTP."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from exporter.collector import StackCollector
from exporter.events import OomTally
from exporter.plan import PlanFacts
from exporter.server import Server

from tests.unit.exporter.recorded import FakeEngine, plan


class Asked(FakeEngine):
    """An engine that is away, and counts who asks."""

    def __init__(self) -> None:
        super().__init__(ConnectionRefusedError("away"))
        self.times = 0

    def containers(self) -> list[dict[str, object]]:
        self.times += 1
        return super().containers()


@pytest.fixture
def engine() -> Asked:
    return Asked()


@pytest.fixture
def client(engine: Asked) -> Iterator[httpx.Client]:
    facts = PlanFacts.parse(plan())
    collector = StackCollector(engine, facts, "dev", OomTally(), 1, snapshots=Path("/no/snapshots"))
    with Server(collector, facts, 0) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        with httpx.Client(base_url=f"http://127.0.0.1:{server.server_port}") as opened:
            yield opened
        server.shutdown()
        thread.join()
    collector.close()


def test_metrics_are_answered_though_the_engine_is_away(client: httpx.Client) -> None:
    answer = client.get("/metrics")
    assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (200, "text/plain")
    assert "\nsutazai_engine_up 0.0\n" in answer.text


def test_the_probe_and_the_targets_ask_no_engine(client: httpx.Client, engine: Asked) -> None:
    assert client.get("/health").text == "ok\n"
    assert client.get("/targets/agents?x=1").json() == [
        {"targets": ["ann:8080"], "labels": {"name": "ann", "tier": "2"}}
    ]
    assert engine.times == 0


def test_another_path_is_answered_with_those_that_there_are(client: httpx.Client) -> None:
    answer = client.get("/")
    assert (answer.status_code, answer.text) == (404, "there are /metrics, /targets/agents and /health\n")
