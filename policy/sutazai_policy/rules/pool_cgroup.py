"""pool-cgroup: a container lies in the cgroup of the pool that its label names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pulumi_policy import Severity
from pydantic import Field

from sutazai_policy.cgroups import PoolCgroups
from sutazai_policy.exceptions import ExceptableSettings
from sutazai_policy.facts import Container, Facts
from sutazai_policy.parts import shown
from sutazai_policy.quotas import pool_cgroups
from sutazai_policy.rule import Category, Rule, Sees, Violation
from sutazai_policy.settings import HostField, PoolCgroupsField

__all__ = ["RULE"]

_OUTSIDE = "is in no cgroup, so nothing holds its pool together"
_PLACE = "set cgroupParent to its pool's (`sutazai host prepare` makes it)"
_SWARM = "make it a container: Swarm has no cgroupParent"


class PoolCgroupSettings(ExceptableSettings):
    """The cgroups that the host's preparation makes, and whether containers have to be in one."""

    host: HostField
    pool_cgroups: PoolCgroupsField
    cgroup_required: Annotated[
        bool,
        Field(description="Whether every container that runs has to be in its pool's cgroup. Default: false."),
    ] = False


def check(facts: Facts, settings: PoolCgroupSettings) -> Iterator[Violation]:
    """Judge containers by where they say they are; Swarm's tasks can't be placed in a cgroup."""
    cgroups = pool_cgroups(settings.pool_cgroups, facts.surveyed, facts.stack)
    for one in facts.containers:
        problem = _problem(one, cgroups, required=settings.cgroup_required)
        if problem:
            yield Violation(f"{one.name} {problem}", one.urn)
    if settings.cgroup_required:
        for service in facts.services:
            if service.runs:
                yield Violation(f"{service.name} {_OUTSIDE}: {_SWARM}", service.urn)


def _problem(one: Container, cgroups: PoolCgroups, *, required: bool) -> str | None:
    parent, pool = one.cgroup_parent, one.labels.pool
    if parent.problem is not None:
        return f"has a cgroupParent that {parent.problem}"
    if parent.value is None:
        return f"{_OUTSIDE}: {_PLACE}" if required and one.runs else None
    holder, where = cgroups.pool_of(parent.value), shown(parent.value, secret=parent.secret)
    if cgroups.unprepared(parent.value):
        return (
            f"has the cgroupParent {where}, which this host lacks, or limits to more memory than pool_cgroups"
            " says: run `sutazai host prepare`"
        )
    if holder is None:
        return (
            f"has the cgroupParent {where}, which no preparation of the host limits: Docker makes it"
            " without a limit: use its pool's, or list it in pool_cgroups"
        )
    if holder in (pool.value, parent.value):
        return None
    said = f"pool {shown(pool.value, secret=pool.secret)}" if pool.value else "no known pool"
    return f"says that it is in {said}, and its cgroupParent {where} is that of pool {holder}: make the two agree"


RULE = Rule(
    name="pool-cgroup",
    description="A container's parent cgroup has to be that of the pool which its label names.",
    category=Category.BUDGET,
    severity=Severity.HIGH,
    why=(
        "Shares act inside a cgroup: a container in another pool's cgroup takes that pool's weight and memory."
        " Docker makes a cgroup that nobody prepared without any limit, so its name promises nothing."
    ),
    source="architecture: pool cgroups, weights at two levels",
    remediation=(
        "1. Set cgroupParent to its own pool's: /sutazai/STACK/POOL, or sutazai-STACK-POOL.slice with systemd.\n"
        "2. If the label is wrong, correct the label.\n"
        "3. Trust a cgroup of your own by its full name in pool_cgroups, with the memory that it is limited to."
    ),
    settings=PoolCgroupSettings,
    check=check,
    sees=Sees.HOST,
)
