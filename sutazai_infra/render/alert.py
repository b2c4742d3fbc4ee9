"""One alert as it is declared here, and as Prometheus' rule."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sutazai_infra.model.service import PriorityClass
from sutazai_infra.render.view import View

__all__ = ["RUNBOOKS", "Alert", "Severity"]

RUNBOOKS = "docs/runbooks.md"
# Of the series that it fires for; whose series name no class are nobody's in particular.
_ITS_OWN = f'{{{{ or $labels.priority "{PriorityClass.MEDIUM}" }}}}'


class Severity(StrEnum):
    """Critical: something doesn't work. Warning: something won't for long."""

    CRITICAL = "critical"
    WARNING = "warning"


@dataclass(frozen=True)
class Alert:
    """When to tell whom. Service and priority are those of the series that it fires for, where it names none."""

    name: str
    expression: str
    wait: str
    summary: str
    severity: Severity = Severity.WARNING
    service: str = ""
    priority: PriorityClass | None = None
    # The service without which there is nothing to judge, and so no alert.
    needs: str = ""

    def belongs(self, view: View) -> bool:
        """Whether a stack has what it judges."""
        return not self.needs or bool(view.rows(self.needs))

    def rule(self, view: View) -> dict[str, Any]:
        """Write it as Prometheus reads it."""
        labels = {"severity": self.severity.value, "priority": self._priority(view)}
        if self.service:
            labels["service"] = self.service
        return {
            "alert": self.name,
            "expr": self.expression,
            "for": self.wait,
            "labels": labels,
            "annotations": {"summary": self.summary, "runbook_url": f"{RUNBOOKS}#{self.name.lower()}"},
        }

    def _priority(self, view: View) -> str:
        if self.priority is not None:
            return self.priority.value
        if any(one.name == self.service for one in view.catalogue.services):
            return view.catalogue.service(self.service).priority.value
        return _ITS_OWN
