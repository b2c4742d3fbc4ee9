"""Prometheus' alerting rules, those that the stack has something to judge by.

The strategy's four thresholds, an alert for each that has nothing to judge by, and what else a stack of one host
dies of. `sutazai_container_*` and `sutazai_ledger_*` are the container exporter's.
"""

from __future__ import annotations

from collections.abc import Sequence

from sutazai_infra.render.alert import Alert
from sutazai_infra.render.alerts_capacity import CAPACITY, THRESHOLDS
from sutazai_infra.render.alerts_presence import ABSENCE, AGENTS_UNDISCOVERED, AVAILABILITY
from sutazai_infra.render.plan_facts import measured_agents
from sutazai_infra.render.scraping import EXPORTER
from sutazai_infra.render.slo import BURNING
from sutazai_infra.render.view import View, yaml_text

__all__ = ["alerts", "alerts_of"]

GROUPS: dict[str, Sequence[Alert]] = {
    "thresholds": THRESHOLDS,
    "absence": ABSENCE,
    "availability": AVAILABILITY,
    "capacity": CAPACITY,
    "objectives": BURNING,
}


def alerts(view: View) -> str:
    """Write the rule file."""
    groups = ((name, alerts_of(view, name)) for name in GROUPS)
    rules = [{"name": name, "rules": [one.rule(view) for one in found]} for name, found in groups if found]
    return yaml_text({"groups": rules})


def alerts_of(view: View, group: str) -> list[Alert]:
    """List the alerts of a group that the stack has something to judge by."""
    return [
        one for one in GROUPS[group] if one.belongs(view) and (one is not AGENTS_UNDISCOVERED or _scraped(view))
    ]


def _scraped(view: View) -> bool:
    return bool(view.rows(EXPORTER)) and any(measured_agents(view.seen_from(EXPORTER)))
