"""The labels by which a container says what it is. They identify; no sum trusts them to make it smaller."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sutazai_policy import reading
from sutazai_policy.digest import DIGEST_LABEL
from sutazai_policy.parts import shown
from sutazai_policy.reading import Reading

__all__ = ["PRIORITY_CLASSES", "STACK", "Labels", "read_labels"]

STACK = "sutazai.stack"
_SERVICE, _POOL, _TIER, _PRIORITY = "sutazai.service", "sutazai.pool", "sutazai.tier", "sutazai.priority"
PRIORITY_CLASSES = {"critical": 1000, "high": 800, "medium": 600, "low": 400, "background": 200}


@dataclass(frozen=True, slots=True)
class Labels:
    """The identity that a workload's labels give, each part read on its own."""

    stack: Reading[str]
    service: Reading[str]
    pool: Reading[str]
    tier: Reading[str]
    priority: Reading[str]
    replaces_on: Reading[str]

    @property
    def rank(self) -> int:
        """The priority as a number; a missing or odd one is the lowest, so that a lie gains nothing."""
        name = self.priority.value or ""
        if name.isascii() and name.isdigit():
            return int(name[:9])
        return PRIORITY_CLASSES.get(name, 0)


def read_labels(*lists: Reading[tuple[Reading[Any], ...]]) -> Labels:
    """Read lists of `{label, value}`; a label with two different values is odd, not the last of them.

    One label whose name can't be read, or a list that can't be, makes all of them odd: it may be any of them.
    """
    found: dict[str, Reading[str]] = {}
    blurred = next((f"is among labels of which the list {one.problem}" for one in lists if one.problem), None)
    for entry in (entry for entries in lists for entry in entries.value or ()):
        blurred = _add(entry, found) or blurred
    names = (STACK, _SERVICE, _POOL, _TIER, _PRIORITY, DIGEST_LABEL)
    return Labels(*(Reading(problem=blurred) if blurred else found.get(name, Reading()) for name in names))


def _add(entry: Reading[Any], found: dict[str, Reading[str]]) -> str | None:
    """Add one label to `found`; returns why its name can't be read, if it can't."""
    if not isinstance(entry.value, Mapping):
        return f"is among labels of which one {entry.problem or 'is no pair: give pairs of label and value'}"
    key = reading.text(entry.value, "label")
    if key.value is None:
        return f"is among labels of which one has a name that {key.problem or 'is empty: give it one'}"
    value = entry.then(lambda pair: reading.text(pair, "value"))
    found[key.value] = _agreed(found[key.value], value) if key.value in found else value
    return None


def _agreed(first: Reading[str], second: Reading[str]) -> Reading[str]:
    problem = first.problem or second.problem
    if problem is None and first.value != second.value:
        both = [shown(one.value or "nothing", secret=one.secret) for one in (first, second)]
        problem = f"is given twice ({' and '.join(both)}): give it once"
    if problem is not None:
        return Reading(problem=problem)
    return Reading(first.value, secret=first.secret or second.secret)
