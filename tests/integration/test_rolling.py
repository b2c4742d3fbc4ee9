"""A new version of a service with two replicas: one is replaced after the other, on the real engine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

import pytest

from tests.integration.stack_lab import StackLab

pytestmark = pytest.mark.engine

_HAPPENED = {"die": "dies", "health_status: healthy": "is healthy"}


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


def test_a_new_version_replaces_one_replica_after_the_other(lab: StackLab) -> None:
    lab.settings |= {
        "services": {"only": ["postgres", "redis", "pgbouncer", "backend", "gateway"]},
        "agents": "0",
        "overrides": {"backend": {"replicas": 2}},
    }
    lab.configure()
    lab.up().worked()
    user = "POSTGRES_USER: sutazai"
    lab.edit("services/infrastructure.yaml", user, f'{user}\n      QUEUE_LIMIT: "77"')

    with watched(lab, "backend") as seen:
        done = lab.up().worked()

    assert done.changes == {"replace": 2}
    assert seen == [
        ("backend", "dies"),
        ("backend", "is healthy"),
        ("backend-2", "dies"),
        ("backend-2", "is healthy"),
    ]
