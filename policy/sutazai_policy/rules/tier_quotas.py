"""tier-quotas: each tier's requests, and what it may take at most, stay within the tier's quota."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from pulumi_policy import Severity

from sutazai_policy.cgroups import PoolCgroups
from sutazai_policy.claims import Claim, read_claims
from sutazai_policy.core_set import core_set_text
from sutazai_policy.facts import Container, Facts, Service
from sutazai_policy.host import Host
from sutazai_policy.messages import cores_named, culprits, overcommit_text
from sutazai_policy.quotas import Quota, pool_cgroups, tier_quotas
from sutazai_policy.rule import Rule, Sees, Violation
from sutazai_policy.settings import HostField, OvercommitField, PoolCgroupsField, Settings, TiersField
from sutazai_policy.uncounted import uncounted
from sutazai_policy.units import CORE, cores_text, mib_text, overcommitted

__all__ = ["TIER_QUOTAS"]


class TierQuotasSettings(Settings):
    """The host that the quotas scale to, and the quotas."""

    host: HostField
    tiers: TiersField
    pool_cgroups: PoolCgroupsField
    overcommit: OvercommitField = 1.0


def check(facts: Facts, settings: TierQuotasSettings) -> list[Violation]:
    """Judge each tier by the workloads that say they are of it; what is of no tier is a violation itself."""
    if facts.host is None:
        raise ValueError("tier-quotas judges by a host")
    quotas = tier_quotas(settings.tiers, facts.host)
    cgroups = pool_cgroups(settings.pool_cgroups, facts.host, facts.stack)
    claims = read_claims(facts)
    of_tier: defaultdict[str | None, list[Claim]] = defaultdict(list)
    for claim in claims:
        of_tier[claim.tier].append(claim)
    found = [
        *_tierless((*facts.containers, *facts.services), quotas),
        *_astray(facts.containers, quotas),
        *uncounted(claims, "replicas", "core set", "CPU request", "CPU limit", "memory request", "memory limit"),
    ]
    for tier in sorted(quotas):
        found += _requests(tier, of_tier[tier], quotas[tier])
        found += _cpu_limits(tier, of_tier[tier], quotas[tier], facts.host)
        found += _memory_limits(tier, of_tier[tier], quotas[tier], cgroups, settings.overcommit)
    return found


def _tierless(workloads: Iterable[Container | Service], quotas: Mapping[str, Quota]) -> Iterable[Violation]:
    choice = ", ".join(sorted(quotas))
    for one in workloads:
        tier = one.labels.tier
        if tier.problem is not None:
            yield Violation(f"{one.name} has a label sutazai.tier that {tier.problem}", one.urn)
        elif tier.value is None:
            yield Violation(
                f"{one.name} has no label sutazai.tier that is known before the update, so no quota holds it:"
                f" label it, in plain text, with one of {choice}",
                one.urn,
            )
        elif tier.value not in quotas:
            yield Violation(
                f'{one.name} is of tier "{tier.value}", which has no quota: label it with one of {choice},'
                " or describe the tier in tiers",
                one.urn,
            )


def _astray(containers: Iterable[Container], quotas: Mapping[str, Quota]) -> Iterable[Violation]:
    """Find labels that lie: a container that says it is of one tier and runs on the cores of another."""
    for one in containers:
        quota = quotas.get(one.labels.tier.value or "")
        cores = one.cpu_set.value or 0
        if quota is not None and quota.core_set is not None and cores & ~quota.core_set:
            yield Violation(
                f"{one.name} says that it is of tier {one.labels.tier.value} and may run on"
                f" {cores_named(cores & ~quota.core_set)}, but that tier has {core_set_text(quota.core_set)}:"
                " narrow its cpuSet, label it with the tier that it is of,"
                f" or widen tiers.{one.labels.tier.value}.core_set",
                one.urn,
            )


def _requests(tier: str, claims: Sequence[Claim], quota: Quota) -> Iterable[Violation]:
    cpu = sum(claim.cpu_request for claim in claims)
    if cpu > quota.cpu:
        who = culprits(((claim.name, claim.cpu_request) for claim in claims), cores_text)
        yield Violation(
            f"tier {tier} requests {cores_text(cpu)} of {cores_text(quota.cpu, limit=True)} cores ({who}):"
            f" lower a request, or raise tiers.{tier}.cpu"
        )
    memory = sum(claim.memory_request for claim in claims)
    if memory > quota.memory:
        who = culprits(((claim.name, claim.memory_request) for claim in claims), mib_text)
        yield Violation(
            f"tier {tier} requests {mib_text(memory)} MiB"
            f" of {mib_text(quota.memory, limit=True)} MiB ({who}):"
            f" lower a request, or raise tiers.{tier}.memory"
        )


def _cpu_limits(tier: str, claims: Sequence[Claim], quota: Quota, host: Host) -> Iterable[Violation]:
    parts = [(claim.name, _cpu_limit(claim, host)) for claim in claims]
    span = _union(claims, host)
    cpu = min(sum(amount for _, amount in parts), span.bit_count() * CORE)
    if cpu > quota.cpu_limit:
        yield Violation(
            f"tier {tier} may take {cores_text(cpu)} of {cores_text(quota.cpu_limit, limit=True)} cores, on"
            f" {core_set_text(span)} ({culprits(parts, cores_text)}):"
            f" narrow a cpuSet, lower cpus, or raise tiers.{tier}.cpu_limit"
        )


def _memory_limits(
    tier: str, claims: Sequence[Claim], quota: Quota, cgroups: PoolCgroups, overcommit: float
) -> Iterable[Violation]:
    parts = cgroups.ceiling(claims)
    memory = sum(amount for _, amount in parts)
    room = overcommitted(quota.memory_limit, overcommit)
    if memory > room:
        yield Violation(
            f"tier {tier} may take {mib_text(memory)} MiB"
            f" of {mib_text(room, limit=True)} MiB{overcommit_text(overcommit)} ({culprits(parts, mib_text)}):"
            f" lower memory, place containers in their pool's cgroup, or raise tiers.{tier}.memory_limit"
        )


def _cpu_limit(claim: Claim, host: Host) -> int:
    return host.cores * CORE if claim.cpu_limit is None else claim.cpu_limit


def _union(claims: Iterable[Claim], host: Host) -> int:
    union = 0
    for claim in claims:
        union |= host.all_cores if claim.cores is None else claim.cores
    return union


TIER_QUOTAS = Rule(
    name="tier-quotas",
    description="Each tier's requests and limits have to stay within the tier's quota.",
    severity=Severity.HIGH,
    remediation=(
        "1. Read which tier is over, in what, and its largest parts.\n"
        "2. Lower those, run fewer of them, or label a workload with the tier that it really is of.\n"
        "3. A quota is the operator's to raise: tiers in policy/stacks.yaml or in --policy-pack-config."
    ),
    settings=TierQuotasSettings,
    check=check,
    sees=Sees.HOST,
)
