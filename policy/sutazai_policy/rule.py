"""What a rule is: its metadata, its settings, and a pure function from facts to violations."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Generic, TypeVar

from pulumi_policy import EnforcementLevel, Severity

from sutazai_policy.facts import Facts
from sutazai_policy.settings import Settings

__all__ = ["Category", "Rule", "Sees", "Violation"]

S = TypeVar("S", bound=Settings)


class Sees(Enum):
    """What a rule judges by, beside the stack's resources."""

    STACK = "nothing else"
    HOST = "the host's size"
    OCCUPANTS = "the host's size, and what else runs on it"
    RUNNING = "the host's size, and what of the stack runs on it already"


class Category(Enum):
    """What a rule is about; the documentation is ordered by it."""

    BUDGET = "budget"
    SHAPE = "shape"
    DATA = "data"
    NETWORK = "network"
    SECURITY = "security"
    REPORT = "report"


@dataclass(frozen=True, slots=True)
class Violation:
    """What is wrong and the way out; without a URN it is the whole stack's."""

    message: str
    urn: str | None = None


@dataclass(frozen=True, slots=True)
class Rule(Generic[S]):
    """One rule; Pulumi shows the description before each message, so no message repeats it.

    `alone` says that each resource is judged by itself: such a rule also judges it during an update, before it is
    made. `why` and `source` are for the documentation.
    """

    name: str
    description: str
    category: Category
    severity: Severity
    why: str
    source: str
    remediation: str
    settings: type[S]
    check: Callable[[Facts, S], Iterable[Violation]]
    alone: bool = False
    sees: Sees = Sees.STACK
    level: EnforcementLevel = EnforcementLevel.MANDATORY
