"""unique-names: each Docker name is wanted once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from pulumi_policy import Severity

from sutazai_policy.facts import Facts
from sutazai_policy.parts import shown
from sutazai_policy.rule import Category, Rule, Violation
from sutazai_policy.settings import Settings
from sutazai_policy.workload import Workload

__all__ = ["RULE"]


class UniqueNamesSettings(Settings):
    """Nothing to set."""


def check(facts: Facts, _settings: UniqueNamesSettings) -> Iterator[Violation]:
    """Names decide which running containers are the stack's, and the engine gives each name out once."""
    yield from _shared(facts.containers, "container")
    yield from _shared(facts.services, "service")
    for one in facts.workloads:
        if one.docker_name.problem is not None:
            yield Violation(f"{one.name} has a name that {one.docker_name.problem}", one.urn)


def _shared(workloads: Sequence[Workload], kind: str) -> Iterator[Violation]:
    owners: defaultdict[str, list[Workload]] = defaultdict(list)
    for one in workloads:
        if one.docker_name.value is not None:
            owners[one.docker_name.value.removeprefix("/")].append(one)
    for name, (first, *others) in owners.items():
        for one in others:
            known = shown(name, secret=one.docker_name.secret or first.docker_name.secret)
            yield Violation(
                f"{one.name} wants the {kind} name {known}, which {first.name} has: give it another",
                one.urn,
            )


RULE = Rule(
    name="unique-names",
    description="Every container and every service has to have a name of its own.",
    category=Category.SHAPE,
    severity=Severity.HIGH,
    why=(
        "The engine gives a name out once: the second one fails in the middle of an update. And a name decides"
        " which running container is the stack's, so a name used twice would hide a container from the budget."
    ),
    source="Docker Engine",
    remediation="1. Give one of the two another name, or leave name out: Pulumi makes one.",
    settings=UniqueNamesSettings,
    check=check,
)
