"""How a deployment fails; without Pulumi, which is slow to load, for whoever only tells failures apart."""

from __future__ import annotations

from sutazai_infra.model.errors import SutazaiError
from sutazai_infra.model.update import HealthResult
from sutazai_infra.operations.deploy.events import Outcome

__all__ = ["POLICY_PACK", "DeployError", "StoppedError", "UnhealthyError"]

# The project's own pack, by the name of its folder.
POLICY_PACK = "policy"


class DeployError(SutazaiError):
    """Pulumi could not do it; `outcome` is what was done before."""

    def __init__(self, message: str, outcome: Outcome | None = None) -> None:
        self.outcome = outcome or Outcome()
        super().__init__(message)


class UnhealthyError(DeployError):
    """All is deployed, and not all of it works."""

    def __init__(self, message: str, health: HealthResult) -> None:
        self.health = health
        super().__init__(message)


class StoppedError(DeployError):
    """The user interrupted; the engine has finished its running steps and written its state."""

    exit_status = 130
