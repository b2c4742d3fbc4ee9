"""Pools and tiers: what is used, what is requested, and the budget of both."""

from __future__ import annotations

from sutazai_infra.render.dashboards.page import Draw, Page, Panel, Unit

__all__ = ["BUDGETS"]

_HELD = "sutazai_container_memory_working_set_bytes"
_ASKED = "sutazai_container_memory_request_bytes"
_CPU = "rate(sutazai_container_cpu_seconds_total[5m])"
_CPU_ASKED = "sutazai_container_cpu_request_cores"


def _given(scope: str, dimension: str) -> str:
    """Divide what the plan has given away by the budget."""
    chosen = f'{{scope=~"{scope}",dimension="{dimension}"}}'
    return f"max by (scope) (sutazai_ledger_used{chosen} / (sutazai_ledger_limit > 0))"


def _tier_budget(dimension: str) -> str:
    lines = f'sutazai_ledger_limit{{scope=~"tier .+",dimension="{dimension}"}}'
    return f'max by (tier) (label_replace({lines}, "tier", "$1", "scope", "tier (.+)"))'


BUDGETS = Page(
    "budgets",
    "Pools and tiers against budget",
    {
        "Given away": (
            Panel(
                "Memory requests of pools",
                {_given("pool .+", "memory requests"): "{{scope}}"},
                Unit.SHARE,
                Draw.BARS,
                "What is given away can't be requested by another service.",
                0.95,
            ),
            Panel(
                "Memory requests of tiers",
                {_given("tier .+", "memory requests"): "{{scope}}"},
                Unit.SHARE,
                Draw.BARS,
                most=0.95,
            ),
            Panel(
                "CPU requests of tiers and cores",
                {_given("(tier|cores) .+", "cpu requests"): "{{scope}}"},
                Unit.SHARE,
                Draw.BARS,
                most=0.95,
            ),
        ),
        "Used": (
            Panel(
                "Memory of pools",
                {
                    f"sum by (pool) ({_HELD})"
                    " / on (pool) max by (pool) (sutazai_pool_memory_limit_bytes)": "{{pool}}"
                },
                Unit.SHARE,
                description="Of the pool's memory, which its cgroup holds where there is one.",
                most=0.9,
            ),
            Panel(
                "Memory of tiers",
                {f"sum by (tier) ({_HELD}) / on (tier) {_tier_budget('memory requests')}": "tier {{tier}}"},
                Unit.SHARE,
                description="Of what the tier's services may request.",
            ),
            Panel(
                "CPU of tiers",
                {f"sum by (tier) ({_CPU}) / on (tier) {_tier_budget('cpu requests')}": "tier {{tier}}"},
                Unit.SHARE,
                description="Of what the tier's services may request; on idle cores they may use more.",
            ),
        ),
        "Requests against use": (
            Panel(
                "Memory",
                {f"sum by (pool) ({_ASKED})": "{{pool}} requests", f"sum by (pool) ({_HELD})": "{{pool}} uses"},
                Unit.BYTES,
            ),
            Panel(
                "CPU",
                {f"sum by (pool) ({_CPU_ASKED})": "{{pool}} requests", f"sum by (pool) ({_CPU})": "{{pool}} uses"},
                description="In cores.",
            ),
            Panel(
                "Memory that is requested and not used",
                {f"1 - sum by (pool) ({_HELD}) / sum by (pool) ({_ASKED})": "{{pool}}"},
                Unit.SHARE,
                description="The target is below 20 %.",
            ),
            Panel(
                "Who requests most and doesn't use it",
                {f"topk(10, {_ASKED} - {_HELD})": "{{name}}"},
                Unit.BYTES,
                Draw.BARS,
                width=12,
            ),
            Panel(
                "Who uses more than it requests",
                {f"topk(10, {_HELD} / {_ASKED})": "{{name}}"},
                Unit.SHARE,
                Draw.BARS,
                "These are the first to suffer when memory runs out.",
                1,
                width=12,
            ),
        ),
        "The ledger": (
            Panel(
                "Used, of the limit",
                {"sutazai_ledger_used / (sutazai_ledger_limit > 0)": "{{scope}} {{dimension}}"},
                Unit.SHARE,
                Draw.TABLE,
                width=24,
            ),
        ),
    },
)
