"""A smoke test's verdict: from records to numbers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
from rich.console import Console

from sutazai_infra.cli.smoke_table import smoke_table
from sutazai_infra.operations.smoke.jobs import Job, jobs
from sutazai_infra.operations.smoke.verdict import (
    Disturbance,
    Latency,
    Record,
    SmokeReport,
    Traffic,
    latency,
    report,
)

START = datetime(2026, 1, 1, tzinfo=UTC)
ASKED = tuple(Job(key=f"k{n}", type="t", payload={}, expected={"n": n}) for n in range(3))
ACCEPTED = {"k0": "id0", "k1": "id1", "k2": "id2"}


def record(number: int, **changes: Any) -> Record:
    fields = {
        "id": f"id{number}",
        "status": "done",
        "attempts": 1,
        "created_at": START + timedelta(seconds=number),
        "finished_at": START + timedelta(seconds=2 * number + 1),
        "result": {"n": number},
    }
    return Record(**fields | changes)


def judged(*records: Record, accepted: dict[str, str] | None = None, **more: Any) -> SmokeReport:
    return report(
        "lab", ASKED, ACCEPTED if accepted is None else accepted, records, **{"traffic": Traffic()} | more
    )


def flaws(found: SmokeReport) -> dict[str, int]:
    names = ("failed", "lost", "refused", "twice", "wrong")
    return {name: count for name in names if (count := getattr(found, name))}


def test_all_done_once_and_rightly_is_good() -> None:
    found = judged(record(0), record(1), record(2))

    assert (found.done, flaws(found), found.good) == (3, {}, True)
    assert (found.completion_rate, found.seconds, found.tasks_per_second) == (1.0, 5.0, 0.6)
    assert found.task_seconds == Latency(p50=2.0, p95=3.0, p99=3.0, longest=3.0)


@pytest.mark.parametrize(
    ("changed", "flaw"),
    [
        ([record(1, status="failed", result=None)], {"failed": 1}),
        ([record(1, status="running", finished_at=None)], {"lost": 1}),
        ([], {"lost": 1}),
        ([record(1, result={"n": 7})], {"wrong": 1}),
        ([record(1), record(7)], {"twice": 1}),
    ],
)
def test_each_flaw_is_counted_and_spoils_it(changed: list[Record], flaw: dict[str, int]) -> None:
    found = judged(record(0), record(2), *changed)

    assert flaws(found) == flaw
    assert not found.good


def test_what_was_never_accepted_is_refused_not_lost() -> None:
    assert flaws(judged(record(0), record(1), accepted={"k0": "id0", "k1": "id1"})) == {"refused": 1}


def test_two_tasks_that_became_one_are_noticed() -> None:
    same = {"k0": "id0", "k1": "id1", "k2": "id1"}
    assert flaws(judged(record(0), record(1), accepted=same)) == {"twice": 1, "wrong": 1}


def test_a_task_handed_out_again_is_counted_and_no_flaw() -> None:
    found = judged(record(0), record(1, attempts=2), record(2))
    assert (found.redelivered, found.good) == (1, True)


def test_what_was_killed_and_is_not_well_again_spoils_it() -> None:
    killed = Disturbance(service="redis", container="r", at_seconds=1, healthy_after_seconds=None, restarts=5)
    found = judged(record(0), record(1), record(2), disturbances=[killed])
    assert (flaws(found), found.good) == ({}, False)


def test_percentiles_are_those_of_the_nearest_rank() -> None:
    assert latency(n / 1 for n in range(1, 101)) == Latency(p50=50, p95=95, p99=99, longest=100)
    assert latency([0.25]) == Latency(p50=0.25, p95=0.25, p99=0.25, longest=0.25)
    assert latency([]) == Latency()


def test_the_jobs_are_spread_over_the_types_and_each_has_its_own_key_and_its_right_result() -> None:
    made = jobs("run-", 24, ["a", "b"])

    assert len({job.key for job in made}) == 24
    assert [job.type for job in made].count("a") == 12
    assert {str(job.payload["kind"]) for job in made} == {"hash", "sum", "echo"}
    hashed = next(job for job in made if job.payload["kind"] == "hash")
    digest = str(hashed.payload["text"]).encode()
    for _ in range(hashed.payload["rounds"]):
        digest = sha256(digest).digest()
    assert hashed.expected["sha256"] == digest.hex()


def shown(found: SmokeReport) -> list[str]:
    console = Console(width=120, force_terminal=False)
    with console.capture() as captured:
        console.print(smoke_table(found))
    return [line.rstrip() for line in captured.get().splitlines()]


def test_the_table_says_what_came_of_it() -> None:
    killed = Disturbance(service="redis", container="r", at_seconds=1.5, healthy_after_seconds=2, restarts=1)
    traffic = Traffic(protocols=("HTTP/2",), seconds=(0.01,), queue_full=4, sent_again=2)
    assert shown(judged(record(0), record(1), record(2), traffic=traffic, disturbances=[killed])) == [
        "3 of 3 tasks done (100.0 %): none lost, none twice, every result right",
        "from acceptance to end  p50 2.000 s, p95 3.000 s, p99 3.000 s, longest 3.000 s",
        "answers to posts        p50 0.010 s, p95 0.010 s, p99 0.010 s, longest 0.010 s",
        "tasks per second        0.6, in 5.0 s",
        "handed out again        0",
        "posts sent again        2 (nobody answered), 4 (queue full)",
        "protocol                HTTP/2",
        "killed r at 1.5 s: healthy again after 2.0 s, restarts 1",
    ]


def test_the_table_names_the_flaws() -> None:
    assert shown(judged(record(0)))[0] == "1 of 3 tasks done (33.3 %): 2 lost"
