"""The engine's events as they happen: asked for later, all but the last 256 of all containers are forgotten."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from threading import Condition, Thread
from typing import Any

import docker

__all__ = ["Watch", "seconds_of"]

Event = Mapping[str, Any]


class Watch:
    """What containers with a label do from now on; other watchers' events don't push theirs out."""

    def __init__(self, client: docker.DockerClient, label: str) -> None:
        self._seen: list[Event] = []
        self._news = Condition()
        filters = {"type": "container", "label": [label]}
        self._stream = client.api.events(decode=True, filters=filters)
        self._reader = Thread(target=self._read, daemon=True)
        self._reader.start()

    @classmethod
    @contextmanager
    def opened(cls, client: docker.DockerClient, label: str) -> Iterator[Watch]:
        """Watch until the block ends."""
        watch = cls(client, label)
        try:
            yield watch
        finally:
            watch._stream.close()
            watch._reader.join(timeout=5)

    def of(self, action: str) -> list[Event]:
        """Return what has happened so far of one kind, in its order."""
        with self._news:
            return [event for event in self._seen if event["Action"] == action]

    def wait(self, seconds: float) -> None:
        """Wait for the next event, at most so long."""
        with self._news:
            self._news.wait(seconds)

    def _read(self) -> None:
        for event in self._stream:
            with self._news:
                self._seen.append(event)
                self._news.notify_all()


def seconds_of(event: Event) -> float:
    """Return when it happened, in seconds since the epoch."""
    return float(event["timeNano"]) / 1e9
