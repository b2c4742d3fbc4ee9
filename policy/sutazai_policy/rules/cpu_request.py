"""cpu-request: every workload says how much CPU it needs, and no more than it can have."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from pulumi_policy import Severity

from sutazai_policy.claims import LEAST_SHARES
from sutazai_policy.exceptions import ExceptableSettings
from sutazai_policy.facts import Container, Facts, Service
from sutazai_policy.messages import told
from sutazai_policy.rule import Category, Rule, Violation
from sutazai_policy.units import CORE, NANO_CPU, SHARE, cores_text

__all__ = ["RULE"]

_LEAST_NANO_CPUS = 10**6


class CpuRequestSettings(ExceptableSettings):
    """Nothing but exceptions."""


def check(facts: Facts, _settings: CpuRequestSettings) -> Iterator[Violation]:
    """Judge all workloads, whether they are to run or not."""
    for container in facts.containers:
        for problem in _of_container(container):
            yield Violation(f"{container.name} {problem}", container.urn)
    for service in facts.services:
        for problem in _of_service(service):
            yield Violation(f"{service.name} {problem}", service.urn)


def _of_container(one: Container) -> Iterator[str]:
    if one.cpus.problem is not None:
        yield f"has a cpus that {one.cpus.problem}"
    shares = one.cpu_shares
    if shares.problem is not None:
        yield f"has a cpuShares that {shares.problem}"
    elif not shares.value:
        yield "has no cpuShares, so Docker gives it 1024, a whole core: set 1024 x the cores that it requests"
    elif shares.value < LEAST_SHARES:
        yield f"has {told(shares.value, shares)} cpuShares of at least {LEAST_SHARES}: raise them"
    else:
        yield from _beyond_its_own(one, shares.value)


def _beyond_its_own(one: Container, shares: int) -> Iterator[str]:
    request = f"requests {told(cores_text(shares * SHARE), one.cpu_shares)} cores (cpuShares / 1024)"
    if one.cpu_set.value and shares * SHARE > one.cpu_set.value.bit_count() * CORE:
        count = told(one.cpu_set.value.bit_count(), one.cpu_set)
        yield f"{request} of the {count} in its cpuSet: lower cpuShares, or give it more cores"
    if one.cpus.value and Fraction(shares, 1024) > one.cpus.value:
        most = told(f"{float(one.cpus.value):g}", one.cpus)
        yield f"{request} and may use {most} (cpus): lower cpuShares, or raise cpus"


def _of_service(one: Service) -> Iterator[str]:
    for key, found in (("reservation.nanoCpus", one.reserved_cpu), ("limits.nanoCpus", one.limit_cpu)):
        if found.problem is not None:
            yield f"has a {key} that {found.problem}"
        elif not found.value:
            yield f"has no {key}: set it in taskSpec.resources"
        elif found.value < _LEAST_NANO_CPUS:
            yield f"has a {key} of {told(found.value, found)} of at least {_LEAST_NANO_CPUS}: raise it"
    request, limit = one.reserved_cpu.value, one.limit_cpu.value
    if request and limit and request > limit:
        yield (
            f"reserves {told(cores_text(request * NANO_CPU), one.reserved_cpu)} cores"
            f" of its {told(cores_text(limit * NANO_CPU, limit=True), one.limit_cpu)}:"
            " lower reservation.nanoCpus, or raise limits.nanoCpus"
        )


RULE = Rule(
    name="cpu-request",
    description="Every container has to request its CPU, and no more than its own cores and limit hold.",
    category=Category.SHAPE,
    severity=Severity.HIGH,
    why=(
        "Under load, CPU is divided by these weights: without one, a small agent gets as much as a database."
        " A request that its own cores or limit can't hold takes from a sum what nobody can use."
    ),
    source="strategy: resource requests; CIS Docker Benchmark 5.12; KICS: Cpus Not Limited",
    remediation=(
        "1. Set cpuShares to 1024 x the cores that the container requests, at least 2.\n"
        "2. Of a Swarm service, set reservation.nanoCpus and limits.nanoCpus in taskSpec.resources.\n"
        "3. Keep the request within cpuSet and cpus, or within the service's limit."
    ),
    settings=CpuRequestSettings,
    check=check,
    alone=True,
)
