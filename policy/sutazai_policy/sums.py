"""What a group of claims comes to: the sums that budgets are held to, and that the ledger tells."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from sutazai_policy.cgroups import PoolCgroups
from sutazai_policy.claims import Claim, Part
from sutazai_policy.host import Host
from sutazai_policy.quotas import Pool
from sutazai_policy.units import CORE

__all__ = [
    "Groups",
    "Sum",
    "cores_of",
    "cpu_limits",
    "cpu_requests",
    "grouped",
    "memory_limits",
    "memory_requests",
    "with_guests",
]

K = TypeVar("K")
Groups = Mapping[str | None, list[Claim]]


@dataclass(frozen=True, slots=True)
class Sum:
    """An amount, in CPU units or bytes, and the parts that it is made of."""

    total: int
    parts: list[Part]


def grouped(claims: Iterable[Claim], by: Callable[[Claim], K]) -> Mapping[K, list[Claim]]:
    """Return the claims of each tier, pool or service; of one that no claim names there are none."""
    found: defaultdict[K, list[Claim]] = defaultdict(list)
    for claim in claims:
        found[by(claim)].append(claim)
    return found


def with_guests(name: str, pools: Mapping[str, Pool], members: Groups) -> tuple[list[str], list[Claim]]:
    """Return the pools within a pool's memory, and the claims of all that share it, the pool's own first."""
    guests = [inner for inner, one in pools.items() if one.within == name]
    return guests, [claim for pool in (name, *guests) for claim in members[pool]]


def cpu_requests(claims: Iterable[Claim]) -> Sum:
    """Sum the CPU requests."""
    return _sum([claim.part(claim.cpu_request) for claim in claims])


def memory_requests(claims: Iterable[Claim]) -> Sum:
    """Sum the memory requests."""
    return _sum([claim.part(claim.memory_request) for claim in claims])


def memory_limits(claims: Iterable[Claim], cgroups: PoolCgroups) -> Sum:
    """Sum what the claims can take at most; a trusted cgroup counts with its own limit."""
    return _sum(cgroups.ceiling(claims))


def cpu_limits(claims: Iterable[Claim], host: Host) -> Sum:
    """Sum the CPU limits: together no more than the distinct cores that the claims may run on."""
    claims = tuple(claims)
    parts = [claim.part(host.cores * CORE if claim.cpu_limit is None else claim.cpu_limit) for claim in claims]
    return Sum(min(_sum(parts).total, cores_of(claims, host).bit_count() * CORE), parts)


def cores_of(claims: Iterable[Claim], host: Host) -> int:
    """Return the cores that any of the claims may run on, as a mask."""
    union = 0
    for claim in claims:
        union |= host.all_cores if claim.cores is None else claim.cores
    return union


def _sum(parts: list[Part]) -> Sum:
    return Sum(sum(part.amount for part in parts), parts)
