"""sysctls: a workload sets no kernel parameters but those that are its own and harmless."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from typing import Annotated

from pulumi_policy import Severity
from pydantic import Field

from sutazai_policy import reading
from sutazai_policy.exceptions import ExceptableSettings
from sutazai_policy.facts import Container, Facts, Workload
from sutazai_policy.messages import names
from sutazai_policy.parts import problems, readable, shown
from sutazai_policy.reading import Reading
from sutazai_policy.rule import Category, Rule, Violation

__all__ = ["RULE"]

# Kubernetes' safe set as of 1.32, and one that web servers want: each belongs to a network or IPC namespace.
_SAFE = frozenset(
    {
        "kernel.shm_rmid_forced",
        "net.core.somaxconn",
        "net.ipv4.ip_local_port_range",
        "net.ipv4.ip_local_reserved_ports",
        "net.ipv4.ip_unprivileged_port_start",
        "net.ipv4.ping_group_range",
        "net.ipv4.tcp_fin_timeout",
        "net.ipv4.tcp_keepalive_intvl",
        "net.ipv4.tcp_keepalive_probes",
        "net.ipv4.tcp_keepalive_time",
        "net.ipv4.tcp_rmem",
        "net.ipv4.tcp_syncookies",
        "net.ipv4.tcp_wmem",
    }
)
# Docker takes sysctls as an option of a network's endpoint, too.
_ENDPOINT = "com.docker.network.endpoint.sysctls"


class SysctlsSettings(ExceptableSettings):
    """Which sysctls beside the safe ones may be set."""

    allowed: Annotated[
        Sequence[str],
        Field(
            default_factory=tuple,
            description="Sysctls that may be set beside those that Kubernetes calls safe, and net.core.somaxconn."
            " Default: none.",
        ),
    ]


def check(facts: Facts, settings: SysctlsSettings) -> Iterator[Violation]:
    """Judge every workload, also one that is stopped: it may be started."""
    allowed = _SAFE.union(settings.allowed)
    for one in facts.workloads:
        for problem in (*_own(one, allowed), *_endpoints(one, allowed)):
            yield Violation(f"{one.name} {problem}", one.urn)


def _own(one: Workload, allowed: Set[str]) -> Iterator[str]:
    if isinstance(one, Container):
        key, found = "sysctls", reading.table(one.properties, "sysctls")
    else:
        key, found = "sysctl", one.spec.then(lambda spec: reading.table(spec, "sysctl"))
    if found.value is None:
        yield from () if found.absent else (f"has a {key} that {found.problem}",)
        return
    yield from _others(found.value, key, allowed, secret=found.secret)
    for name, value in found.value.items():
        if value.problem is not None:
            yield f"sets {shown(name, secret=found.secret)} to a value that {value.problem}"


def _others(given: Iterable[str], key: str, allowed: Set[str], *, secret: bool) -> Iterator[str]:
    others = [shown(name, secret=secret) for name in given if name not in allowed]
    if others:
        yield f"sets {names(others)}: remove from its {key} what isn't its own, or name it in allowed"


def _endpoints(one: Workload, allowed: Set[str]) -> Iterator[str]:
    networks = one.network_entries
    key = "networksAdvanced" if isinstance(one, Container) else "networksAdvanceds"
    yield from (f"has a {key} that {problem}" for problem in problems(networks))
    for network in readable(networks):
        options = reading.texts(network, "driverOpts")
        if not options.absent:
            yield from _endpoint(options, allowed)


def _endpoint(options: Reading[tuple[Reading[str], ...]], allowed: Set[str]) -> Iterator[str]:
    yield from (f"has a driverOpts that {problem}" for problem in problems(options))
    for one in options.value or ():
        key, _, value = (one.value or "").partition("=")
        if key.strip().casefold() == _ENDPOINT:
            yield from _others(map(_name, value.split(",")), "driverOpts", allowed, secret=one.secret)


def _name(assignment: str) -> str:
    return assignment.partition("=")[0].strip()


RULE = Rule(
    name="sysctls",
    description="A container has to leave the kernel's parameters alone, but for safe ones of its own namespaces.",
    category=Category.SECURITY,
    severity=Severity.HIGH,
    why=(
        "Most kernel parameters are the host's: one container's wish would change every other one, weaken the"
        " host's network, or take memory that no limit counts."
    ),
    source="Kubernetes: safe sysctls; Docker's source: com.docker.network.endpoint.sysctls",
    remediation=(
        "1. Remove it, if the program runs without.\n"
        "2. If all of the host needs it (vm.max_map_count, say), set it on the host, in /etc/sysctl.d.\n"
        "3. If it is the container's namespace's own, name it in this rule's allowed."
    ),
    settings=SysctlsSettings,
    check=check,
    alone=True,
)
