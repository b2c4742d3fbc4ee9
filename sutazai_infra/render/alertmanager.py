"""Alertmanager's configuration: routed by the service's priority, and silent on what follows from something worse.

Whom to tell is the stack's to say (`alert_webhook`); where it says nothing, alerts are seen on Alertmanager's
pages alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sutazai_infra.model.service import PriorityClass
from sutazai_infra.render.view import View, yaml_text

__all__ = ["RECEIVER", "alertmanager"]

RECEIVER, NOBODY = "webhook", "null"
# How long to wait for others of its group, until more of a group is told, and until it is told again.
_URGENT: Mapping[str, Any] = {"group_wait": "10s", "group_interval": "1m", "repeat_interval": "1h"}
_SOON: Mapping[str, Any] = {"group_wait": "30s", "group_interval": "5m", "repeat_interval": "4h"}
# One message for all agents that have the same trouble.
_COLLECTED: Mapping[str, Any] = {
    "group_by": ["alertname"],
    "group_wait": "2m",
    "group_interval": "15m",
    "repeat_interval": "12h",
}
_LESS = "|".join(one for one in PriorityClass if one not in {PriorityClass.CRITICAL, PriorityClass.HIGH})


def alertmanager(view: View) -> str:
    """Write alertmanager.yml."""
    route: dict[str, Any] = {
        "receiver": RECEIVER if view.settings.alert_webhook else NOBODY,
        "group_by": ["alertname", "service"],
        **_SOON,
        "routes": [
            {"matchers": [f'priority = "{PriorityClass.CRITICAL}"'], **_URGENT},
            {"matchers": [f'priority =~ "{_LESS}"'], **_COLLECTED},
        ],
    }
    receivers = [_receiver(view.settings.alert_webhook)]
    return yaml_text({"route": route, "inhibit_rules": _INHIBITIONS, "receivers": receivers})


def _receiver(url: str | None) -> dict[str, Any]:
    if url is None:
        return {"name": NOBODY}
    return {"name": RECEIVER, "webhook_configs": [{"url": url, "send_resolved": True}]}


_INHIBITIONS = [
    # A service that is down explains all that is wrong with it, and all that can't be measured of it.
    {
        "source_matchers": ['severity = "critical"', 'service != ""'],
        "target_matchers": ['severity = "warning"'],
        "equal": ["service"],
    },
    # Who isn't healthy doesn't answer either: told once.
    {
        "source_matchers": ['alertname = "ServiceUnhealthy"'],
        "target_matchers": ['alertname =~ "TargetDown|ProbeFailed|PostgresDown|RedisDown"'],
        "equal": ["service"],
    },
    # Nothing is known of containers while the engine isn't asked.
    {
        "source_matchers": ['alertname = "TargetDown"', 'service = "container-exporter"'],
        "target_matchers": ['alertname =~ "ContainersMissing|AgentsUndiscovered"'],
    },
]
