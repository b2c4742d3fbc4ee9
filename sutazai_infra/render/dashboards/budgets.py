"""Pools and tiers: what is used, what is requested, and the budget of both."""

from __future__ import annotations

from sutazai_infra.render.dashboards.page import Draw, Page, Panel, Unit

__all__ = ["BUDGETS"]


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
                    "sutazai:pool_memory_bytes:sum"
                    " / on (pool) max by (pool) (sutazai_pool_memory_limit_bytes)": "{{pool}}"
                },
                Unit.SHARE,
                description="Of the pool's memory, which its cgroup holds where there is one.",
                most=0.9,
            ),
            Panel(
                "Memory of tiers",
                {f"sutazai:tier_memory_bytes:sum / on (tier) {_tier_budget('memory requests')}": "tier {{tier}}"},
                Unit.SHARE,
                description="Of what the tier's services may request.",
            ),
            Panel(
                "CPU of tiers",
                {f"sutazai:tier_cpu_cores:rate5m / on (tier) {_tier_budget('cpu requests')}": "tier {{tier}}"},
                Unit.SHARE,
                description="Of what the tier's services may request; on idle cores they may use more.",
            ),
        ),
        "Requests against use": (
            Panel(
                "Memory",
                {
                    "sutazai:pool_memory_request_bytes:sum": "{{pool}} requests",
                    "sutazai:pool_memory_bytes:sum": "{{pool}} uses",
                },
                Unit.BYTES,
            ),
            Panel(
                "CPU",
                {
                    "sutazai:pool_cpu_request_cores:sum": "{{pool}} requests",
                    "sutazai:pool_cpu_cores:rate5m": "{{pool}} uses",
                },
                description="In cores.",
            ),
            Panel(
                "Memory that is requested and not used",
                {"sutazai:pool_memory_waste:ratio": "{{pool}}"},
                Unit.SHARE,
                description="The target is below 20 %.",
            ),
            Panel(
                "Who requests most and doesn't use it",
                {"topk(10, sutazai:container_memory_unused_bytes:sum)": "{{name}}"},
                Unit.BYTES,
                Draw.BARS,
                width=12,
            ),
            Panel(
                "Who uses more than it requests",
                {"topk(10, sutazai:container_memory_of_request:ratio)": "{{name}}"},
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
