"""Which networks a workload joins: each one once, by whichever of its names it is joined."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sutazai_policy import reading
from sutazai_policy.facts import NETWORK, Facts, Workload
from sutazai_policy.messages import told
from sutazai_policy.reading import Reading
from sutazai_policy.resource import Resource
from sutazai_policy.workload import Container

__all__ = ["DEFAULT_NETWORKS", "Joined", "Network", "joined"]

DEFAULT_NETWORKS = frozenset({"bridge", "default"})
_NO_NAMES = DEFAULT_NETWORKS | {"none", "host"}
# Docker takes the beginning of an id for the whole of it, so one network has many such names; Swarm's ids follow.
_IDENTIFIER = re.compile(r"[0-9a-f]{1,64}|[0-9a-z]{25}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Network:
    """One network: its Docker name, or its resource's URN while that has none; how to call it; whose it is."""

    key: str
    shown: str
    declared: bool = True

    @property
    def by_id(self) -> bool:
        """Whether it is joined by what looks like an id, and the stack declares no network with that."""
        return not self.declared and _IDENTIFIER.fullmatch(self.key) is not None


@dataclass(frozen=True, slots=True)
class Joined:
    """The networks that were found, and why others couldn't be, in words that follow the workload's name."""

    networks: tuple[Network, ...]
    problems: tuple[str, ...]


def joined(one: Workload, facts: Facts) -> Joined:
    """Return the networks that a workload joins by name or id, also where `networkMode` is a network's name.

    A name that is unknown yet stands for every `docker.Network` that it may come from.
    """
    found = tuple(_found(one, facts))
    networks = {network.key: network for network in found if isinstance(network, Network)}
    problems = dict.fromkeys(problem for problem in found if isinstance(problem, str))
    return Joined(tuple(networks.values()), tuple(problems))


def _found(one: Workload, facts: Facts) -> Iterator[Network | str]:
    where = "taskSpec.networksAdvanceds"
    if isinstance(one, Container):
        where = "networksAdvanced"
        mode = one.network_mode.value
        if mode is None or not _is_no_name(mode):
            yield from _resolved(one, "networkMode", one.network_mode, facts)
    if one.networks.problem is not None:
        yield f"has a {where} that {one.networks.problem}"
    for name in one.networks.value or ():
        yield from _resolved(one, where, name, facts)


def _is_no_name(mode: str) -> bool:
    return mode in _NO_NAMES or mode.startswith("container:")


def _resolved(one: Workload, where: str, name: Reading[str], facts: Facts) -> Iterator[Network | str]:
    if name.value is not None:
        source = facts.networks_by_name.get(name.value)
        yield _declared(source) if source else Network(name.value, told(name.value, name), declared=False)
    elif name.unknown:
        sources = facts.sources(one, where.partition(".")[0], NETWORK)
        yield from map(_declared, sources)
        if not sources:
            yield (
                f"has a {where} that is unknown until the update runs, and comes from no docker.Network"
                " of this stack: give the network's name, or declare it"
            )
    elif name.problem is not None:
        yield f"has a {where} that {name.problem}"


def _declared(source: Resource) -> Network:
    return Network(reading.text(source.properties, "name").value or source.urn, source.name)
