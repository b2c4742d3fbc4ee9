"""host-namespaces: a workload has namespaces of its own, neither the host's nor another container's."""

from __future__ import annotations

from collections.abc import Iterator, Set

from pulumi_policy import Severity

from sutazai_policy import reading
from sutazai_policy.exceptions import ExceptableSettings
from sutazai_policy.facts import NETWORK, Container, Facts, Workload
from sutazai_policy.parts import shown
from sutazai_policy.reading import Reading
from sutazai_policy.resource import Resource
from sutazai_policy.rule import Category, Rule, Violation

__all__ = ["RULE"]

# What each property gives a container of its own.
_MODES = {
    "networkMode": "network",
    "pidMode": "processes",
    "ipcMode": "shared memory",
    "usernsMode": "user ids",
    "cgroupnsMode": "cgroups",
}
_HOST = "host"
_NETWORKS = {"container": "networksAdvanced", "service": "taskSpec.networksAdvanceds"}


class HostNamespacesSettings(ExceptableSettings):
    """Nothing but exceptions."""


def check(facts: Facts, _settings: HostNamespacesSettings) -> Iterator[Violation]:
    """Judge every workload, also one that is stopped: it may be started."""
    hosts = {name for name, network in facts.networks_by_name.items() if _is_the_hosts(network)}
    for one in facts.workloads:
        for problem in (*_modes(one), *_networks(one, hosts, facts)):
            yield Violation(f"{one.name} {problem}", one.urn)


def _modes(one: Workload) -> Iterator[str]:
    if isinstance(one, Container):
        for key, what in _MODES.items():
            mode = reading.text(one.properties, key)
            if not mode.absent:
                yield from _mode(mode, key, what)


def _mode(mode: Reading[str], key: str, what: str) -> Iterator[str]:
    if mode.value is None:
        yield f"has a {key} that {mode.problem}"
        return
    plain, told = _plain(mode.value), shown(mode.value, secret=mode.secret)
    if plain == _HOST:
        yield f"shares the host's {what} ({key} {told}): remove {key}"
    elif plain.startswith("container:"):
        yield f"shares another container's {what} ({key} {told}): remove {key}, and talk over a network"
    elif key == "ipcMode" and plain == "shareable":
        yield f"lets other containers into its {what} ({key} {told}): remove {key}"


def _networks(one: Workload, hosts: Set[str], facts: Facts) -> Iterator[str]:
    """Judge the networks that are joined; one that the stack is yet to make is none of the host's."""
    where = _NETWORKS[one.kind]
    if one.networks.problem is not None:
        yield f"has a {where} that {one.networks.problem}"
    for given in one.networks.value or ():
        sources = facts.sources(one, where.partition(".")[0], NETWORK) if given.unknown else ()
        if given.problem is not None and not sources:
            yield f"has a {where} that {given.problem}"
        elif given.value is not None and (_plain(given.value) == _HOST or given.value in hosts):
            yield f"joins the host's network ({where}): name one of the stack's own"
        elif any(map(_is_the_hosts, sources)):
            yield f"may join the host's network ({where}): name one of the stack's own"


def _is_the_hosts(network: Resource) -> bool:
    return _plain(reading.text(network.properties, "name").value or "") == _HOST


def _plain(value: str) -> str:
    return value.strip().casefold()


RULE = Rule(
    name="host-namespaces",
    description="A container has to have namespaces of its own, not the host's or another container's.",
    category=Category.SECURITY,
    severity=Severity.HIGH,
    why=(
        "In the host's namespaces a container sees the host's processes, memory and network as a program that runs"
        " on the host does; in another container's it passes by every network and limit between the two."
    ),
    source=(
        "CIS Docker Benchmark 5.10, 5.16, 5.17, 5.31; KICS: Host Namespace is Shared,"
        " Shared Host Network Namespace, Shared Host IPC Namespace, Shared Host User Namespace"
    ),
    remediation=(
        "1. Remove the property: Docker then makes a namespace of the container's own.\n"
        "2. Publish its ports on 127.0.0.1, and join other containers by a network (networksAdvanced).\n"
        "3. What watches the host itself, such as node-exporter, is excepted by name."
    ),
    settings=HostNamespacesSettings,
    check=check,
    alone=True,
)
