"""What a rule is: its metadata, its settings, and a pure function from facts to violations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Generic, TypeVar

from pulumi_policy import EnforcementLevel, Severity

from sutazai_policy.facts import Facts
from sutazai_policy.settings import Settings

__all__ = ["Rule", "Sees", "Violation"]

S = TypeVar("S", bound=Settings)


class Sees(Enum):
    """What a rule judges by, beside the stack's resources."""

    STACK = "nothing else"
    HOST = "the host's size"
    OCCUPANTS = "the host's size, and what else runs on it"


@dataclass(frozen=True, slots=True)
class Violation:
    """What is wrong and the way out; without a URN it is the whole stack's."""

    message: str
    urn: str | None = None


@dataclass(frozen=True, slots=True)
class Rule(Generic[S]):
    """One rule; Pulumi shows the description before each message, so no message repeats it."""

    name: str
    description: str
    severity: Severity
    remediation: str
    settings: type[S]
    check: Callable[[Facts, S], list[Violation]]
    sees: Sees = Sees.STACK
    level: EnforcementLevel = EnforcementLevel.MANDATORY
