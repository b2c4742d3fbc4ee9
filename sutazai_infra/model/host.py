"""What a host has, what of it is reserved, and what of it is the budget.

The reference host is the strategy's: 12 cores of which 0-1 are the system's, 29.38 GiB of which 2 GiB are the
system's and 0.38 GiB the emergency reserve. Other hosts reserve in proportion (`Host.scaled`).
"""

from __future__ import annotations

from typing import Self

from pydantic import Field, ValidationError, model_validator

from sutazai_infra.model.base import Frozen
from sutazai_infra.model.coreset import CoreSet
from sutazai_infra.model.quantities import MemoryMiB

__all__ = ["REFERENCE_USABLE_CORES", "REFERENCE_USABLE_MIB", "Foreign", "Host", "HostSpec"]

REFERENCE_CORES = 12
REFERENCE_MEMORY_MIB = 30085
REFERENCE_SYSTEM_MIB = 2048
REFERENCE_EMERGENCY_MIB = 389
REFERENCE_USABLE_CORES = 10
REFERENCE_USABLE_MIB = 27648
_CORES_PER_RESERVED_CORE = 6


class HostSpec(Frozen):
    """A host as a stack declares it; what is left out is reserved in proportion to the reference host."""

    cores: int = Field(ge=1, le=4096, description="Number of cores, numbered from 0.")
    memory: MemoryMiB = Field(description="Total memory, e.g. 29.38Gi.")
    reserved_cores: CoreSet | None = Field(None, description="The system's own cores, e.g. 0-1.")
    system_reserve: MemoryMiB | None = Field(None, description="The system's own memory, e.g. 2Gi.")
    emergency_reserve: MemoryMiB | None = Field(None, description="Memory that no budget holds, e.g. 0.38Gi.")

    @model_validator(mode="after")
    def _leaves_something(self) -> Self:
        try:
            self.host()
        except ValidationError as error:
            raise ValueError(error.errors()[0]["msg"].removeprefix("Value error, ")) from None
        return self

    def host(self) -> Host:
        """Fill in what was left out; raises `ValueError` when nothing usable remains."""
        scaled = Host.scaled(self.cores, self.memory)
        return Host(
            cores=self.cores,
            memory_mib=self.memory,
            reserved=scaled.reserved if self.reserved_cores is None else self.reserved_cores,
            system_mib=scaled.system_mib if self.system_reserve is None else self.system_reserve,
            emergency_mib=scaled.emergency_mib if self.emergency_reserve is None else self.emergency_reserve,
            declared=True,
        )


class Foreign(Frozen):
    """A running container of another stack or of nobody; it reduces the budget."""

    name: str
    cpu: int = Field(0, ge=0, description="Millicores.")
    memory_mib: int = Field(0, ge=0)


class Host(Frozen):
    """Cores and memory of one machine. Memory in MiB; `usable` = total - system - emergency."""

    cores: int = Field(ge=1)
    memory_mib: int = Field(ge=1)
    reserved: CoreSet = CoreSet()
    system_mib: int = Field(0, ge=0)
    emergency_mib: int = Field(0, ge=0)
    declared: bool = False
    pool_cgroups: bool = False
    foreign: tuple[Foreign, ...] = ()

    @classmethod
    def scaled(cls, cores: int, memory_mib: int) -> Host:
        """Reserve on any machine what the reference host reserves, in proportion and floored.

        One core in six is the system's (none below six cores: there the weights decide alone). The system never
        needs more than the reference's 2 GiB; the emergency reserve grows with the memory.
        """
        ratio = memory_mib / REFERENCE_MEMORY_MIB
        return cls(
            cores=cores,
            memory_mib=memory_mib,
            reserved=CoreSet.span(0, cores // _CORES_PER_RESERVED_CORE),
            system_mib=int(REFERENCE_SYSTEM_MIB * min(1.0, ratio)),
            emergency_mib=int(REFERENCE_EMERGENCY_MIB * ratio),
        )

    @model_validator(mode="after")
    def _leaves_something(self) -> Self:
        outside = self.reserved - CoreSet.span(0, self.cores)
        if outside:
            raise ValueError(f"reserved_cores: core {outside} is outside the host's 0-{self.cores - 1}")
        if not self.usable_cores:
            raise ValueError(f"reserved_cores: all {self.cores} cores are reserved; leave at least one")
        if self.usable_mib <= 0:
            raise ValueError(
                f"memory: {self.memory_mib} MiB less {self.system_mib} for the system and "
                f"{self.emergency_mib} for emergencies leaves nothing; lower the reserves"
            )
        return self

    @property
    def usable_cores(self) -> CoreSet:
        """Cores that services may run on."""
        return CoreSet.span(0, self.cores) - self.reserved

    @property
    def usable_millicores(self) -> int:
        """The CPU budget."""
        return 1000 * len(self.usable_cores)

    @property
    def usable_mib(self) -> int:
        """The memory budget, in MiB."""
        return self.memory_mib - self.system_mib - self.emergency_mib
