"""What an agent can do: small real work, chosen by the payload's `kind`."""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["KINDS", "TaskFailed", "run"]

# Keeps the longest task near the 30 s that an agent is given to finish its last one.
MAX_ROUNDS = 20_000_000
_TOP_WORDS = 10
_LARGEST = 1e100


class TaskFailed(Exception):  # noqa: N818 - an outcome of a task, not an error of the agent
    """The task can't be done; the text says why."""


def run(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Do the task; raises `TaskFailed`."""
    kind = payload.get("kind")
    work = _WORK.get(kind) if isinstance(kind, str) else None
    if work is None:
        raise TaskFailed(f"unknown kind {kind!r}: this agent does {', '.join(KINDS)}")
    return work(payload)


def _echo(payload: Mapping[str, Any]) -> dict[str, Any]:
    return {"echo": payload.get("text", "")}


def _sum(payload: Mapping[str, Any]) -> dict[str, Any]:
    numbers = payload.get("numbers")
    if not isinstance(numbers, list) or not all(_is_number(number) for number in numbers):
        raise TaskFailed('sum needs "numbers", a list of numbers below 1e100')
    total = sum(numbers) if all(isinstance(n, int) for n in numbers) else math.fsum(numbers)
    return {"sum": total, "count": len(numbers)}


def _hash(payload: Mapping[str, Any]) -> dict[str, Any]:
    rounds = payload.get("rounds", 1)
    if isinstance(rounds, bool) or not isinstance(rounds, int) or not 1 <= rounds <= MAX_ROUNDS:
        raise TaskFailed(f'hash takes "rounds" from 1 to {MAX_ROUNDS}, not {rounds!r}')
    digest = _text(payload, "hash").encode()
    for _ in range(rounds):
        digest = hashlib.sha256(digest).digest()
    return {"sha256": digest.hex(), "rounds": rounds}


def _wordcount(payload: Mapping[str, Any]) -> dict[str, Any]:
    words = _text(payload, "wordcount").split()
    ranked = sorted(Counter(word.lower() for word in words).items(), key=lambda item: (-item[1], item[0]))
    return {"words": len(words), "top": dict(ranked[:_TOP_WORDS])}


def _text(payload: Mapping[str, Any], kind: str) -> str:
    text = payload.get("text")
    if not isinstance(text, str):
        raise TaskFailed(f'{kind} needs "text", a string')
    return text


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _LARGEST


_WORK: dict[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    "echo": _echo,
    "hash": _hash,
    "sum": _sum,
    "wordcount": _wordcount,
}
KINDS = tuple(_WORK)
