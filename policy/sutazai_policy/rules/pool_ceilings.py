"""pool-ceilings: no pool holds more containers, heavy jobs or replicas than it may."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pulumi_policy import Severity

from sutazai_policy.claims import Claim
from sutazai_policy.facts import Facts
from sutazai_policy.messages import names
from sutazai_policy.parts import shown
from sutazai_policy.quotas import Pool, pools_of
from sutazai_policy.rule import Category, Rule, Sees, Violation
from sutazai_policy.settings import HostField, PoolsField, Settings
from sutazai_policy.sums import grouped
from sutazai_policy.uncounted import uncounted
from sutazai_policy.units import MIB

__all__ = ["RULE"]

# What requests no more than an agent's limit is no job: agents that overflow into a pool of jobs don't count.
_LIGHT = 256 * MIB


class PoolCeilingsSettings(Settings):
    """The host, and the pools with their ceilings."""

    host: HostField
    pools: PoolsField


def check(facts: Facts, settings: PoolCeilingsSettings) -> Iterator[Violation]:
    """Count what is to run in each pool; a Swarm service counts as its tasks."""
    yield from uncounted(facts.claims, "replicas", "memory request", "service label")
    members = grouped(facts.claims, lambda claim: claim.pool)
    for name, pool in pools_of(settings.pools, facts.surveyed).items():
        yield from _containers(name, pool, members[name])
        yield from _concurrency(name, pool, members[name])
        yield from _replicas(name, pool, members[name])


def _containers(name: str, pool: Pool, claims: Sequence[Claim]) -> Iterator[Violation]:
    count = sum(claim.tasks for claim in claims)
    if pool.containers is not None and count > pool.containers:
        yield Violation(
            f"pool {name} is to run {count} containers of at most {pool.containers}"
            f" ({names([claim.name for claim in claims])}): run fewer, or raise pools.{name}.containers"
        )


def _concurrency(name: str, pool: Pool, claims: Sequence[Claim]) -> Iterator[Violation]:
    heavy = [claim for claim in claims if claim.memory_request > _LIGHT * claim.tasks]
    count = sum(claim.tasks for claim in heavy)
    if pool.concurrency is not None and count > pool.concurrency:
        yield Violation(
            f"pool {name} is to run {count} at once of at most {pool.concurrency}"
            f" ({names([claim.name for claim in heavy])}):"
            f" queue them, or raise pools.{name}.concurrency"
        )


def _replicas(name: str, pool: Pool, claims: Sequence[Claim]) -> Iterator[Violation]:
    if pool.replicas is None:
        return
    of_service = grouped(claims, lambda claim: claim.service)
    for service, replicas in sorted(of_service.items()):
        count = sum(claim.tasks for claim in replicas)
        if count > pool.replicas:
            hidden = any(claim.secret for claim in replicas)
            who = f"the service of {replicas[0].name}" if hidden else shown(service)
            yield Violation(
                f"{who} is to run {count} times"
                f" of at most {pool.replicas} in pool {name}: lower its replicas, or raise pools.{name}.replicas"
            )


RULE = Rule(
    name="pool-ceilings",
    description="A pool has to stay within the containers, jobs at once and replicas that it may have.",
    category=Category.BUDGET,
    severity=Severity.MEDIUM,
    why=(
        "Every container costs what no limit counts: a shim, probes, log files, a place in the engine's lists. And"
        " pools 3 and 4 are run by turns: one ML job, two tools at a time."
    ),
    source="strategy: pools 3 (burst) and 4 (limited concurrent instances), up to 150 agents",
    remediation=(
        "1. Read which pool has too many, and of what.\n"
        "2. Run fewer, or submit jobs to the queue instead of declaring them all.\n"
        "3. A ceiling is the operator's to raise: pools in policy/stacks.yaml or in --policy-pack-config."
    ),
    settings=PoolCeilingsSettings,
    check=check,
    sees=Sees.HOST,
)
