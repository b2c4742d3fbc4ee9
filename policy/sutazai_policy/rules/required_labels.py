"""required-labels: every workload says what it is, in words that are true of this stack."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pulumi_policy import Severity

from sutazai_policy.exceptions import ExceptableSettings
from sutazai_policy.facts import Facts
from sutazai_policy.labels import PRIORITY_CLASSES, Labels
from sutazai_policy.messages import told
from sutazai_policy.parts import shown
from sutazai_policy.quotas import Pool, pools_of, tier_quotas
from sutazai_policy.rule import Category, Rule, Sees, Violation
from sutazai_policy.settings import HostField, PoolsField, TiersField

__all__ = ["RULE"]


class RequiredLabelsSettings(ExceptableSettings):
    """The tiers and pools that there are; the host only scales them."""

    host: HostField
    tiers: TiersField
    pools: PoolsField


def check(facts: Facts, settings: RequiredLabelsSettings) -> Iterator[Violation]:
    """Judge all workloads, those that are stopped too: they are counted and listed by what they say."""
    pools = pools_of(settings.pools, facts.surveyed)
    choices = {
        "stack": (str(facts.stack),),
        "pool": tuple(pools),
        "tier": tuple(tier_quotas(settings.tiers, facts.surveyed)),
        "priority": tuple(PRIORITY_CLASSES),
    }
    for one in facts.workloads:
        for problem in _problems(one.labels, choices, pools):
            yield Violation(f"{one.name} {problem}", one.urn)


def _problems(labels: Labels, choices: Mapping[str, tuple[str, ...]], pools: Mapping[str, Pool]) -> Iterator[str]:
    for name in ("stack", "service", "pool", "tier", "priority"):
        found, choice = getattr(labels, name), choices.get(name)
        if found.problem is not None:
            yield f"has a label sutazai.{name} that {found.problem}"
        elif found.value is None:
            yield f"has no label sutazai.{name}: {_advice(choice)}"
        elif choice is not None and found.value not in choice:
            yield f"has the label sutazai.{name} {shown(found.value, secret=found.secret)}: {_advice(choice)}"
    tier, pool = labels.tier, labels.pool
    held = None if pool.value is None else pools.get(pool.value)
    if held is not None and tier.value in choices["tier"] and tier.value != held.tier:
        yield (
            f"says that it is of tier {told(tier.value, tier)} and in pool {told(pool.value, pool)},"
            f" which is of tier {told(held.tier, pool)}:"
            " make the two agree"
        )


def _advice(choice: tuple[str, ...] | None) -> str:
    if choice is None:
        return "set it, in plain text, to the service's name"
    which = choice[0] if len(choice) == 1 else f"one of {', '.join(choice)}"
    return f"set it, in plain text, to {which}"


RULE = Rule(
    name="required-labels",
    description="Every container has to say its stack, service, pool, tier and priority, and truly.",
    category=Category.SHAPE,
    severity=Severity.HIGH,
    why=(
        "Quotas, eviction order, links and the operator's own tools go by these labels. What carries none of them"
        " is counted against the host all the same, but belongs to nobody."
    ),
    source="strategy: tiers, pools, priority classes; architecture: labels carry identity only",
    remediation=(
        "1. Set the labels sutazai.stack, .service, .pool, .tier and .priority, in plain text.\n"
        "2. stack is the stack's own name, priority one of the five classes; pool and tier belong together.\n"
        "3. A pool or tier of your own is described in pools and tiers of the settings."
    ),
    settings=RequiredLabelsSettings,
    check=check,
    sees=Sees.HOST,
)
