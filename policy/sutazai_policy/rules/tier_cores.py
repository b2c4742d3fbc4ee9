"""tier-cores: a label doesn't lie about the cores that its container runs on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pulumi_policy import Severity

from sutazai_policy.core_set import core_set_text
from sutazai_policy.exceptions import ExceptableSettings
from sutazai_policy.facts import Container, Facts
from sutazai_policy.host import Host
from sutazai_policy.messages import cores_taken, told
from sutazai_policy.quotas import Quota, tier_quotas
from sutazai_policy.rule import Category, Rule, Sees, Violation
from sutazai_policy.settings import HostField, TiersField

__all__ = ["RULE"]


class TierCoresSettings(ExceptableSettings):
    """The host, and the cores of each tier."""

    host: HostField
    tiers: TiersField


def check(facts: Facts, settings: TierCoresSettings) -> Iterator[Violation]:
    """Find containers that say they are of one tier and run on the cores of another."""
    quotas = tier_quotas(settings.tiers, facts.surveyed)
    for one in facts.containers:
        problem = _problem(one, quotas, facts.surveyed)
        if problem is not None:
            yield Violation(f"{one.name} {problem}", one.urn)


def _problem(one: Container, quotas: Mapping[str, Quota], host: Host) -> str | None:
    tier, cores = one.labels.tier, one.cpu_set
    if tier.problem is not None:
        return f"has a label sutazai.tier that {tier.problem}"
    own = None if tier.value is None else quotas.get(tier.value)
    if own is None or own.core_set is None:
        return None
    if cores.problem is not None:
        return f"has a cpuSet that {cores.problem}"
    astray = (cores.value or host.all_cores) & ~own.core_set
    return _lie(one, astray, own.core_set) if astray else None


def _lie(one: Container, astray: int, own: int) -> str:
    tier = told(one.labels.tier.value, one.labels.tier)
    return (
        f"says that it is of tier {tier} and may run on {cores_taken(one, astray)},"
        f" but that tier has {core_set_text(own)}: narrow its cpuSet,"
        f" label it with the tier that it is of, or widen tiers.{tier}.core_set"
    )


RULE = Rule(
    name="tier-cores",
    description="A container has to run on the cores of the tier that its label names.",
    category=Category.BUDGET,
    severity=Severity.HIGH,
    why=(
        "A quota holds what carries a tier's label. A container with one tier's label and another tier's cores"
        " would be counted where there is room and run where there is none."
    ),
    source="strategy: core distribution; architecture: labels identify, they never lower a sum",
    remediation=(
        "1. If the label is right, narrow cpuSet to the tier's cores.\n"
        "2. If the cores are right, label the container with the tier that it is of.\n"
        "3. If the layout has changed, say so: tiers.N.core_set."
    ),
    settings=TierCoresSettings,
    check=check,
    sees=Sees.HOST,
)
