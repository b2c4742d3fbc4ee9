"""tier-cores: a label doesn't lie about the cores that its container runs on."""

from __future__ import annotations

from collections.abc import Iterator

from pulumi_policy import Severity

from sutazai_policy.core_set import core_set_text
from sutazai_policy.exceptions import ExceptableSettings
from sutazai_policy.facts import Facts
from sutazai_policy.messages import cores_taken
from sutazai_policy.quotas import tier_quotas
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
        tier = one.labels.tier.value or ""
        core_set = quotas[tier].core_set if tier in quotas else None
        if one.labels.tier.problem is not None:
            yield Violation(f"{one.name} has a label sutazai.tier that {one.labels.tier.problem}", one.urn)
        elif core_set is None:
            continue
        elif one.cpu_set.problem is not None:
            yield Violation(f"{one.name} has a cpuSet that {one.cpu_set.problem}", one.urn)
        elif astray := (one.cpu_set.value or facts.surveyed.all_cores) & ~core_set:
            yield Violation(
                f"{one.name} says that it is of tier {tier} and may run on {cores_taken(one, astray)},"
                f" but that tier has {core_set_text(core_set)}: narrow its cpuSet,"
                f" label it with the tier that it is of, or widen tiers.{tier}.core_set",
                one.urn,
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
    source="strategy: core distribution; design: labels identify, they never lower a sum",
    remediation=(
        "1. If the label is right, narrow cpuSet to the tier's cores.\n"
        "2. If the cores are right, label the container with the tier that it is of.\n"
        "3. If the layout has changed, say so: tiers.N.core_set."
    ),
    settings=TierCoresSettings,
    check=check,
    sees=Sees.HOST,
)
