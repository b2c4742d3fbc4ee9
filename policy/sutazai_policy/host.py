"""The host that a stack has to fit, and the one place where the reference budget is scaled to another host.

The reference host has 12 cores and 29.38 GiB: 2 cores and 2 GiB are the system's, 0.38 GiB are the emergency
reserve, and 10 cores and 27648 MiB (14 + 8 + 5 GiB) remain usable. On any other host, what isn't given is

    reserved cores      floor(cores / 6)
    system reserve      2 GiB x min(1, memory / 29.38 GiB), in whole MiB, rounded down
    emergency reserve   0.38 GiB x memory / 29.38 GiB, likewise
    a memory quota      reference x usable memory / 27648 MiB
    a CPU request       reference x usable cores / 10
    a CPU limit         the same, rounded up to whole cores (core sets have no fractions); all usable cores on
                        a host with fewer usable cores than the layout has groups, where core sets overlap

At the reference host each of them gives the reference value exactly.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from sutazai_policy.core_set import span
from sutazai_policy.running import Running
from sutazai_policy.units import CORE, MIB

__all__ = ["REFERENCE_CORES", "REFERENCE_MIB", "Host", "Occupant"]

REFERENCE_CORES = 12
REFERENCE_MIB = 30085
_SYSTEM_MIB = 2048
_EMERGENCY_MIB = 389
_USABLE_MIB = REFERENCE_MIB - _SYSTEM_MIB - _EMERGENCY_MIB
_USABLE_CORES = 10
# web, data, llm and agents each own a part of the reference layout's cores
_CORE_GROUPS = 4


@dataclass(frozen=True, slots=True)
class Occupant:
    """A container that runs on the host and isn't this stack's: it holds a part of the budget already."""

    name: str
    memory: int
    cpu: int
    cores: int | None


@dataclass(frozen=True, slots=True)
class Host:
    """Cores and memory in CPU units and bytes; reserved cores are the lowest-numbered ones.

    `running` holds, by their names, those containers of the stack that run on it already; `cgroups` the memory
    that the kernel limits each parent cgroup of the stack to, where the kernel could be asked.
    """

    cores: int
    memory: int
    reserved_cores: int
    system_reserve: int
    emergency_reserve: int
    measured: bool = False
    occupants: tuple[Occupant, ...] = ()
    running: Mapping[str, Running] = field(default_factory=dict, hash=False)
    cgroups: tuple[tuple[str, int | None], ...] | None = None

    @classmethod
    def scaled(
        cls,
        cores: int,
        memory: int,
        reserved_cores: int | None = None,
        system_reserve: int | None = None,
        emergency_reserve: int | None = None,
        *,
        measured: bool = False,
    ) -> Host:
        """Make a host, with the reserves that aren't given scaled to it."""
        part = Fraction(memory, REFERENCE_MIB * MIB)
        if reserved_cores is None:
            reserved_cores = cores // 6
        if system_reserve is None:
            system_reserve = int(_SYSTEM_MIB * min(Fraction(1), part)) * MIB
        if emergency_reserve is None:
            emergency_reserve = int(_EMERGENCY_MIB * part) * MIB
        return cls(cores, memory, reserved_cores, system_reserve, emergency_reserve, measured)

    @property
    def all_cores(self) -> int:
        """The mask of every core."""
        return span(0, self.cores)

    @property
    def system_cores(self) -> int:
        """The mask of the cores that are the system's."""
        return span(0, self.reserved_cores)

    @property
    def usable_cores(self) -> int:
        """The mask of the cores that containers may use."""
        return self.all_cores & ~self.system_cores

    @property
    def usable_memory(self) -> int:
        """Bytes that containers may use."""
        return self.memory - self.system_reserve - self.emergency_reserve

    @property
    def free_memory(self) -> int:
        """Usable bytes that no other container holds."""
        return max(0, self.usable_memory - sum(one.memory for one in self.occupants))

    @property
    def free_cpu(self) -> int:
        """CPU units of the usable cores that no other container has been promised."""
        return max(0, self.usable_cores.bit_count() * CORE - sum(one.cpu for one in self.occupants))

    @property
    def is_reference(self) -> bool:
        """Whether the cores are laid out as on the reference host: known of a declared one only.

        A machine of the same size that was measured may run another selection of services, laid out otherwise.
        """
        return not self.measured and (self.cores, self.reserved_cores) == (
            REFERENCE_CORES,
            REFERENCE_CORES - _USABLE_CORES,
        )

    def scale_memory(self, reference_mib: int) -> int:
        """Scale a memory quota of the reference host to this one, in bytes."""
        return reference_mib * self.usable_memory // _USABLE_MIB

    def scale_cpu_request(self, reference_cores: int) -> int:
        """Scale a quota of CPU requests of the reference host to this one, in CPU units."""
        return reference_cores * CORE * self.usable_cores.bit_count() // _USABLE_CORES

    def scale_cpu_limit(self, reference_cores: int) -> int:
        """Scale a quota of CPU limits of the reference host to this one, in CPU units."""
        usable = self.usable_cores.bit_count()
        if usable < _CORE_GROUPS:
            return usable * CORE
        return -(-reference_cores * usable // _USABLE_CORES) * CORE
