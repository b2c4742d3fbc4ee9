from __future__ import annotations

import hashlib
from typing import Any

import pytest
from workload.tasks import KINDS, MAX_ROUNDS, TaskFailed, run


@pytest.mark.parametrize(
    ("payload", "result"),
    [
        ({"kind": "echo", "text": "hello"}, {"echo": "hello"}),
        ({"kind": "echo"}, {"echo": ""}),
        ({"kind": "sum", "numbers": []}, {"sum": 0, "count": 0}),
        ({"kind": "sum", "numbers": [1, 2, 3]}, {"sum": 6, "count": 3}),
        ({"kind": "sum", "numbers": [0.1] * 10}, {"sum": 1.0, "count": 10}),
        ({"kind": "wordcount", "text": "A rose is a rose"}, {"words": 5, "top": {"a": 2, "rose": 2, "is": 1}}),
        ({"kind": "wordcount", "text": ""}, {"words": 0, "top": {}}),
    ],
)
def test_a_task_gives_its_result(payload: dict[str, Any], result: dict[str, Any]) -> None:
    assert run(payload) == result


def test_a_hash_is_sha256_of_the_text() -> None:
    assert run({"kind": "hash", "text": "x"})["sha256"] == hashlib.sha256(b"x").hexdigest()


def test_more_rounds_hash_the_digest_again() -> None:
    once = hashlib.sha256(b"x").digest()
    assert run({"kind": "hash", "text": "x", "rounds": 2})["sha256"] == hashlib.sha256(once).hexdigest()


@pytest.mark.parametrize(
    ("payload", "message"),
    [
        ({}, f"unknown kind None: this agent does {', '.join(KINDS)}"),
        ({"kind": "dance"}, f"unknown kind 'dance': this agent does {', '.join(KINDS)}"),
        ({"kind": ["echo"]}, f"unknown kind ['echo']: this agent does {', '.join(KINDS)}"),
        ({"kind": "sum"}, 'sum needs "numbers", a list of numbers below 1e100'),
        ({"kind": "sum", "numbers": [True]}, 'sum needs "numbers", a list of numbers below 1e100'),
        ({"kind": "sum", "numbers": [float("nan")]}, 'sum needs "numbers", a list of numbers below 1e100'),
        ({"kind": "sum", "numbers": [10**101]}, 'sum needs "numbers", a list of numbers below 1e100'),
        ({"kind": "hash"}, 'hash needs "text", a string'),
        ({"kind": "hash", "text": "x", "rounds": 0}, f'hash takes "rounds" from 1 to {MAX_ROUNDS}, not 0'),
        ({"kind": "hash", "text": "x", "rounds": True}, f'hash takes "rounds" from 1 to {MAX_ROUNDS}, not True'),
        ({"kind": "wordcount", "text": 7}, 'wordcount needs "text", a string'),
    ],
)
def test_a_task_that_cannot_be_done_says_why(payload: dict[str, Any], message: str) -> None:
    with pytest.raises(TaskFailed) as failure:
        run(payload)
    assert str(failure.value) == message
