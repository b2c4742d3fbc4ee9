"""The gateway's objective, and how fast its error budget is spent: windows and factors of Google's SRE workbook.

Of 1000 requests at the entrance, 5 may be answered with 5xx. A short window beside each long one ends the alert
soon after the errors do.
"""

from __future__ import annotations

from typing import Any

from sutazai_infra.render.alert import Alert, Severity

__all__ = ["BURNING", "ENTRANCE", "OBJECTIVE", "RESPONSES", "error_ratio", "error_ratios"]

OBJECTIVE = 0.995
_BUDGET = f"{1 - OBJECTIVE:.3f}"
_WINDOWS = ("5m", "30m", "1h", "2h", "6h", "1d", "3d")
RESPONSES = "haproxy_frontend_http_responses_total"
# What users get: the mesh's listeners have callers that ask again.
ENTRANCE = 'proxy="entrance"'


def error_ratio(window: str) -> str:
    """Name the recorded share of failed requests within a window."""
    return f"sutazai:gateway_errors:ratio_rate{window}"


def error_ratios() -> list[dict[str, Any]]:
    """List the rules that record it. Without requests there is no ratio."""
    return [{"record": error_ratio(window), "expr": _errors(window)} for window in _WINDOWS]


def _errors(window: str) -> str:
    failed = f'sum(rate({RESPONSES}{{{ENTRANCE},code="5xx"}}[{window}]))'
    return f"{failed} / (sum(rate({RESPONSES}{{{ENTRANCE}}}[{window}])) > 0)"


def _burns(long: str, short: str, factor: float) -> str:
    most = f"{factor:g} * {_BUDGET}"
    return f"({error_ratio(long)} > {most} and {error_ratio(short)} > {most})"


BURNING = (
    Alert(
        "GatewayBudgetBurnsFast",
        f"{_burns('1h', '5m', 14.4)} or {_burns('6h', '30m', 6)}",
        "2m",
        "{{ $value | humanizePercentage }} of the requests at the gateway fail; 0.5 % may."
        " A month's error budget is gone within days.",
        Severity.CRITICAL,
        service="gateway",
        needs="gateway",
    ),
    Alert(
        "GatewayBudgetBurnsSlowly",
        f"{_burns('1d', '2h', 3)} or {_burns('3d', '6h', 1)}",
        "15m",
        "{{ $value | humanizePercentage }} of the requests at the gateway fail; 0.5 % may.",
        service="gateway",
        needs="gateway",
    ),
)
