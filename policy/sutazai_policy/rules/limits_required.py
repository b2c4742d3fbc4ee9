"""limits-required: every container says what cores, CPU and memory it gets, in values that Docker keeps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Annotated, Any

from pulumi_policy import Severity
from pydantic import Field

from sutazai_policy.claims import LEAST_SHARES
from sutazai_policy.facts import Container, Facts, Service
from sutazai_policy.reading import Reading
from sutazai_policy.rule import Rule, Violation
from sutazai_policy.settings import Mib, Settings
from sutazai_policy.units import NANO_CPU, cores_text, mib_text

__all__ = ["LIMITS_REQUIRED"]

_LEAST_MEMORY = 6


class LimitsRequiredSettings(Settings):
    """How much swap a container may have beside its memory."""

    swap_allowance_mib: Annotated[
        Mib, Field(description="MiB by which memorySwap may exceed memory, which it includes. Default: 0.")
    ] = 0


def check(facts: Facts, settings: LimitsRequiredSettings) -> list[Violation]:
    """Judge each container and service by itself, whether it is to run or not."""
    return [
        *(
            Violation(f"{one.name} {problem}", one.urn)
            for one in facts.containers
            for problem in _container_problems(one, settings.swap_allowance_mib)
        ),
        *(
            Violation(f"{one.name} {problem}", one.urn)
            for one in facts.services
            for problem in _service_problems(one)
        ),
    ]


def _container_problems(one: Container, allowance: int) -> Iterator[str]:
    for wrong, right in one.misspelt:
        yield f"has a property {wrong}, which the provider doesn't know: write {right}"
    yield from _odd(
        {
            "cpuSet": one.cpu_set,
            "cpuShares": one.cpu_shares,
            "cpus": one.cpus,
            "memory": one.memory,
            "memorySwap": one.memory_swap,
            "memoryReservation": one.memory_reservation,
            "cgroupParent": one.cgroup_parent,
            "start": one.start,
            "mustRun": one.must_run,
            "restart": one.restart,
        }
    )
    if _absent(one.cpu_set):
        yield 'has no cpuSet, so it may run on any core: give it its cores, as in "4-5"'
    yield from _share_problems(one)
    yield from _memory_problems(one)
    yield from _swap_problems(one, allowance)
    yield from _reservation_problems(one)


def _odd(readings: dict[str, Reading[Any]]) -> Iterator[str]:
    return (f"has a {key} that {found.problem}" for key, found in readings.items() if found.problem is not None)


def _absent(found: Reading[int]) -> bool:
    """Tell a value that is left out, as zero is, from one that is there or can't be read."""
    return found.problem is None and not found.value


def _share_problems(one: Container) -> Iterator[str]:
    if _absent(one.cpu_shares):
        yield "has no cpuShares, so Docker gives it 1024, a whole core: set 1024 x the cores that it requests"
    elif one.cpu_shares.value is not None and one.cpu_shares.value < LEAST_SHARES:
        yield f"has {one.cpu_shares.value} cpuShares of at least {LEAST_SHARES}: raise them"


def _memory_problems(one: Container) -> Iterator[str]:
    if _absent(one.memory):
        yield "has no memory limit: set memory, in MB"
    elif one.memory.value is not None and one.memory.value < _LEAST_MEMORY:
        yield f"has a memory limit of {one.memory.value} MB of at least {_LEAST_MEMORY} MB: raise memory"


def _swap_problems(one: Container, allowance: int) -> Iterator[str]:
    memory, swap = one.memory.value, one.memory_swap.value
    if not memory:
        return
    allowed = f"{memory}" if not allowance else f"{memory} to {memory + allowance}"
    if _absent(one.memory_swap):
        yield f"has no memorySwap, so it may swap as much as its memory again: set memorySwap to {allowed}"
    elif swap == -1:
        yield f"has a memorySwap of -1, so it may swap without end: set memorySwap to {allowed}"
    elif swap is not None and not memory <= swap <= memory + allowance:
        yield (
            f"has a memorySwap of {swap} MB, and memory {memory} MB with {allowance} MB of swap allows"
            f" {allowed}: set memorySwap to that, or raise swap_allowance_mib"
        )


def _reservation_problems(one: Container) -> Iterator[str]:
    reservation, memory = one.memory_reservation.value, one.memory.value
    if _absent(one.memory_reservation):
        yield "has no memoryReservation, so nothing is kept for it: set it to the memory that it needs, in MB"
    elif reservation and memory and reservation > memory:
        yield f"reserves {reservation} MB of its {memory} MB memory: lower memoryReservation, or raise memory"


def _service_problems(one: Service) -> Iterator[str]:
    asked: Iterable[tuple[str, Reading[int]]] = (
        ("reservation.nanoCpus", one.reserved_cpu),
        ("reservation.memoryBytes", one.reserved_memory),
        ("limits.nanoCpus", one.limit_cpu),
        ("limits.memoryBytes", one.limit_memory),
    )
    yield from _odd({"mode": one.replicas, **dict(asked)})
    for key, found in asked:
        if _absent(found):
            yield f"has no {key}: set it in taskSpec.resources"
    cpu, cpu_limit = one.reserved_cpu.value, one.limit_cpu.value
    if cpu and cpu_limit and cpu > cpu_limit:
        yield (
            f"reserves {cores_text(cpu * NANO_CPU)} cores"
            f" of its {cores_text(cpu_limit * NANO_CPU, limit=True)}:"
            " lower reservation.nanoCpus, or raise limits.nanoCpus"
        )
    memory, memory_limit = one.reserved_memory.value, one.limit_memory.value
    if memory and memory_limit and memory > memory_limit:
        yield (
            f"reserves {mib_text(memory)} MiB of its {mib_text(memory_limit, limit=True)} MiB memory:"
            " lower reservation.memoryBytes, or raise limits.memoryBytes"
        )


LIMITS_REQUIRED = Rule(
    name="limits-required",
    description="Every container has to state its cores, its CPU and memory requests, and its memory limit.",
    severity=Severity.HIGH,
    remediation=(
        "1. Set cpuSet, cpuShares (1024 x the cores that it requests), memory and memoryReservation (MB).\n"
        "2. Set memorySwap to the value of memory.\n"
        "3. Give plain values: what depends on another resource's output is known too late to be checked."
    ),
    settings=LimitsRequiredSettings,
    check=check,
)
