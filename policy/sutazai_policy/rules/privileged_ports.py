"""privileged-ports: no container takes a port that the host's own services are known by."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated

from pulumi_policy import Severity
from pydantic import Field

from sutazai_policy.exceptions import ExceptableSettings
from sutazai_policy.facts import Facts, Workload
from sutazai_policy.messages import told
from sutazai_policy.parts import problems, readable
from sutazai_policy.rule import Category, Rule, Violation
from sutazai_policy.workload import Container

__all__ = ["RULE"]

_FIRST_FREE = 1024


class PrivilegedPortsSettings(ExceptableSettings):
    """The ports that may be taken all the same."""

    allowed: Annotated[
        Sequence[Annotated[int, Field(ge=1, lt=_FIRST_FREE)]],
        Field(description="Host ports below 1024 that may be published. Default: none."),
    ] = ()


def check(facts: Facts, settings: PrivilegedPortsSettings) -> Iterator[Violation]:
    """Judge all workloads; port 0, or none, lets Docker choose one far above."""
    allowed = frozenset(settings.allowed)
    for one in facts.workloads:
        for problem in _problems(one, allowed):
            yield Violation(f"{one.name} {problem}", one.urn)


def _problems(one: Workload, allowed: frozenset[int]) -> Iterator[str]:
    ports, number = (
        ("ports", "external") if isinstance(one, Container) else ("endpointSpec.ports", "publishedPort")
    )
    yield from (f"has a {ports} that {problem}" for problem in problems(one.ports))
    for port in readable(one.ports):
        host = port.host
        if host.problem is not None:
            yield f"has a {ports}[].{number} that {host.problem}"
        elif host.value and host.value < _FIRST_FREE and host.value not in allowed:
            yield (
                f"publishes host port {told(host.value, host)}, below {_FIRST_FREE}:"
                f" set {ports}[].{number} to one from {_FIRST_FREE} up, or name it in allowed"
            )


RULE = Rule(
    name="privileged-ports",
    description="Published ports have to be 1024 or above: those below are for the host's own services.",
    category=Category.NETWORK,
    severity=Severity.MEDIUM,
    why=(
        "Only root may open a port below 1024, and clients trust what answers there; Docker opens it for whoever"
        " may start a container. It also takes the port from the host's own SSH, DNS or web server."
    ),
    source="CIS Docker Benchmark 5.8; KICS: Privileged Ports Mapped In Container",
    remediation=(
        "1. Publish a port from 1024 up; a proxy or a firewall of the host can lead there.\n"
        "2. If it is the host's web server, name its ports in allowed: 80, 443."
    ),
    settings=PrivilegedPortsSettings,
    check=check,
    alone=True,
)
