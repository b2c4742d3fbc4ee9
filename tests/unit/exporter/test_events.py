"""OOM kills, counted from the engine's events."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from exporter.events import OomFollower, OomTally

from tests.unit.exporter.recorded import FakeEngine


class Streams(FakeEngine):
    """Gives one stream after the other, each of which ends with an error."""

    def __init__(self, *streams: list[dict[str, Any]]) -> None:
        super().__init__([])
        self.streams = list(streams)
        self.asked: list[tuple[str, int]] = []

    def oom_events(self, stack: str, since_ns: int) -> Iterator[dict[str, Any]]:
        self.asked.append((stack, since_ns))
        yield from self.streams.pop(0)
        raise ConnectionResetError("the engine stopped")


def oom(container: str, moment: int) -> dict[str, Any]:
    return {"Type": "container", "Action": "oom", "Actor": {"ID": container}, "timeNano": moment}


def test_each_kill_is_counted_once_though_the_stream_breaks() -> None:
    far = 1 << 62
    engine, tally = Streams([oom("a", far), oom("a", far + 5), oom("b", far + 2)], [oom("a", far + 9)]), OomTally()
    follower = OomFollower(engine, tally, "dev")
    for _ in range(2):
        with pytest.raises(ConnectionResetError):
            follower.follow()
    assert (tally.seen("a", killed=False), tally.seen("b", killed=False)) == (3, 1)
    assert engine.asked[1] == ("dev", far + 6)
