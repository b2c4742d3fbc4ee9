"""What the ledger and the notes are about: everything decided, before it is checked and written down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from sutazai_infra.model.catalogue import Link
from sutazai_infra.model.coreset import CoreSet
from sutazai_infra.planning.arrangement import Arrangement
from sutazai_infra.planning.demand import Demand
from sutazai_infra.planning.links import active_links
from sutazai_infra.planning.placement import PoolCores
from sutazai_infra.planning.quotas import Basis

__all__ = ["Placed"]


@dataclass(frozen=True)
class Placed:
    """Who runs, and on which cores."""

    basis: Basis
    demands: Sequence[Demand]
    arrangement: Arrangement

    @cached_property
    def cores(self) -> Mapping[str, CoreSet]:
        """Instance -> its cores."""
        return self.arrangement.cores

    @property
    def groups(self) -> Mapping[str, CoreSet]:
        """Group -> its cores."""
        return self.arrangement.groups

    @property
    def pools(self) -> Mapping[str, PoolCores]:
        """Pool -> its cores."""
        return self.arrangement.pools

    @cached_property
    def residents(self) -> list[Demand]:
        """Everything that takes of the budget now."""
        return [demand for demand in self.demands if demand.resident]

    @cached_property
    def present(self) -> frozenset[str]:
        """Names of the resident services."""
        return frozenset(demand.service.name for demand in self.residents)

    @cached_property
    def links(self) -> tuple[Link, ...]:
        """The catalogue's links that have somebody at both ends."""
        placed = {(demand.service.name, demand.pool.name) for demand in self.residents}
        return active_links(self.basis.catalogue, placed)
