"""Right-sizing: what a stack used, what the catalogue should say for that, and what that does to the plan."""

from __future__ import annotations

from sutazai_infra.operations.recommend.effect import Effect, LedgerChange, effect_of
from sutazai_infra.operations.recommend.measure import Asked, measure
from sutazai_infra.operations.recommend.patch import patch_of
from sutazai_infra.operations.recommend.report import Report, recommend

__all__ = ["Asked", "Effect", "LedgerChange", "Report", "effect_of", "measure", "patch_of", "recommend"]
