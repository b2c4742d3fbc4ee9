"""tier-quotas: each tier's requests, and what it may take at most, stay within the tier's quota."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from pulumi_policy import Severity

from sutazai_policy.cgroups import PoolCgroups
from sutazai_policy.claims import Claim
from sutazai_policy.core_set import core_set_text
from sutazai_policy.facts import Facts
from sutazai_policy.host import Host
from sutazai_policy.messages import culprits, names, overcommit_text
from sutazai_policy.quotas import Quota, pool_cgroups, tier_quotas
from sutazai_policy.rule import Category, Rule, Sees, Violation
from sutazai_policy.settings import HostField, OvercommitField, PoolCgroupsField, Settings, TiersField
from sutazai_policy.sums import cores_of, cpu_limits, cpu_requests, grouped, memory_limits, memory_requests
from sutazai_policy.uncounted import uncounted
from sutazai_policy.units import cores_text, mib_text, overcommitted

__all__ = ["RULE"]


class TierQuotasSettings(Settings):
    """The host that the quotas scale to, and the quotas."""

    host: HostField
    tiers: TiersField
    pool_cgroups: PoolCgroupsField
    overcommit: OvercommitField = 1.0


def check(facts: Facts, settings: TierQuotasSettings) -> Iterator[Violation]:
    """Judge each tier by the workloads that say they are of it; what is of no tier is a violation itself."""
    host = facts.surveyed
    quotas = tier_quotas(settings.tiers, host)
    cgroups = pool_cgroups(settings.pool_cgroups, host, facts.stack)
    of_tier = grouped(facts.claims, lambda claim: claim.tier)
    yield from _tierless(facts.claims, quotas)
    yield from uncounted(
        facts.claims, "replicas", "core set", "CPU request", "CPU limit", "memory request", "memory limit"
    )
    for tier in quotas:
        yield from _requests(tier, of_tier[tier], quotas[tier])
        yield from _cpu_limits(tier, of_tier[tier], quotas[tier], host)
        yield from _memory_limits(tier, of_tier[tier], quotas[tier], cgroups, settings.overcommit)


def _tierless(claims: Iterable[Claim], quotas: Mapping[str, Quota]) -> Iterator[Violation]:
    """What no quota holds; whose labels are at fault in what way is for required-labels to say."""
    left_out = [claim.name for claim in claims if claim.tier not in quotas]
    if left_out:
        yield Violation(
            f"no quota holds {names(left_out)}, which {'is' if len(left_out) == 1 else 'are'} of no known tier:"
            f" set the label sutazai.tier to one of {', '.join(quotas)}, or describe the tier in tiers"
        )


def _requests(tier: str, claims: Sequence[Claim], quota: Quota) -> Iterator[Violation]:
    cpu = cpu_requests(claims)
    if cpu.total > quota.cpu:
        who = culprits(cpu.parts, cores_text)
        yield Violation(
            f"tier {tier} requests {cores_text(cpu.total)} of {cores_text(quota.cpu, limit=True)} cores ({who}):"
            f" lower a request, or raise tiers.{tier}.cpu"
        )
    memory = memory_requests(claims)
    if memory.total > quota.memory:
        who = culprits(memory.parts, mib_text)
        yield Violation(
            f"tier {tier} requests {mib_text(memory.total)} MiB"
            f" of {mib_text(quota.memory, limit=True)} MiB ({who}):"
            f" lower a request, or raise tiers.{tier}.memory"
        )


def _cpu_limits(tier: str, claims: Sequence[Claim], quota: Quota, host: Host) -> Iterator[Violation]:
    cpu = cpu_limits(claims, host)
    if cpu.total > quota.cpu_limit:
        yield Violation(
            f"tier {tier} may take {cores_text(cpu.total)} of {cores_text(quota.cpu_limit, limit=True)} cores, on"
            f" {core_set_text(cores_of(claims, host))} ({culprits(cpu.parts, cores_text)}):"
            f" narrow a cpuSet, lower cpus, or raise tiers.{tier}.cpu_limit"
        )


def _memory_limits(
    tier: str, claims: Sequence[Claim], quota: Quota, cgroups: PoolCgroups, overcommit: float
) -> Iterator[Violation]:
    memory = memory_limits(claims, cgroups)
    room = overcommitted(quota.memory_limit, overcommit)
    if memory.total > room:
        yield Violation(
            f"tier {tier} may take {mib_text(memory.total)} MiB"
            f" of {mib_text(room, limit=True)} MiB{overcommit_text(overcommit)}"
            f" ({culprits(memory.parts, mib_text)}):"
            f" lower memory, place containers in their pool's cgroup, or raise tiers.{tier}.memory_limit"
        )


RULE = Rule(
    name="tier-quotas",
    description="Each tier's requests and limits have to stay within the tier's quota.",
    category=Category.BUDGET,
    severity=Severity.HIGH,
    why=(
        "A quota keeps one tier's growth from becoming another tier's hunger, long before the host is full. A"
        " tier's CPU ceiling is the smaller of its summed limits and the number of distinct cores it may run on."
    ),
    source="strategy: resource quotas and limits",
    remediation=(
        "1. Read which tier is over, in what, and its largest parts.\n"
        "2. Lower those, run fewer of them, or label a workload with the tier that it really is of.\n"
        "3. A quota is the operator's to raise: tiers in policy/stacks.yaml or in --policy-pack-config."
    ),
    settings=TierQuotasSettings,
    check=check,
    sees=Sees.HOST,
)
