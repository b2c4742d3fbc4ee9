"""What each running workload claims of the host, from registered properties only, in whole units.

Nothing that is left out or can't be read makes a claim smaller: Docker's own default counts, or the next
larger property (a limit for a missing request, as in Kubernetes), and what can't be counted at all is named.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sutazai_policy.reading import Reading
from sutazai_policy.units import CORE, MIB, NANO_CPU, SHARE
from sutazai_policy.workload import Container, Service

__all__ = ["LEAST_SHARES", "Claim", "Part", "read_claims"]

_DEFAULT_SHARES = 1024
LEAST_SHARES = 2
_NOTHING_GIVEN = "is given by neither a reservation nor a limit: set both"


class Part(NamedTuple):
    """What one of the parts of a sum comes to; a message doesn't write the amount of a secret one."""

    name: str
    amount: int
    secret: bool = False


@dataclass(frozen=True, slots=True)
class Claim:
    """One workload's part of the host; `None` stands for no bound of its own (any core, no limit).

    `unread` says, by what is counted, why it can't be.
    """

    name: str
    urn: str
    service: str
    tier: str | None
    pool: str | None
    rank: int
    cgroup: str | None
    cores: int | None
    cpu_request: int
    cpu_limit: int | None
    memory_request: int
    memory_limit: int | None
    tasks: int = 1
    unread: Mapping[str, str] = field(default_factory=dict)
    secret: bool = False

    @property
    def unlimited(self) -> bool:
        """Whether it has no memory limit, as opposed to one that can't be read."""
        return self.memory_limit is None and "memory limit" not in self.unread

    def part(self, amount: int) -> Part:
        """Return an amount as this claim's part of a sum."""
        return Part(self.name, amount, self.secret)

    @property
    def over_request(self) -> float:
        """Bytes that it may take beyond its request: what the kernel reclaims first."""
        return math.inf if self.memory_limit is None else self.memory_limit - self.memory_request


def read_claims(containers: Iterable[Container], services: Iterable[Service]) -> tuple[Claim, ...]:
    """Return the claims of all that will run, containers first, each in the order given."""
    claims = [_container_claim(one) for one in containers if one.runs]
    return (*claims, *(_service_claim(one) for one in services if one.runs))


def _container_claim(one: Container) -> Claim:
    limit = one.memory.value or None
    request = one.memory_reservation.value or limit
    readings: dict[str, Reading[Any]] = {
        "service label": one.labels.service,
        "core set": one.cpu_set,
        "CPU request": one.cpu_shares,
        "CPU limit": one.cpus,
        "memory limit": one.memory,
        "memory request": one.memory_reservation,
    }
    return Claim(
        name=one.name,
        urn=one.urn,
        service=one.service,
        tier=one.labels.tier.value,
        pool=one.labels.pool.value,
        rank=one.labels.rank,
        cgroup=one.cgroup_parent.value,
        cores=one.cpu_set.value,
        cpu_request=max(one.cpu_shares.value or _DEFAULT_SHARES, LEAST_SHARES) * SHARE,
        cpu_limit=_container_cpu_limit(one),
        memory_request=(request or 0) * MIB,
        memory_limit=None if limit is None else limit * MIB,
        unread=_unread(readings, request),
        secret=any(found.secret for found in readings.values()),
    )


def _container_cpu_limit(one: Container) -> int | None:
    bounds = []
    if one.cpus.value:
        bounds.append(math.ceil(one.cpus.value * CORE))
    if one.cpu_set.value:
        bounds.append(one.cpu_set.value.bit_count() * CORE)
    return min(bounds, default=None)


def _service_claim(one: Service) -> Claim:
    tasks = 1 if one.replicas.value is None else one.replicas.value
    limit = one.limit_memory.value or None
    request = one.reserved_memory.value or limit
    # A task without a reservation competes with Docker's default shares, as any container does.
    cpu = one.reserved_cpu.value * NANO_CPU if one.reserved_cpu.value else _DEFAULT_SHARES * SHARE
    readings: dict[str, Reading[Any]] = {
        "service label": one.labels.service,
        "replicas": one.replicas,
        "CPU request": one.reserved_cpu,
        "CPU limit": one.limit_cpu,
        "memory limit": one.limit_memory,
        "memory request": one.reserved_memory,
    }
    return Claim(
        name=one.name,
        urn=one.urn,
        service=one.service,
        tier=one.labels.tier.value,
        pool=one.labels.pool.value,
        rank=one.labels.rank,
        cgroup=None,
        cores=None,
        cpu_request=tasks * cpu,
        cpu_limit=tasks * one.limit_cpu.value * NANO_CPU if one.limit_cpu.value else None,
        memory_request=tasks * (request or 0),
        memory_limit=None if limit is None else tasks * limit,
        tasks=tasks,
        unread=_unread(readings, request),
        secret=any(found.secret for found in readings.values()),
    )


def _unread(readings: Mapping[str, Reading[Any]], request: int | None) -> dict[str, str]:
    """Say why what can't be counted can't be: it can't be read, or is a memory request that nothing gives."""
    missing = {"memory request": _NOTHING_GIVEN} if request is None else {}
    return missing | {key: found.problem for key, found in readings.items() if found.problem is not None}
