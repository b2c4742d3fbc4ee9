"""Takes off a rule's violations what is excepted today, and refuses exceptions that are not in force."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from sutazai_policy.exceptions import Excepted, longest
from sutazai_policy.facts import ExceptionUse
from sutazai_policy.rule import Violation

__all__ = ["Excepting"]


@dataclass
class Excepting:
    """Excepts services on one day; `names` gives resources' names by URN, `used` what was in force so far."""

    today: date
    names: Mapping[str, str]
    used: list[ExceptionUse] = field(default_factory=list)

    def without_excepted(
        self, rule: str, exceptions: Sequence[Excepted], found: Sequence[Violation]
    ) -> list[Violation]:
        """Return the violations that stay, and those exceptions that have no force."""
        valid = [one for one in exceptions if self.today <= one.expires <= longest(self.today)]
        named = [(one, self.names.get(one.urn or "", "")) for one in found]
        self.used += [
            ExceptionUse(rule, one.service, one.reason, one.expires, any(one.covers(name) for _, name in named))
            for one in valid
        ]
        kept = [one for one, name in named if not any(given.covers(name) for given in valid)]
        return [*kept, *(Violation(self._refused(rule, one)) for one in exceptions if one not in valid)]

    def _refused(self, rule: str, one: Excepted) -> str:
        about = f"the exception of {one.service} from {rule} ({one.reason})"
        if one.expires < self.today:
            return f"{about} expired on {one.expires}: mend the service and remove it, or decide anew"
        return f"{about} lasts until {one.expires}: give a day up to {longest(self.today)}"
