"""The pack's rules, one a file. A new one is listed here, and the metadata test holds it to the form."""

from __future__ import annotations

from typing import Any

from sutazai_policy.rule import Rule
from sutazai_policy.rules.host_budget import HOST_BUDGET
from sutazai_policy.rules.limits_required import LIMITS_REQUIRED
from sutazai_policy.rules.tier_quotas import TIER_QUOTAS

__all__ = ["HOST_BUDGET", "LIMITS_REQUIRED", "RULES", "TIER_QUOTAS"]

RULES: tuple[Rule[Any], ...] = (HOST_BUDGET, LIMITS_REQUIRED, TIER_QUOTAS)
