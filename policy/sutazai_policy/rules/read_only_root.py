"""read-only-root: nothing that runs can change the programs that it runs."""

from __future__ import annotations

from collections.abc import Iterator

from pulumi_policy import Severity

from sutazai_policy.exceptions import ExceptableSettings
from sutazai_policy.facts import Facts
from sutazai_policy.rule import Category, Rule, Violation

__all__ = ["RULE"]


class ReadOnlyRootSettings(ExceptableSettings):
    """Nothing but exceptions."""


def check(facts: Facts, _settings: ReadOnlyRootSettings) -> Iterator[Violation]:
    """Judge what will run."""
    for one in facts.workloads:
        if not one.runs:
            continue
        if one.read_only.problem is not None:
            yield Violation(f"{one.name} has a readOnly that {one.read_only.problem}", one.urn)
        elif not one.read_only.value:
            yield Violation(
                f"{one.name} may write all over its root file system: set readOnly to true, and give it a tmpfs"
                " or a volume where it has to write",
                one.urn,
            )


RULE = Rule(
    name="read-only-root",
    description="The root file system of a running container has to be read-only.",
    category=Category.SECURITY,
    severity=Severity.MEDIUM,
    why=(
        "Who breaks in can't replace a program or leave one behind, and no data gets where it is lost when the"
        " container is replaced, or fills the engine's disk."
    ),
    source="CIS Docker Benchmark 5.13",
    remediation=(
        "1. Set readOnly to true.\n"
        "2. Start it, and see in its log where it fails to write, /tmp and /run as a rule.\n"
        "3. Mount a tmpfs there, with a size; or a volume, if what it writes has to last."
    ),
    settings=ReadOnlyRootSettings,
    check=check,
    alone=True,
)
