"""pool-capacity: each pool's requests fit the pool, and pools that share a buffer fit it together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from pulumi_policy import Severity

from sutazai_policy.claims import Claim
from sutazai_policy.facts import Facts
from sutazai_policy.messages import culprits, names
from sutazai_policy.quotas import Pool, pools_of
from sutazai_policy.rule import Category, Rule, Sees, Violation
from sutazai_policy.settings import HostField, PoolsField, Settings
from sutazai_policy.sums import cpu_requests, grouped, memory_requests, with_guests
from sutazai_policy.uncounted import uncounted
from sutazai_policy.units import cores_text, mib_text

__all__ = ["RULE"]


class PoolCapacitySettings(Settings):
    """The host that capacities scale to, and the pools."""

    host: HostField
    pools: PoolsField


def check(facts: Facts, settings: PoolCapacitySettings) -> Iterator[Violation]:
    """Judge each pool by the workloads that say they are in it; what is in none is a violation itself."""
    pools = pools_of(settings.pools, facts.surveyed)
    members = grouped(facts.claims, lambda claim: claim.pool)
    yield from _poolless(facts.claims, pools)
    yield from uncounted(facts.claims, "replicas", "CPU request", "memory request")
    for name, pool in pools.items():
        yield from _cpu(name, pool, members[name])
        guests, together = with_guests(name, pools, members)
        yield from _memory(name, pool, together, guests)


def _poolless(claims: Iterable[Claim], pools: Mapping[str, Pool]) -> Iterator[Violation]:
    left_out = [claim.name for claim in claims if claim.pool not in pools]
    if left_out:
        yield Violation(
            f"no pool holds {names(left_out)}, which {'is' if len(left_out) == 1 else 'are'} in no known one:"
            f" set the label sutazai.pool to one of {', '.join(pools)}, or describe the pool in pools"
        )


def _cpu(name: str, pool: Pool, claims: Sequence[Claim]) -> Iterator[Violation]:
    need = cpu_requests(claims)
    if need.total > pool.cpu:
        who = culprits(need.parts, cores_text)
        yield Violation(
            f"pool {name} requests {cores_text(need.total)} of {cores_text(pool.cpu, limit=True)} cores ({who}):"
            f" lower cpuShares, run fewer, or raise pools.{name}.cpu"
        )


def _memory(name: str, pool: Pool, claims: Sequence[Claim], guests: Sequence[str]) -> Iterator[Violation]:
    need = memory_requests(claims)
    if need.total > pool.memory:
        who = culprits(need.parts, mib_text)
        shared = f" with {', '.join(guests)}, which it shares its memory with," if guests else ""
        yield Violation(
            f"pool {name}{shared} requests {mib_text(need.total)} MiB"
            f" of {mib_text(pool.memory, limit=True)} MiB ({who}):"
            f" lower memoryReservation, run fewer, or raise pools.{name}.memory"
        )


RULE = Rule(
    name="pool-capacity",
    description="What a pool's containers request has to fit the pool, and the buffer that it may share.",
    category=Category.BUDGET,
    severity=Severity.HIGH,
    why=(
        "Pools 3 and 4 have one buffer of 5 GiB between them: each fits it alone, and both together may not."
        " Cores that a pool borrows are promised to it only as far as its capacity says."
    ),
    source="strategy: resource pools 1 to 4, tier 3 buffer",
    remediation=(
        "1. Read which pool is over, in what, and its largest parts.\n"
        "2. Lower those, run fewer of them, or queue them (one ML job at a time).\n"
        "3. A capacity is the operator's to raise: pools in policy/stacks.yaml or in --policy-pack-config."
    ),
    settings=PoolCapacitySettings,
    check=check,
    sees=Sees.HOST,
)
