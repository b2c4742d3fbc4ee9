"""How violations name culprits and the order of eviction: short, however many there are."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from sutazai_policy.claims import Claim, Part
from sutazai_policy.core_set import core_set_text
from sutazai_policy.host import Host
from sutazai_policy.reading import Reading
from sutazai_policy.units import cores_text, mib_text
from sutazai_policy.workload import Container, Workload

__all__ = [
    "cores_named",
    "cores_taken",
    "culprits",
    "evicted_first",
    "held_cpu",
    "held_memory",
    "names",
    "overcommit_text",
    "told",
]

_SHOWN = 5
_EVICTED = 3


def culprits(parts: Iterable[Part], write: Callable[[int], str]) -> str:
    """Name the largest parts of a sum: `pytorch 4096, aider 2048, +3 more`."""
    counted = [part for part in parts if part.amount > 0]
    largest = heapq.nsmallest(_SHOWN, counted, key=lambda part: (-part.amount, part.name))
    return _capped([f"{name} {'(secret)' if hidden else write(n)}" for name, n, hidden in largest], len(counted))


def names(found: Sequence[str]) -> str:
    """Name the first few: `aider, pytorch, +3 more`."""
    return _capped(list(found[:_SHOWN]), len(found))


def _capped(shown: list[str], total: int) -> str:
    more = total - len(shown)
    return ", ".join([*shown, f"+{more} more"] if more > 0 else shown) or "none"


def evicted_first(claims: Iterable[Claim]) -> str:
    """Name who goes first when memory runs out: the lowest priority, then the most over its request."""
    order = heapq.nsmallest(_EVICTED, claims, key=lambda one: (one.rank, -one.over_request, one.name))
    return ", then ".join(f"{one.name} (priority {one.rank})" for one in order)


def held_memory(host: Host) -> str:
    """Say what containers outside the stack hold of the host's memory, if any do."""
    parts = [Part(one.name, one.memory) for one in host.occupants]
    total = sum(part.amount for part in parts)
    return f", beside {mib_text(total)} MiB of others ({culprits(parts, mib_text)})" if total else ""


def held_cpu(host: Host) -> str:
    """Say what containers outside the stack have been promised of the host's cores, if any have."""
    parts = [Part(one.name, one.cpu) for one in host.occupants]
    total = sum(part.amount for part in parts)
    return f", beside {cores_text(total)} cores of others ({culprits(parts, cores_text)})" if total else ""


def overcommit_text(times: float) -> str:
    """Say that a limit is more than what is there, if it is."""
    return "" if times == 1 else f" overcommitted x {times:g}"


def cores_named(mask: int) -> str:
    """Write a core set in a sentence: `core 3`, `cores 0-1`."""
    return f"{'core' if mask.bit_count() == 1 else 'cores'} {core_set_text(mask)}"


def cores_taken(one: Workload, cores: int) -> str:
    """Name some of a workload's cores, unless its core set is a secret."""
    return told(cores_named(cores), *([one.cpu_set] if isinstance(one, Container) else []))


def told(value: object, *sources: Reading[Any]) -> str:
    """Write a value that was read, unless it comes from a secret."""
    return "(secret)" if any(one.secret for one in sources) else str(value)
