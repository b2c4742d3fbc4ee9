"""What a renderer sees: the service whose file it writes, and the stack around it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sutazai_infra.model.catalogue import Catalogue
from sutazai_infra.model.plan import Plan
from sutazai_infra.model.service import Service
from sutazai_infra.model.settings import ImageSource, Settings
from sutazai_infra.planning.tuning import tuned

__all__ = ["HEADER", "Renderer", "View"]

HEADER = "Rendered from the plan: a change here is lost at the next update."


@dataclass(frozen=True)
class View:
    """A plan, seen from one of its services."""

    service: Service
    plan: Plan
    catalogue: Catalogue
    settings: Settings

    @property
    def built(self) -> bool:
        """Whether the stack runs images built from Debian's packages, which are older than upstream's."""
        return self.settings.images is ImageSource.BUILT

    def tuned(self) -> Mapping[str, str]:
        """Values of the service's tuning rule, from the limits that it is `tuned_by`."""
        if self.service.tuning is None:
            return {}
        source = self.service.tuned_by or self.service.name
        row = next(row for row in self.plan.residents if row.name == source)
        count = len(self.plan.residents)
        return tuned(self.service.tuning, memory_mib=row.memory_limit_mib, cores=row.cpu_limit, services=count)


Renderer = Callable[[View], str]
