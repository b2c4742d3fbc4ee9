"""privileged: no container has the host's whole power."""

from __future__ import annotations

from collections.abc import Iterator

from pulumi_policy import Severity

from sutazai_policy import reading
from sutazai_policy.exceptions import ExceptableSettings
from sutazai_policy.facts import Facts
from sutazai_policy.rule import Category, Rule, Violation

__all__ = ["RULE"]


class PrivilegedSettings(ExceptableSettings):
    """Nothing but exceptions."""


def check(facts: Facts, _settings: PrivilegedSettings) -> Iterator[Violation]:
    """Judge containers: Swarm runs no privileged ones."""
    for one in facts.containers:
        privileged = reading.flag(one.properties, "privileged")
        if privileged.problem is not None:
            yield Violation(f"{one.name} has a privileged that {privileged.problem}", one.urn)
        elif privileged.value:
            yield Violation(
                f"{one.name} is privileged, so it may do to the host what root may: remove privileged,"
                " and add the one capability or device that it needs",
                one.urn,
            )


RULE = Rule(
    name="privileged",
    description="No container has to be privileged.",
    category=Category.SECURITY,
    severity=Severity.CRITICAL,
    why="A privileged container has every capability and device of the host: no limit or namespace holds it.",
    source="CIS Docker Benchmark 5.5; KICS: Privileged Containers Enabled",
    remediation=(
        "1. Remove privileged.\n"
        "2. Find out what the program misses, and add that one capability (capabilities.adds) or device.\n"
        "3. If it needs all of them, it is part of the host: install it there."
    ),
    settings=PrivilegedSettings,
    check=check,
    alone=True,
)
