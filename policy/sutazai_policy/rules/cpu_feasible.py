"""cpu-feasible: CPU requests fit the cores that they are confined to, not only the host as a whole."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from pulumi_policy import Severity

from sutazai_policy.claims import Part
from sutazai_policy.facts import Facts
from sutazai_policy.flow import overloaded
from sutazai_policy.host import Host
from sutazai_policy.messages import cores_named, culprits
from sutazai_policy.rule import Category, Rule, Sees, Violation
from sutazai_policy.settings import HostField, Settings
from sutazai_policy.uncounted import uncounted
from sutazai_policy.units import cores_text

__all__ = ["RULE"]


class CpuFeasibleSettings(Settings):
    """The host whose cores are asked for."""

    host: HostField


def check(facts: Facts, settings: CpuFeasibleSettings) -> Iterator[Violation]:  # noqa: ARG001 -- settings gave the host
    """Find core sets that are asked for more than they have, though the host as a whole may have enough."""
    host = facts.surveyed
    yield from uncounted(facts.claims, "core set", "CPU request")
    demands = [(_confines(claim.cores, host), claim.part(claim.cpu_request)) for claim in facts.claims]
    demands += [
        (_confines(one.cores, host), Part(f"{one.name} outside the stack", one.cpu)) for one in host.occupants
    ]
    by_mask: defaultdict[int, int] = defaultdict(int)
    for mask, part in demands:
        by_mask[mask] += part.amount
    for full in overloaded(by_mask):
        # All usable cores together are host-budget's sum.
        if full != host.usable_cores:
            confined = [part for mask, part in demands if mask and not mask & ~full]
            need = sum(part.amount for part in confined)
            yield Violation(
                f"what is confined to {cores_named(full)} requests {cores_text(need)} cores"
                f" of {full.bit_count()} ({culprits(confined, cores_text)}):"
                " lower cpuShares, or widen a cpuSet"
            )


def _confines(cores: int | None, host: Host) -> int:
    """Of the system's cores only what may run on no other can take anything: it is excepted to do so."""
    if cores is None:
        return host.usable_cores
    return cores & host.usable_cores or cores & host.all_cores


RULE = Rule(
    name="cpu-feasible",
    description="CPU requests have to fit the cores that they are confined to.",
    category=Category.BUDGET,
    severity=Severity.HIGH,
    why=(
        "Sums lie where core sets overlap: three requests of one core fit three cores, unless all three may run"
        " only on the same two. So this is a flow from requests to cores (Hall's condition), not a sum."
    ),
    source="strategy: core distribution; architecture: a flow, not a sum",
    remediation=(
        "1. Read which cores are asked for too much, and by whom.\n"
        "2. Widen the cpuSet of one of them to cores that are free, or lower a request (cpuShares).\n"
        "3. `sutazai plan` shows a placement that fits."
    ),
    settings=CpuFeasibleSettings,
    check=check,
    sees=Sees.OCCUPANTS,
)
