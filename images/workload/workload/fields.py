"""Fields of messages, checked one by one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from workload.errors import Invalid

__all__ = ["attempt", "count", "first_name", "key", "name", "seconds", "task_id", "task_ids", "text"]

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")
# More digits than that Python refuses to read, with an error of its own.
_COUNT = re.compile(r"[0-9]{1,9}")
_MOST_ATTEMPTS = 2**31
_KEY_LENGTH = 200
_LONGEST_S = 24 * 3600
_MOST_LISTED = 10_000


def name(value: object, key: str) -> str:
    """Check one name of an agent or type; raises `Invalid`."""
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise Invalid(f"{key}: must be 1 to 100 letters, digits, dots, dashes or underscores, not {value!r}")
    return value


def task_id(value: object) -> UUID:
    """Read a task's id; raises `Invalid`."""
    try:
        return UUID(str(value))
    except ValueError:
        raise Invalid(f"task_id: must be a UUID, not {value!r}") from None


def count(text: str | None, key: str, default: int) -> int:
    """Read how many are asked for; raises `Invalid`."""
    if text is None:
        return default
    if not (_COUNT.fullmatch(text) and 0 < int(text) <= _MOST_LISTED):
        raise Invalid(f"{key}: must be a number from 1 to {_MOST_LISTED}, not {text!r}")
    return int(text)


def text(value: object, most: int | None = None) -> str:
    """Read a text of at most so many characters, without what no database takes: NUL, half characters."""
    return str(value)[:most].replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()


def key(value: str, name: str, least: int = 1) -> str:
    """Check an idempotency key, or how one begins; raises `Invalid`."""
    if not (least <= len(value) <= _KEY_LENGTH and value.isprintable()):
        raise Invalid(f"{name}: must be {least} to {_KEY_LENGTH} printable characters")
    return value


def first_name(body: Mapping[str, Any], *keys: str) -> str:
    """Read the first of several spellings of a name; raises `Invalid`."""
    for key in keys:
        if key in body:
            return name(body[key], key)
    raise Invalid(f"{keys[0]}: is missing")


def task_ids(body: Mapping[str, Any]) -> tuple[UUID, ...]:
    """Read the ids of tasks in hand; raises `Invalid`."""
    ids = body.get("task_ids") or []
    if not isinstance(ids, list):
        raise Invalid("task_ids: must be a list")
    return tuple(task_id(value) for value in ids)


def attempt(body: Mapping[str, Any]) -> int | None:
    """Read the number of an attempt, if it is there; raises `Invalid`."""
    value = body.get("attempt")
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < _MOST_ATTEMPTS:
        raise Invalid(f"attempt: must be the number that came with the task, not {value!r}")
    return value


def seconds(body: Mapping[str, Any], key: str) -> float | None:
    """Read a time in seconds, if it is there; raises `Invalid`."""
    value = body.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < _LONGEST_S:
        raise Invalid(f"{key}: must be a number of seconds from 0 to {_LONGEST_S}, not {value!r}")
    return float(value)
