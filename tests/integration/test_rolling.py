"""Two backends behind the gateway: nothing is lost when parts are killed, and they are replaced in turn."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

import pytest

from tests.integration.stack_lab import AGENTS, StackLab, free_port

pytestmark = pytest.mark.engine

_HAPPENED = {"die": "dies", "health_status: healthy": "is healthy"}


@pytest.fixture(scope="module")
def stack(swept: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StackLab]:
    """Return a stack with two backends, the gateway and agents, up."""
    del swept
    with StackLab.opened(tmp_path_factory.mktemp("rolling")) as opened:
        opened.settings |= {
            "services": {"only": ["postgres", "redis", "pgbouncer", "backend", "gateway"]},
            "agents": list(AGENTS),
            "overrides": {"backend": {"replicas": 2}},
            "publish": {"gateway": free_port()},
        }
        opened.configure()
        opened.up().worked()
        yield opened


@contextmanager
def watched(lab: StackLab, service: str) -> Iterator[list[tuple[str, str]]]:
    """Yield a list that grows by each container of the service that dies or becomes healthy.

    Listened to, not asked for afterwards: the engine remembers 256 events, and every probe makes three.
    """
    seen: list[tuple[str, str]] = []
    labels = [f"sutazai.stack={lab.stack}", f"sutazai.service={service}"]
    stream = lab.client.events(decode=True, filters={"label": labels, "type": "container"})

    def listen() -> None:
        seen.extend(
            (event["Actor"]["Attributes"]["sutazai.instance"], _HAPPENED[event["Action"]])
            for event in stream
            if event["Action"] in _HAPPENED
        )

    listener = Thread(target=listen, daemon=True)
    listener.start()
    try:
        yield seen
    finally:
        stream.close()
        listener.join(10)


def test_a_smoke_test_with_kills_loses_nothing(stack: StackLab) -> None:
    answer = stack.run("sutazai", "smoke", "--stack", stack.stack, "--tasks", "120", "--json")

    assert answer.code == 0, answer.output
    report = json.loads(answer.output[answer.output.index("{") :])
    assert (report["posted"], report["done"], report["completion_rate"]) == (120, 120, 1.0)
    assert [report[flaw] for flaw in ("failed", "lost", "refused", "twice", "wrong")] == [0] * 5
    assert report["protocols"] == ["HTTP/2"]
    assert [one["service"] for one in report["disturbances"]][1:] == ["redis", "backend"]
    assert all(one["restarts"] == 1 for one in report["disturbances"]), report["disturbances"]


def test_a_new_version_replaces_one_replica_after_the_other(stack: StackLab) -> None:
    user = "POSTGRES_USER: sutazai"
    stack.edit("services/infrastructure.yaml", user, f'{user}\n      QUEUE_LIMIT: "77"')

    with watched(stack, "backend") as seen:
        done = stack.up().worked()

    assert done.changes == {"replace": 2}
    assert seen == [
        ("backend", "dies"),
        ("backend", "is healthy"),
        ("backend-2", "dies"),
        ("backend-2", "is healthy"),
    ]
