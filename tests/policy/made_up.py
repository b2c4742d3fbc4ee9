"""Rules that nobody needs, to test what is around rules: they find what they are told to find."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Annotated, Any

from pulumi_policy import Severity
from pydantic import Field
from sutazai_policy.exceptions import ExceptableSettings
from sutazai_policy.facts import Facts
from sutazai_policy.rule import Category, Rule, Violation
from sutazai_policy.settings import HostField, Settings

__all__ = ["HostOnly", "Most", "Nothing", "named", "rule"]


class Nothing(Settings):
    """No settings."""


class Most(ExceptableSettings):
    """One number, and exceptions."""

    most: Annotated[int, Field(ge=0, description="How many there may be. Default: 0.")] = 0


class HostOnly(Settings):
    """A host."""

    host: HostField


def named(facts: Facts, _settings: Any) -> Iterable[Violation]:
    """Find every workload wanting."""
    return [Violation(f"{one.name} is there", one.urn) for one in facts.workloads]


def rule(
    name: str = "made-up",
    check: Callable[[Facts, Any], Iterable[Violation]] = named,
    settings: type[Settings] = Most,
    category: Category = Category.SHAPE,
    **changes: Any,
) -> Rule[Any]:
    """Return a rule that finds what `check` finds."""
    return Rule(
        name=name,
        description=f"There has to be no {name}.",
        category=category,
        severity=changes.pop("severity", Severity.MEDIUM),
        why="Nobody knows.",
        source="nowhere",
        remediation="1. Remove it.",
        settings=settings,
        check=check,
        **changes,
    )
