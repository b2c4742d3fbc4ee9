"""What a stack registered, read into frozen values: the facts that rules judge.

Reading never fails and never guesses: each property is a `Reading`, so a rule sees what was registered, what
was left out, and what can't be read. What they *claim* of a host is for `claims` to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Protocol

from sutazai_policy import reading
from sutazai_policy.host import Host
from sutazai_policy.labels import Labels, read_labels
from sutazai_policy.reading import Reading

__all__ = ["Container", "Facts", "Resource", "Service", "read_facts"]

CONTAINER = "docker:index/container:Container"
SERVICE = "docker:index/service:Service"

_URN = re.compile(r"urn:pulumi:(?P<stack>[^:]+)::")
# What a property that the provider doesn't know was probably meant to be.
_MISSPELT = {
    "cpu_set": "cpuSet",
    "cpu_shares": "cpuShares",
    "memory_swap": "memorySwap",
    "memory_reservation": "memoryReservation",
    "cgroup_parent": "cgroupParent",
    "must_run": "mustRun",
}


class Resource(Protocol):
    """The part of a `pulumi_policy.PolicyResource` that is read."""

    resource_type: str
    props: Mapping[str, Any]
    urn: str
    name: str


@dataclass(frozen=True, slots=True)
class Container:
    """A registered `docker.Container`; memory in MB, as the provider takes it."""

    name: str
    urn: str
    docker_name: Reading[str]
    labels: Labels
    cpu_set: Reading[int]
    cpu_shares: Reading[int]
    cpus: Reading[Fraction]
    memory: Reading[int]
    memory_swap: Reading[int]
    memory_reservation: Reading[int]
    cgroup_parent: Reading[str]
    start: Reading[bool]
    must_run: Reading[bool]
    restart: Reading[str]
    misspelt: tuple[tuple[str, str], ...]
    properties: Mapping[str, Any] = field(repr=False, compare=False)

    @property
    def runs(self) -> bool:
        """Whether the container will run; only one that is plainly declared stopped won't."""
        stopped = self.start.value is False and self.must_run.value is False
        return not (stopped and self.restart in (Reading(), Reading("no")))


@dataclass(frozen=True, slots=True)
class Service:
    """A registered Swarm `docker.Service`; memory in bytes, CPU in nano-CPUs, as the provider takes them."""

    name: str
    urn: str
    docker_name: Reading[str]
    labels: Labels
    replicas: Reading[int]
    reserved_cpu: Reading[int]
    reserved_memory: Reading[int]
    limit_cpu: Reading[int]
    limit_memory: Reading[int]
    properties: Mapping[str, Any] = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Facts:
    """All that the rules may judge a stack by."""

    stack: str | None
    containers: tuple[Container, ...]
    services: tuple[Service, ...]
    host: Host | None = None


def read_facts(resources: Iterable[Resource]) -> Facts:
    """Read the stack's containers and services, in the order of their URNs (the engine's order varies)."""
    ordered = sorted(resources, key=lambda resource: resource.urn)
    return Facts(
        stack=_stack_name(ordered),
        containers=tuple(_container(r) for r in ordered if r.resource_type == CONTAINER),
        services=tuple(_service(r) for r in ordered if r.resource_type == SERVICE),
    )


def _stack_name(resources: Sequence[Resource]) -> str | None:
    """Take the stack's name from a URN: the engine makes those, on every host and in every mode."""
    matches = (_URN.match(resource.urn) for resource in resources)
    return next((match["stack"] for match in matches if match), None)


def _container(resource: Resource) -> Container:
    props = resource.props
    return Container(
        name=resource.name,
        urn=resource.urn,
        docker_name=reading.text(props, "name"),
        labels=read_labels(reading.items(props, "labels")),
        cpu_set=reading.core_set(props, "cpuSet"),
        cpu_shares=reading.whole(props, "cpuShares"),
        cpus=reading.cpus(props, "cpus"),
        memory=reading.whole(props, "memory"),
        memory_swap=reading.whole(props, "memorySwap", least=-1),
        memory_reservation=reading.whole(props, "memoryReservation"),
        cgroup_parent=reading.text(props, "cgroupParent"),
        start=reading.flag(props, "start"),
        must_run=reading.flag(props, "mustRun"),
        restart=reading.text(props, "restart"),
        misspelt=tuple((key, _MISSPELT[key]) for key in sorted(_MISSPELT.keys() & set(props))),
        properties=props,
    )


def _service(resource: Resource) -> Service:
    props = resource.props
    task = reading.nested(props, "taskSpec")
    resources = task.then(lambda found: reading.nested(found, "resources"))
    reserved = resources.then(lambda found: reading.nested(found, "reservation"))
    limits = resources.then(lambda found: reading.nested(found, "limits"))
    inner = task.then(lambda found: reading.nested(found, "containerSpec"))
    return Service(
        name=resource.name,
        urn=resource.urn,
        docker_name=reading.text(props, "name"),
        labels=read_labels(
            reading.items(props, "labels"), inner.then(lambda found: reading.items(found, "labels"))
        ),
        replicas=reading.nested(props, "mode").then(_replicas),
        reserved_cpu=reserved.then(lambda found: reading.whole(found, "nanoCpus")),
        reserved_memory=reserved.then(lambda found: reading.whole(found, "memoryBytes")),
        limit_cpu=limits.then(lambda found: reading.whole(found, "nanoCpus")),
        limit_memory=limits.then(lambda found: reading.whole(found, "memoryBytes")),
        properties=props,
    )


def _replicas(mode: Mapping[str, Any]) -> Reading[int]:
    """Read how many tasks run on one host: a global service has one on each."""
    everywhere = reading.flag(mode, "global")
    if everywhere.problem is not None:
        return Reading(problem=everywhere.problem)
    if everywhere.value:
        return Reading(1)
    return reading.nested(mode, "replicated").then(lambda found: reading.whole(found, "replicas"))
