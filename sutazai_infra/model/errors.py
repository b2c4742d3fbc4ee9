"""What the program says instead of a traceback.

Every message tells who, how much, of what limit, and the way out. The command line prints the message and
exits non-zero; `__main__.py` hands it to Pulumi. Nothing has been changed when one is raised, unless its
own text says so.
"""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["ConfigError", "PlanRefusedError", "SutazaiError"]


class SutazaiError(Exception):
    """An expected failure; its text is complete and fit to be shown to a person."""


class ConfigError(SutazaiError):
    """Input that doesn't fit its model: one line per problem, each led by the path of the offending key.

    `source` is empty where the problems come from several sources and each names its own.
    """

    def __init__(self, source: str, problems: Iterable[str]) -> None:
        self.source = source
        self.problems = tuple(problems)
        super().__init__("\n".join(f"{source}: {problem}" if source else problem for problem in self.problems))


class PlanRefusedError(SutazaiError):
    """The catalogue doesn't fit the host: one line per broken budget, with sums, culprits and way out."""

    def __init__(self, reasons: Iterable[str]) -> None:
        self.reasons = tuple(reasons)
        super().__init__("\n".join(self.reasons))
