"""Objectives: what users get, and how fast the error budget is spent."""

from __future__ import annotations

from sutazai_infra.render.dashboards.agents import quantiles
from sutazai_infra.render.dashboards.page import Draw, Page, Panel, Unit
from sutazai_infra.render.slo import OBJECTIVE, error_ratio

__all__ = ["OBJECTIVES"]

_BUDGET = f"{1 - OBJECTIVE:.3f}"
# The burn rates that alerts fire at, by the window that each looks at first.
_FACTORS = {"1h": 14.4, "6h": 6, "1d": 3, "3d": 1}

OBJECTIVES = Page(
    "objectives",
    "Objectives",
    {
        "The gateway": (
            Panel(
                "Answered without an error, last 3 days",
                {f"1 - {error_ratio('3d')}": "answered"},
                Unit.SHARE,
                Draw.NUMBER,
                f"The objective is {OBJECTIVE:.1%}.",
            ),
            Panel(
                "Errors",
                {error_ratio(window): window for window in ("5m", "1h", "6h")},
                Unit.SHARE,
                description="Of the requests at the entrance, those that were answered with 5xx.",
                most=float(_BUDGET),
            ),
            Panel(
                "How fast the error budget is spent",
                {
                    f"{error_ratio(window)} / {_BUDGET}": f"{window}, alert at {f:g}"
                    for window, f in _FACTORS.items()
                },
                description="At 1, a budget of 30 days lasts 30 days.",
            ),
        ),
        "As a user sees it": (
            Panel(
                "Available, last 24 hours",
                {"avg by (instance) (avg_over_time(probe_success[1d]))": "{{instance}}"},
                Unit.SHARE,
                Draw.NUMBER,
                "The share of probes that were answered as a user would expect.",
            ),
            Panel("Answered now", {"probe_success": "{{instance}}"}, draw=Draw.STATES),
            Panel("Time to the whole answer", {"probe_duration_seconds": "{{instance}}"}, Unit.SECONDS),
        ),
        "The backend": (
            Panel(
                "Time to an answer",
                quantiles("http_request"),
                Unit.SECONDS,
                width=12,
            ),
            Panel(
                "95 of 100 answers, by route",
                {
                    "topk(10, histogram_quantile(0.95, sum by (le, path)"
                    " (rate(sutazai_http_request_duration_seconds_bucket[5m]))))": "{{path}}"
                },
                Unit.SECONDS,
                width=12,
            ),
        ),
        "What is watched": (
            Panel("Targets that don't answer", {"sum(up == bool 0)": "targets"}, draw=Draw.NUMBER, most=0.5),
            Panel(
                "Alerts that fire", {'count(ALERTS{alertstate="firing"}) or vector(0)': "alerts"}, draw=Draw.NUMBER
            ),
            Panel(
                "Alerts",
                {"sum by (alertname, severity, service) (ALERTS) or vector(0)": "{{alertname}} {{service}}"},
                draw=Draw.TABLE,
            ),
        ),
    },
)
