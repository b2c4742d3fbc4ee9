"""What is to be done in a smoke test, and what has to come of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from hashlib import sha256
from typing import Any

from sutazai_infra.model.base import Frozen

__all__ = ["Job", "jobs"]

# A third of a second or so: long enough for an agent to be killed in the middle of one.
_ROUNDS = 200_000
_HASHED = 5
_SOME = 10


class Job(Frozen):
    """One task: its key (which makes posting it again safe), its type, its payload and its only right result."""

    key: str
    type: str
    payload: Mapping[str, Any]
    expected: Mapping[str, Any]


def jobs(prefix: str, count: int, types: Sequence[str]) -> tuple[Job, ...]:
    """Spread `count` tasks over agents' types; one in ten takes longer, and no two of a kind are alike in vain."""
    return tuple(
        Job(
            key=f"{prefix}{number:05d}",
            type=types[number % len(types)],
            payload=payload,
            expected=expected,
        )
        for number, (payload, expected) in enumerate(_work(count))
    )


def _work(count: int) -> Iterable[tuple[dict[str, Any], dict[str, Any]]]:
    for number in range(count):
        if number % _SOME == 0:
            text = f"smoke {number // _SOME % _HASHED}"
            payload = {"kind": "hash", "text": text, "rounds": _ROUNDS}
            yield payload, {"sha256": _hashed(text), "rounds": _ROUNDS}
        elif number % 2:
            yield {"kind": "sum", "numbers": [number, 1]}, {"sum": number + 1, "count": 2}
        else:
            text = f"smoke {number}"
            yield {"kind": "echo", "text": text}, {"echo": text}


@cache
def _hashed(text: str) -> str:
    digest = text.encode()
    for _ in range(_ROUNDS):
        digest = sha256(digest).digest()
    return digest.hex()
