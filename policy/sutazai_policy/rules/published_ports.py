"""published-ports: only gateways are reached from outside the host."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from ipaddress import ip_address, ip_network
from typing import Annotated

from pulumi_policy import Severity
from pydantic import Field

from sutazai_policy import reading
from sutazai_policy.exceptions import ExceptableSettings
from sutazai_policy.facts import Facts, Workload
from sutazai_policy.messages import told
from sutazai_policy.parts import Port, problems, readable
from sutazai_policy.replicas import names_of
from sutazai_policy.rule import Category, Rule, Violation
from sutazai_policy.workload import Container

__all__ = ["RULE"]

_LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1/128"))


class PublishedPortsSettings(ExceptableSettings):
    """Who may be reached from outside."""

    gateways: Annotated[
        Sequence[str],
        Field(description="Workloads that may publish ports on every address, by name. Default: none."),
    ] = ()


def check(facts: Facts, settings: PublishedPortsSettings) -> Iterator[Violation]:
    """Judge all workloads, those that are stopped too: whoever starts one doesn't ask again."""
    # By the resource's name: its labels would be its own word for it.
    gateways = frozenset(settings.gateways)
    for one in facts.workloads:
        for problem in _problems(one, is_gateway=not gateways.isdisjoint(names_of(one.name))):
            yield Violation(f"{one.name} {problem}", one.urn)


def _problems(one: Workload, *, is_gateway: bool) -> Iterator[str]:
    yield from _all_at_once(one)
    if is_gateway:
        return
    where = "ports" if isinstance(one, Container) else "endpointSpec.ports"
    yield from (f"has a {where} that {problem}" for problem in problems(one.ports))
    for port in readable(one.ports):
        yield from _container_port(port) if isinstance(one, Container) else _service_port(port)


def _all_at_once(one: Workload) -> Iterator[str]:
    """A gateway names its ports, too: an image may expose more than its author knows."""
    given = reading.flag(one.properties, "publishAllPorts")
    if given.problem is not None:
        yield f"has a publishAllPorts that {given.problem}"
    elif given.value:
        yield (
            "publishes every port that its image exposes on 0.0.0.0, all of the host's addresses:"
            " leave publishAllPorts out, and name in ports what has to be reached"
        )


def _container_port(port: Port) -> Iterator[str]:
    address = port.address
    if address.value is None:
        yield f"has a ports[].ip that {address.problem}"
        return
    where = _reached_at(address.value)
    if where is not None:
        yield (
            f"publishes {_named(port)} on {told(address.value, address)}, {where}:"
            " set ports[].ip to 127.0.0.1, or name it in gateways"
        )


def _reached_at(address: str) -> str | None:
    """Say who can reach an address, if it isn't the host alone; only what Docker reads as an address is one."""
    try:
        found = ip_address(address.replace("%", " "))  # Docker takes no zone after an address, Python does
    except ValueError:
        return "which is no address"
    if any(found in network for network in _LOOPBACK):
        return None
    return "all of the host's addresses" if found.is_unspecified else "which others can reach"


def _service_port(port: Port) -> Iterator[str]:
    yield (
        f"publishes {_named(port)} on all addresses of every host, as Swarm does:"
        " leave endpointSpec.ports out, or name it in gateways"
    )


def _named(port: Port) -> str:
    """Name a port by its number on the host, or by the container's where Docker chooses one on the host."""
    given = port.host if port.host.value else port.container
    return "a port" if given.value is None else f"port {told(given.value, given)}"


RULE = Rule(
    name="published-ports",
    description="Only gateways publish ports to everybody: others have to do so on loopback, or not at all.",
    category=Category.NETWORK,
    severity=Severity.HIGH,
    why=(
        "The provider publishes on 0.0.0.0 where no address is given, and Docker opens the host's firewall for it."
        " A database is on the Internet that way, and nobody meant it."
    ),
    source=(
        "CIS Docker Benchmark 5.9, 5.14; KICS: Container Traffic Not Bound To Host Interface;"
        " provider: decision 11"
    ),
    remediation=(
        "1. Leave ports out where other containers are the only ones to reach it: a common network is enough.\n"
        "2. Set ports[].ip to 127.0.0.1 for what is reached from the host itself.\n"
        "3. Name what is meant to be reached from outside in gateways."
    ),
    settings=PublishedPortsSettings,
    check=check,
    alone=True,
)
