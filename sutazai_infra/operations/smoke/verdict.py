"""What the record says of a smoke test's tasks, as numbers. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from math import ceil
from typing import Any

from pydantic import Field

from sutazai_infra.model.base import Frozen
from sutazai_infra.operations.smoke.jobs import Job

__all__ = ["Disturbance", "Latency", "Record", "SmokeReport", "Traffic", "latency", "report"]


class Record(Frozen):
    """A task as the backend's record has it."""

    id: str
    status: str
    attempts: int
    created_at: datetime
    claimed_at: datetime | None = None
    finished_at: datetime | None = None
    agent: str | None = None
    result: Mapping[str, Any] | None = None

    @property
    def ended(self) -> bool:
        """Whether nothing will become of it any more."""
        return self.finished_at is not None

    @property
    def seconds(self) -> float | None:
        """The time from its acceptance to its end."""
        return None if self.finished_at is None else (self.finished_at - self.created_at).total_seconds()


class Latency(Frozen):
    """Percentiles of times, in seconds, by the nearest rank; nothing where nothing was timed."""

    p50: float | None = None
    p95: float | None = None
    p99: float | None = None
    longest: float | None = None


class Disturbance(Frozen):
    """A container whose process was killed, when, and how long it took to be healthy again (null: it wasn't)."""

    service: str
    container: str
    at_seconds: float
    healthy_after_seconds: float | None
    restarts: int


class Traffic(Frozen):
    """How posting went: protocols that answered, times of accepted posts, and those that had to be sent again."""

    protocols: tuple[str, ...] = ()
    seconds: tuple[float, ...] = ()
    queue_full: int = 0
    sent_again: int = 0


class SmokeReport(Frozen):
    """The whole of a smoke test."""

    version: int = 1
    stack: str
    posted: int
    done: int
    failed: int
    lost: int = Field(description="Accepted, and not in the record or not ended in time.")
    refused: int = Field(description="Never accepted in time.")
    twice: int = Field(description="In the record beyond one a task.")
    wrong: int = Field(description="Done with a result other than the right one.")
    redelivered: int = Field(description="Handed out more than once.")
    completion_rate: float = Field(description="Done, of those posted.")
    seconds: float | None = Field(description="From the first task's acceptance to the last one's end.")
    tasks_per_second: float | None
    task_seconds: Latency = Field(description="From a task's acceptance to its end.")
    post_seconds: Latency = Field(description="Answers to accepted posts, at the gateway.")
    protocols: tuple[str, ...]
    queue_full: int
    sent_again: int
    disturbances: tuple[Disturbance, ...] = ()

    @property
    def good(self) -> bool:
        """Whether each task was done once and rightly, and whatever was killed is well again."""
        flaws = self.failed + self.lost + self.refused + self.twice + self.wrong
        return not flaws and all(one.healthy_after_seconds is not None for one in self.disturbances)


def latency(seconds: Iterable[float]) -> Latency:
    """Return the percentiles of some times."""
    ordered = sorted(seconds)
    if not ordered:
        return Latency()
    p50, p95, p99 = (round(ordered[ceil(part * len(ordered) / 100) - 1], 4) for part in (50, 95, 99))
    return Latency(p50=p50, p95=p95, p99=p99, longest=round(ordered[-1], 4))


def report(
    stack: str,
    asked: Sequence[Job],
    accepted: Mapping[str, str],
    records: Sequence[Record],
    *,
    traffic: Traffic,
    disturbances: Sequence[Disturbance] = (),
) -> SmokeReport:
    """Hold the record against what was asked for; `accepted` is the id of each accepted job, by its key."""
    expected = {accepted[job.key]: job.expected for job in asked if job.key in accepted}
    known = {record.id: record for record in records if record.id in expected}
    ended = [record for record in known.values() if record.ended]
    counted, seconds = Counter(record.status for record in ended), _span(ended)
    return SmokeReport(
        stack=stack,
        posted=len(asked),
        done=counted["done"],
        failed=counted["failed"],
        lost=len(expected) - len(ended),
        refused=len(asked) - len(accepted),
        twice=len(records) - len(known) + len(accepted) - len(expected),
        wrong=sum(one.status == "done" and one.result != expected[one.id] for one in ended),
        redelivered=sum(record.attempts > 1 for record in known.values()),
        completion_rate=round(counted["done"] / len(asked), 4),
        seconds=seconds,
        tasks_per_second=round(counted["done"] / seconds, 2) if seconds else None,
        task_seconds=latency(record.seconds for record in ended if record.seconds is not None),
        post_seconds=latency(traffic.seconds),
        protocols=traffic.protocols,
        queue_full=traffic.queue_full,
        sent_again=traffic.sent_again,
        disturbances=tuple(disturbances),
    )


def _span(ended: Sequence[Record]) -> float | None:
    ends = [record.finished_at for record in ended if record.finished_at is not None]
    if not ends:
        return None
    return round((max(ends) - min(record.created_at for record in ended)).total_seconds(), 3)
