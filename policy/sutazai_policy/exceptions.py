"""Exceptions from a rule: for one service, with a reason, and for a time.

They are written in the rule's own settings, so that who allows what is read in one place:

    {"read-only-root": {"exceptions": [
        {"service": "grafana", "reason": "unpacks its plugins below its root", "expires": "2027-03-31"}]}}
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Annotated

from pydantic import BeforeValidator, Field

from sutazai_policy.replicas import names_of
from sutazai_policy.settings import Settings

__all__ = ["ExceptableSettings", "Excepted", "longest"]

_LONGEST = timedelta(days=400)


def longest(today: date) -> date:
    """Return the last day until which an exception can be given: nobody decides for ever."""
    return today + _LONGEST


def _day(value: object) -> date:
    if not isinstance(value, str) or re.fullmatch(r"\d{4}-\d{2}-\d{2}", value, re.ASCII) is None:
        raise ValueError("give a day such as 2027-03-31")
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise ValueError(f"{value} is on no calendar ({error}): give a day such as 2027-03-31") from None


class Excepted(Settings):
    """One service that may break the rule until the end of a day (UTC)."""

    service: Annotated[str, Field(min_length=1, description="The resource's name; its replicas NAME-2 count too.")]
    reason: Annotated[str, Field(min_length=10, description="Why, for those who read it in a year.")]
    expires: Annotated[date, BeforeValidator(_day, json_schema_input_type=str)]

    def covers(self, name: str) -> bool:
        """Whether a resource of that name is meant."""
        return self.service in names_of(name)


class ExceptableSettings(Settings):
    """The base of settings of a rule that judges single services."""

    exceptions: Annotated[
        list[Excepted],
        Field(
            default_factory=list,
            description="Services that may break the rule: service, reason, and the last day. Default: none.",
        ),
    ]
