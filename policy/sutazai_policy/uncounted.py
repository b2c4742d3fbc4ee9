"""Sums say what they leave out: a workload that can't be counted is a violation, never a zero in silence."""

from __future__ import annotations

from collections.abc import Sequence

from sutazai_policy.claims import Claim
from sutazai_policy.messages import names
from sutazai_policy.rule import Violation

__all__ = ["uncounted"]


def uncounted(claims: Sequence[Claim], *dimensions: str) -> list[Violation]:
    """Return a violation for each of the dimensions in which some claims can't be read."""
    found = []
    for dimension in dimensions:
        left_out = [claim for claim in claims if dimension in claim.unread]
        if left_out:
            first = left_out[0]
            which = "it" if len(left_out) == 1 else f"that of {first.name}"
            found.append(
                Violation(
                    f"the {dimension} of {names([claim.name for claim in left_out])} can't be counted:"
                    f" {which} {first.unread[dimension]}"
                )
            )
    return found
