"""Which parent cgroups are trusted to hold a memory ceiling, and the ceilings that follow.

Docker makes a missing parent cgroup without any limit, so only those that the host's preparation makes count:
this stack's own pools, exactly as they are written there, and what the operator lists by its full name.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sutazai_policy.claims import Claim, Part

__all__ = ["Cgroup", "PoolCgroups"]


@dataclass(frozen=True, slots=True)
class Cgroup:
    """A parent cgroup's own memory limit in bytes, and the pool inside whose limit it is counted, if any."""

    memory: int
    within: str | None = None


class PoolCgroups:
    """The trusted cgroups of one stack, given by pool name or by the cgroup's full name.

    `found` is what the kernel says of the cgroups that the stack names, if it could be asked: a cgroup is trusted
    only as far as it is there and has a limit no larger than is said.
    """

    def __init__(
        self,
        stack: str | None,
        limits: Mapping[str, Cgroup],
        found: Iterable[tuple[str, int | None]] | None = None,
    ) -> None:
        self._limits = limits
        self._named = dict(_holders(stack, limits))
        real = None if found is None else dict(found)
        self._holders = {
            name: holder
            for name, holder in self._named.items()
            if real is None or _holds(real.get(name), limits[holder[1]].memory)
        }

    def unprepared(self, cgroup: str) -> bool:
        """Whether a cgroup would be trusted, if only the host had it with its limit."""
        return cgroup in self._named and cgroup not in self._holders

    def pool_of(self, cgroup: str) -> str | None:
        """Return the pool whose a trusted `cgroup_parent` is, or its own name if it is no pool's."""
        holder = self._holders.get(cgroup)
        if holder is None:
            return None
        return (self._limits[cgroup].within or cgroup) if holder[1] == cgroup else holder[1]

    def holds(self, claim: Claim) -> bool:
        """Whether the claim sits in a cgroup whose limit is known."""
        return claim.cgroup in self._holders

    def ceiling(self, claims: Iterable[Claim]) -> list[Part]:
        """Return what `claims` can take at most, as named parts: containers, and cgroups at their own limit.

        A claim without a limit has a ceiling only inside a cgroup; outside, there is none to count.
        """
        alone: list[Part] = []
        held: defaultdict[tuple[str, str], float] = defaultdict(float)
        for claim in claims:
            holder = self._holders.get(claim.cgroup or "")
            if holder is not None:
                held[holder] += math.inf if claim.memory_limit is None else claim.memory_limit
            elif claim.memory_limit is not None:
                alone.append(claim.part(claim.memory_limit))
        return [*self._bounded(held), *alone]

    def _bounded(self, held: defaultdict[tuple[str, str], float]) -> list[Part]:
        # A pool inside another's limit goes first, so that the outer one bounds both together.
        for form, pool in sorted(held):
            outer = self._limits[pool].within
            if outer is not None and outer in self._limits:
                held[form, outer] += min(held.pop((form, pool)), self._limits[pool].memory)
        return [
            Part(f"pool {pool}", int(min(held[form, pool], self._limits[pool].memory)))
            for form, pool in sorted(held)
        ]


def _holds(real: int | None, said: int) -> bool:
    # Whoever prepares the host scales and rounds by itself: a hundredth more is no other limit.
    return real is not None and 100 * real <= 101 * said


def _holders(stack: str | None, limits: Mapping[str, Cgroup]) -> Iterable[tuple[str, tuple[str, str]]]:
    """Map each trusted `cgroup_parent` to the form in which it is written and its key in `limits`.

    Pools come last: a full name that is a pool's own makes that cgroup no other pool's.
    """
    full = [key for key in limits if "/" in key or key.endswith(".slice")]
    for key in full:
        yield key, ("cgroupfs" if "/" in key else "systemd", key)
    for key in limits.keys() - set(full):
        if stack is not None:
            yield f"/sutazai/{stack}/{key}", ("cgroupfs", key)
            # systemd reads a dash in a slice's name as a level, so the preparation writes another sign.
            yield f"sutazai-{stack.replace('-', '_')}-{key}.slice", ("systemd", key)
