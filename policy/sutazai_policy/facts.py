"""What a stack registered, read into values that don't change: the facts that rules judge.

What workloads *claim* of a host is for `claims` to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from sutazai_policy import reading
from sutazai_policy.claims import Claim, read_claims
from sutazai_policy.host import Host
from sutazai_policy.resource import Resource
from sutazai_policy.workload import Container, Service, Workload

__all__ = ["Container", "ExceptionUse", "Facts", "Service", "Workload", "read_facts"]

CONTAINER = "docker:index/container:Container"
SERVICE = "docker:index/service:Service"
VOLUME = "docker:index/volume:Volume"
NETWORK = "docker:index/network:Network"
REMOTE_IMAGE = "docker:index/remoteImage:RemoteImage"

_URN = re.compile(r"urn:pulumi:(?P<stack>[^:]+)::")


@dataclass(frozen=True, slots=True)
class ExceptionUse:
    """An exception in force, and whether there is anything that it excepts."""

    rule: str
    service: str
    reason: str
    expires: date
    used: bool


@dataclass(frozen=True)
class Facts:
    """All that the rules may judge a stack by; resources are in the order of their URNs."""

    stack: str | None
    containers: tuple[Container, ...]
    services: tuple[Service, ...]
    resources: tuple[Resource, ...] = ()
    host: Host | None = field(default=None, compare=False)
    exceptions: tuple[ExceptionUse, ...] = ()

    @cached_property
    def workloads(self) -> tuple[Workload, ...]:
        """Containers, then services."""
        return (*self.containers, *self.services)

    @cached_property
    def claims(self) -> tuple[Claim, ...]:
        """What everything that will run claims of the host."""
        return read_claims(self.containers, self.services)

    @property
    def surveyed(self) -> Host:
        """The host, for rules that say that they judge by one."""
        if self.host is None:
            raise ValueError("judged by a host that nobody looked at")
        return self.host

    def of_type(self, kind: str) -> tuple[Resource, ...]:
        """Return the resources of one type."""
        return tuple(one for one in self.resources if one.type == kind)

    @cached_property
    def _by_urn(self) -> Mapping[str, Resource]:
        return {one.urn: one for one in self.resources}

    def sources(self, one: Workload | Resource, key: str, kind: str) -> tuple[Resource, ...]:
        """Return the resources of a type that a property's value comes from: what an unknown value will name."""
        resource = one if isinstance(one, Resource) else one.resource
        found = (self._by_urn.get(urn) for urn in resource.depends.get(key, ()))
        return tuple(source for source in found if source is not None and source.type == kind)

    @cached_property
    def networks_by_name(self) -> Mapping[str, Resource]:
        """The stack's networks, by the name and by the id that Docker knows them by."""
        found: dict[str, Resource] = {}
        for one in self.of_type(NETWORK):
            for key in ("name", "id"):
                name = reading.text(one.properties, key).value
                if name:
                    found.setdefault(name, one)
        return found


def read_facts(resources: Iterable[Resource]) -> Facts:
    """Read the stack's resources, in the order of their URNs (the engine's order varies)."""
    ordered = tuple(sorted(resources, key=lambda resource: resource.urn))
    return Facts(
        stack=_stack_name(ordered),
        containers=tuple(Container(one) for one in ordered if one.type == CONTAINER),
        services=tuple(Service(one) for one in ordered if one.type == SERVICE),
        resources=ordered,
    )


def _stack_name(resources: Sequence[Resource]) -> str | None:
    """Take the stack's name from a URN: the engine makes those, on every host and in every mode."""
    matches = (_URN.match(resource.urn) for resource in resources)
    return next((match["stack"] for match in matches if match), None)
