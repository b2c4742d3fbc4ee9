"""memory-reservation: every workload says how much memory it needs, and no more than it may take."""

from __future__ import annotations

from collections.abc import Iterator

from pulumi_policy import Severity

from sutazai_policy.exceptions import ExceptableSettings
from sutazai_policy.facts import Container, Facts, Service
from sutazai_policy.messages import told
from sutazai_policy.rule import Category, Rule, Violation
from sutazai_policy.units import mib_text

__all__ = ["RULE"]

_LEAST = 6


class MemoryReservationSettings(ExceptableSettings):
    """Nothing but exceptions."""


def check(facts: Facts, _settings: MemoryReservationSettings) -> Iterator[Violation]:
    """Judge all workloads, whether they are to run or not."""
    for container in facts.containers:
        if problem := _of_container(container):
            yield Violation(f"{container.name} {problem}", container.urn)
    for service in facts.services:
        if problem := _of_service(service):
            yield Violation(f"{service.name} {problem}", service.urn)


def _of_container(one: Container) -> str | None:
    found, memory = one.memory_reservation, one.memory.value
    if found.problem is not None:
        return f"has a memoryReservation that {found.problem}"
    if not found.value:
        return "has no memoryReservation, so nothing is kept for it: set it to the memory that it needs, in MB"
    size = told(found.value, found)
    if found.value < _LEAST:
        return f"has a memoryReservation of {size} MB of at least {_LEAST} MB: raise it"
    if memory and found.value > memory:
        most = told(memory, one.memory)
        return f"reserves {size} MB of its {most} MB memory: lower memoryReservation, or raise memory"
    return None


def _of_service(one: Service) -> str | None:
    found, limit = one.reserved_memory, one.limit_memory.value
    if found.problem is not None:
        return f"has a reservation.memoryBytes that {found.problem}"
    if not found.value:
        return "has no reservation.memoryBytes, so nothing is kept for it: set it in taskSpec.resources"
    if limit and found.value > limit:
        return (
            f"reserves {told(mib_text(found.value), found)} MiB of its"
            f" {told(mib_text(limit, limit=True), one.limit_memory)} MiB memory:"
            " lower reservation.memoryBytes, or raise limits.memoryBytes"
        )
    return None


RULE = Rule(
    name="memory-reservation",
    description="Every container has to reserve the memory that it needs, within its limit.",
    category=Category.SHAPE,
    severity=Severity.HIGH,
    why=(
        "What is reserved is what a container keeps when memory runs short, and what the host's budget is made of."
        " Without it nothing is kept, and the kernel takes from the database as from anybody."
    ),
    source="strategy: resource requests",
    remediation=(
        "1. Set memoryReservation, in MB, to the memory that the container needs, up to memory.\n"
        "2. Of a Swarm service, set taskSpec.resources.reservation.memoryBytes, in bytes.\n"
        "3. Give a plain value: what depends on another resource's output is known too late to be checked."
    ),
    settings=MemoryReservationSettings,
    check=check,
    alone=True,
)
