"""memory-limit: every workload has a memory limit that Docker keeps."""

from __future__ import annotations

from collections.abc import Iterator

from pulumi_policy import Severity

from sutazai_policy.exceptions import ExceptableSettings
from sutazai_policy.facts import Facts
from sutazai_policy.messages import told
from sutazai_policy.reading import Reading
from sutazai_policy.rule import Category, Rule, Violation
from sutazai_policy.units import MIB, mib_text

__all__ = ["RULE"]

_LEAST = 6


class MemoryLimitSettings(ExceptableSettings):
    """Nothing but exceptions."""


def check(facts: Facts, _settings: MemoryLimitSettings) -> Iterator[Violation]:
    """Judge all workloads, whether they are to run or not."""
    for container in facts.containers:
        if problem := _problem("memory", container.memory, MIB):
            yield Violation(f"{container.name} {problem}", container.urn)
    for service in facts.services:
        if problem := _problem("limits.memoryBytes", service.limit_memory, 1):
            yield Violation(f"{service.name} {problem}", service.urn)


def _problem(key: str, found: Reading[int], unit: int) -> str | None:
    if found.problem is not None:
        return f"has a {key} that {found.problem}"
    if not found.value:
        return f"has no memory limit: set {'memory, in MB' if unit == MIB else f'taskSpec.resources.{key}'}"
    if found.value * unit < _LEAST * MIB:
        size = told(mib_text(found.value * unit, limit=True), found)
        return f"has a memory limit of {size} MB of at least {_LEAST} MB: raise {key}"
    return None


RULE = Rule(
    name="memory-limit",
    description="Every container has to have a memory limit.",
    category=Category.SHAPE,
    severity=Severity.CRITICAL,
    why=(
        "A container without one may take the whole host's memory, and the kernel then kills whatever it finds,"
        " often the database beside it."
    ),
    source="strategy: resource limits; CIS Docker Benchmark 5.11; KICS: Memory Not Limited",
    remediation=(
        "1. Set memory, in MB, to what the container may take at most.\n"
        "2. Of a Swarm service, set taskSpec.resources.limits.memoryBytes, in bytes.\n"
        "3. Give a plain value: what depends on another resource's output is known too late to be checked."
    ),
    settings=MemoryLimitSettings,
    check=check,
    alone=True,
)
