"""Alertmanager's configuration: groups by service, holds back what follows from something worse, tells nobody.

Whom to tell is not the catalogue's to know: alerts are seen in Alertmanager and Grafana until a receiver is added.
"""

from __future__ import annotations

from sutazai_infra.render.view import View, yaml_text

__all__ = ["alertmanager"]

RECEIVER = "null"


def alertmanager(_view: View) -> str:
    """Write alertmanager.yml."""
    return yaml_text(
        {
            "route": {
                "receiver": RECEIVER,
                "group_by": ["alertname", "service"],
                "group_wait": "30s",
                "group_interval": "5m",
                "repeat_interval": "4h",
            },
            "inhibit_rules": [
                # A service that is down explains all that is wrong with it.
                {
                    "source_matchers": ['severity = "critical"', 'service != ""'],
                    "target_matchers": ['severity = "warning"'],
                    "equal": ["service"],
                },
                # Without the host's own numbers nothing can be said of the host.
                {
                    "source_matchers": ['alertname = "TargetDown"', 'service = "node-exporter"'],
                    "target_matchers": ['alertname = "HostMetricsMissing"'],
                },
            ],
            "receivers": [{"name": RECEIVER}],
        }
    )
