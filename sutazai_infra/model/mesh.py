"""The mesh: calls between services go through the gateway, by one listener for each calling pool and target.

The port tells who calls, which nothing in a request could: so each pool has connections and a rank of its own.
Deliberately no addresses of targets: those follow from the services themselves.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Self

from pydantic import Field, model_validator

from sutazai_infra.model.base import Frozen
from sutazai_infra.model.quantities import Seconds
from sutazai_infra.model.service import AbsolutePath, Name, PortNumber, PriorityClass

__all__ = ["Mesh", "MeshPool", "MeshTarget"]


class MeshPool(Frozen):
    """A pool that calls: its first port, the class of a request that names none, and the highest it may name."""

    first_port: PortNumber
    priority: PriorityClass
    ceiling: PriorityClass

    @model_validator(mode="after")
    def _below_its_ceiling(self) -> Self:
        if self.priority.value_points > self.ceiling.value_points:
            raise ValueError(f"priority: {self.priority} is above the ceiling, {self.ceiling}; raise the ceiling")
        return self


class MeshTarget(Frozen):
    """A service that is called through the gateway, and what it can take."""

    number: int = Field(ge=1, le=99, description="Its ports are the pools' first ones and this.")
    requests_per_core: float = Field(16, gt=0, description="What one replica is given at a time.")
    answer: Seconds = Field(60, description="The longest that an answer takes.")
    wait: Seconds = Field(10, description="The longest that a request waits for its turn.")
    once: tuple[AbsolutePath, ...] = Field(
        (), description="Paths below which even a GET changes something, and so isn't sent twice."
    )


class Mesh(Frozen):
    """Who calls whom through which service; nobody, where it is left out."""

    gateway: Name = Field("gateway", description="The service that listens.")
    pools: dict[Name, MeshPool] = Field({}, description="Calling pool -> its first port and its rank.")
    targets: dict[Name, MeshTarget] = Field({}, description="Called service -> its number and what it takes.")

    def port(self, pool: str, target: str) -> int:
        """Return the port of the listener for a pool's calls to a service; raises `KeyError`."""
        return self.pools[pool].first_port + self.targets[target].number

    def listeners(self) -> Iterator[tuple[str, str, int]]:
        """List pool, target and port of every listener."""
        for pool in self.pools:
            for target in self.targets:
                yield pool, target, self.port(pool, target)
