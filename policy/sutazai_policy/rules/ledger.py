"""ledger: what was checked, not only what failed: a line for the host, each tier, each pool and each exception."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from pulumi_policy import EnforcementLevel, Severity

from sutazai_policy.cgroups import PoolCgroups
from sutazai_policy.claims import Claim
from sutazai_policy.core_set import core_set_text
from sutazai_policy.facts import ExceptionUse, Facts
from sutazai_policy.host import Host
from sutazai_policy.messages import held_cpu, held_memory
from sutazai_policy.quotas import Pool, Quota, pool_cgroups, pools_of, tier_quotas
from sutazai_policy.rule import Category, Rule, Sees, Violation
from sutazai_policy.settings import HostField, OvercommitField, PoolCgroupsField, PoolsField, Settings, TiersField
from sutazai_policy.sums import (
    Groups,
    cores_of,
    cpu_limits,
    cpu_requests,
    grouped,
    memory_limits,
    memory_requests,
    with_guests,
)
from sutazai_policy.units import MIB, cores_text, mib_text, overcommitted

__all__ = ["RULE"]


class LedgerSettings(Settings):
    """The same as the budget rules have."""

    host: HostField
    tiers: TiersField
    pools: PoolsField
    pool_cgroups: PoolCgroupsField
    overcommit: OvercommitField = 1.0


def check(facts: Facts, settings: LedgerSettings) -> Iterator[Violation]:
    """Say what is requested and may be taken, of how much, and what is excepted, in one message."""
    yield Violation("\n".join(_lines(facts, settings)))


def _lines(facts: Facts, settings: LedgerSettings) -> Iterator[str]:
    host = facts.surveyed
    cgroups = pool_cgroups(settings.pool_cgroups, host, facts.stack)
    yield _host_line(facts.claims, cgroups, host, settings.overcommit)
    tiers = grouped(facts.claims, lambda claim: claim.tier)
    for tier, quota in tier_quotas(settings.tiers, host).items():
        room = overcommitted(quota.memory_limit, settings.overcommit)
        yield _tier_line(tier, replace(quota, memory_limit=room), tiers[tier], cgroups, host)
    pools = pools_of(settings.pools, host)
    members = grouped(facts.claims, lambda claim: claim.pool)
    for name, pool in pools.items():
        yield _pool_line(name, pool, members, pools)
    yield from map(_exception_line, facts.exceptions)


def _exception_line(one: ExceptionUse) -> str:
    about = f"exception: {one.service} from {one.rule} until {one.expires} ({one.reason})"
    return about if one.used else f"{about}: it excepts nothing any more, remove it"


def _host_line(claims: Sequence[Claim], cgroups: PoolCgroups, host: Host, overcommit: float) -> str:
    return (
        f"host: {_tasks(claims)} {_cores(claims, host.free_cpu)} and {_memory(claims, host.free_memory)};"
        f" at most {_ceiling(claims, cgroups, overcommitted(host.free_memory, overcommit))}"
        f"{held_cpu(host)}{held_memory(host)};"
        f" it has {host.cores} cores and {host.memory // MIB} MiB,"
        f" {'as measured' if host.measured else 'as declared'}"
    )


def _tier_line(tier: str, quota: Quota, claims: Sequence[Claim], cgroups: PoolCgroups, host: Host) -> str:
    cpu, cores = cpu_limits(claims, host).total, core_set_text(cores_of(claims, host))
    return (
        f"tier {tier}: {_tasks(claims)} {_cores(claims, quota.cpu)} and {_memory(claims, quota.memory)};"
        f" at most {cores_text(cpu)} of {cores_text(quota.cpu_limit, limit=True)} cores ({cores})"
        f" and {_ceiling(claims, cgroups, quota.memory_limit)}"
    )


def _pool_line(name: str, pool: Pool, members: Groups, pools: Mapping[str, Pool]) -> str:
    claims = members[name]
    guests, together = with_guests(name, pools, members)
    shared = f" (with {', '.join(guests)})" if guests else ""
    return f"pool {name}: {_tasks(claims)} {_cores(claims, pool.cpu)} and {_memory(together, pool.memory)}{shared}"


def _tasks(claims: Sequence[Claim]) -> str:
    count = sum(claim.tasks for claim in claims)
    return f"{count} container requests" if count == 1 else f"{count} containers request"


def _cores(claims: Sequence[Claim], of: int) -> str:
    return f"{cores_text(cpu_requests(claims).total)} of {cores_text(of, limit=True)} cores"


def _memory(claims: Sequence[Claim], of: int) -> str:
    return f"{mib_text(memory_requests(claims).total)} of {mib_text(of, limit=True)} MiB"


def _ceiling(claims: Sequence[Claim], cgroups: PoolCgroups, of: int) -> str:
    total = memory_limits(claims, cgroups).total
    endless = sum(claim.unlimited and not cgroups.holds(claim) for claim in claims)
    more = f", beside what {endless} without a limit may take" if endless else ""
    return f"{mib_text(total)} of {mib_text(of, limit=True)} MiB{more}"


RULE = Rule(
    name="ledger",
    description="The ledger says what was checked: nothing has to be done about it.",
    category=Category.REPORT,
    severity=Severity.LOW,
    why="A check that only speaks when it fails can't be told from one that doesn't look.",
    source="architecture: the ledger",
    remediation="1. Nothing: `--policy-pack-config` turns it off with enforcementLevel disabled.",
    settings=LedgerSettings,
    check=check,
    sees=Sees.OCCUPANTS,
    level=EnforcementLevel.ADVISORY,
)
