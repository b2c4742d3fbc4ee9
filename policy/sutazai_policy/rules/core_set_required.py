"""core-set-required: every container says which cores it runs on."""

from __future__ import annotations

from collections.abc import Iterator

from pulumi_policy import Severity

from sutazai_policy.exceptions import ExceptableSettings
from sutazai_policy.facts import Facts
from sutazai_policy.rule import Category, Rule, Violation

__all__ = ["RULE"]


class CoreSetRequiredSettings(ExceptableSettings):
    """Nothing but exceptions."""


def check(facts: Facts, _settings: CoreSetRequiredSettings) -> Iterator[Violation]:
    """Judge containers, whether they are to run or not: Swarm knows no core sets."""
    for one in facts.containers:
        if one.cpu_set.problem is not None:
            yield Violation(f"{one.name} has a cpuSet that {one.cpu_set.problem}", one.urn)
        elif one.cpu_set.absent:
            yield Violation(
                f'{one.name} has no cpuSet, so it may run on any core: give it its cores, as in "4-5"', one.urn
            )


RULE = Rule(
    name="core-set-required",
    description="Every container has to say which cores it runs on.",
    category=Category.SHAPE,
    severity=Severity.HIGH,
    why=(
        "A container without cores of its own runs on all of them, those of the system and of the databases too,"
        " and no sum per core set can count it."
    ),
    source="strategy: core distribution; KICS: Cpus Not Limited",
    remediation=(
        "1. Set cpuSet to the cores of the container's pool, written as in 4-5 or 2-3,6.\n"
        "2. Give a plain value: what depends on another resource's output is known too late to be checked."
    ),
    settings=CoreSetRequiredSettings,
    check=check,
    alone=True,
)
