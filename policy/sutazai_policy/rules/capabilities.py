"""capabilities: a workload has none of root's powers but those that it needs and that are allowed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from typing import Annotated

from pulumi_policy import Severity
from pydantic import Field

from sutazai_policy.exceptions import ExceptableSettings
from sutazai_policy.facts import Facts, Workload
from sutazai_policy.messages import names
from sutazai_policy.parts import problems, readable, shown_texts
from sutazai_policy.rule import Category, Rule, Violation

__all__ = ["RULE"]

_ALL = "ALL"
# The properties that add and that drop, by kind of workload.
_KEYS = {"container": ("capabilities.adds", "capabilities.drops"), "service": ("capAdds", "capDrops")}


class CapabilitiesSettings(ExceptableSettings):
    """Which capabilities any workload may add."""

    allowed: Annotated[
        Sequence[str],
        Field(
            default_factory=tuple,
            description="Capabilities that a workload may add, with or without CAP_. Default: none.",
        ),
    ]


def check(facts: Facts, settings: CapabilitiesSettings) -> Iterator[Violation]:
    """Judge every workload, also one that is stopped: it may be started."""
    allowed = {_plain(name) for name in settings.allowed}
    for one in facts.workloads:
        for problem in (*_dropped(one), *_added(one, allowed)):
            yield Violation(f"{one.name} {problem}", one.urn)


def _plain(name: str) -> str:
    """Write a capability as Docker does before it looks at it."""
    return name.upper().removeprefix("CAP_")


def _dropped(one: Workload) -> Iterator[str]:
    drops, key = one.capabilities_dropped, _KEYS[one.kind][1]
    odd = list(problems(drops))
    yield from (f"has a {key} that {problem}" for problem in odd)
    # Docker knows no CAP_ALL.
    if not odd and _ALL not in (name.upper() for name in readable(drops)):
        yield (
            f"keeps capabilities that Docker gives to everyone: set {key} to [ALL],"
            " and add those few that it needs"
        )


def _added(one: Workload, allowed: Set[str]) -> Iterator[str]:
    adds, key = one.capabilities_added, _KEYS[one.kind][0]
    yield from (f"has a {key} that {problem}" for problem in problems(adds))
    found = [text for name, text in shown_texts(adds) if _plain(name) not in allowed]
    if found:
        yield (
            f"adds {names(found)} to its capabilities: remove from {key} what it can do without,"
            " or name it in allowed"
        )


RULE = Rule(
    name="capabilities",
    description="A container has to drop all capabilities, and may add only those that are allowed.",
    category=Category.SECURITY,
    severity=Severity.HIGH,
    why=(
        "A capability is a part of root's power; Docker gives 14 of them to every container, and hardly a server"
        " needs one. With an added one such as SYS_ADMIN a container takes over its host."
    ),
    source="CIS Docker Benchmark 5.4; KICS: Container Capabilities Unrestricted",
    remediation=(
        "1. Set capabilities.drops to [ALL] (capDrops in a Swarm service).\n"
        "2. Start the program, and add the one capability that it misses, such as NET_BIND_SERVICE.\n"
        "3. Name that in this rule's allowed, or except the one service that needs it."
    ),
    settings=CapabilitiesSettings,
    check=check,
    alone=True,
)
