"""What the pack answers: violations as the engine's diagnostics, in plain text, and no more than can be read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from pulumi.runtime.proto import analyzer_pb2 as pb
from pulumi_policy import EnforcementLevel, Severity

from sutazai_policy.rule import Category, Rule, Violation
from sutazai_policy.terminal import plain

__all__ = ["LEVELS", "SEVERITIES", "Answer"]

LEVELS = {
    EnforcementLevel.ADVISORY: pb.ADVISORY,
    EnforcementLevel.MANDATORY: pb.MANDATORY,
    EnforcementLevel.REMEDIATE: pb.MANDATORY,  # no rule mends anything, so none may pass for having been mended
    EnforcementLevel.DISABLED: pb.DISABLED,
}
SEVERITIES = {
    Severity.LOW: pb.POLICY_SEVERITY_LOW,
    Severity.MEDIUM: pb.POLICY_SEVERITY_MEDIUM,
    Severity.HIGH: pb.POLICY_SEVERITY_HIGH,
    Severity.CRITICAL: pb.POLICY_SEVERITY_CRITICAL,
}
# The language host takes answers of up to 4 MiB, and one that it doesn't take says nothing of what is wrong.
_MOST_BYTES = 3 * 1024**2


class Answer:
    """An answer that is filled by adding violations; each rule has the same room in it."""

    def __init__(
        self, pack: str, version: str, levels: Mapping[str, pb.EnforcementLevel.ValueType], rules: int
    ) -> None:
        self.message = pb.AnalyzeResponse()
        self._pack, self._version, self._levels = pack, version, levels
        self._room = _MOST_BYTES // max(rules, 1)
        self._used: Counter[str] = Counter()
        self._left: Counter[str] = Counter()

    def add(self, rule: Rule[Any], violation: Violation) -> None:
        """Add a violation while its rule has room, else count it."""
        said = self._diagnostic(rule, violation)
        self._used[rule.name] += said.ByteSize()
        if self._used[rule.name] <= self._room:
            self.message.diagnostics.append(said)
        else:
            self._left[rule.name] += 1

    def close(self, rule: Rule[Any]) -> None:
        """Say how many of a rule's violations had no room."""
        left = self._left.pop(rule.name, 0)
        if left:
            more = Violation(f"{left} more violations of {rule.name} aren't shown: mend those that are")
            self.message.diagnostics.append(self._diagnostic(rule, more))

    def _diagnostic(self, rule: Rule[Any], violation: Violation) -> pb.AnalyzeDiagnostic:
        lines = "\n" if rule.category is Category.REPORT else ""
        return pb.AnalyzeDiagnostic(
            policyName=rule.name,
            policyPackName=self._pack,
            policyPackVersion=self._version,
            description=rule.description,
            message=f"{rule.description}\n{plain(violation.message, keep=lines)}",
            urn=violation.urn or "",
            enforcementLevel=self._levels.get(rule.name, LEVELS[rule.level]),
            severity=SEVERITIES[rule.severity],
        )
