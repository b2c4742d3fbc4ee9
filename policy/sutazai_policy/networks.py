"""Which networks a workload joins: each one once, by whichever of its names it is joined."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sutazai_policy.facts import NETWORK, Facts, Workload
from sutazai_policy.messages import told
from sutazai_policy.reading import Reading
from sutazai_policy.workload import Container

__all__ = ["DEFAULT_NETWORKS", "Joined", "Network", "joined"]

DEFAULT_NETWORKS = frozenset({"bridge", "default"})
_NO_NAMES = DEFAULT_NETWORKS | {"none", "host"}


@dataclass(frozen=True, slots=True)
class Network:
    """One network: its resource's URN, or its Docker name where the stack declares none; and how to call it."""

    key: str
    shown: str


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
        if not _is_no_name(one.network_mode.value or ""):
            yield from _resolved(one, "networkMode", one.network_mode, facts)
    if one.networks.problem is not None:
        yield f"has a {where} that {one.networks.problem}"
    for given in one.networks.value or ():
        name = Reading(given.value, given.problem, secret=given.secret or one.networks.secret)
        yield from _resolved(one, where, name, facts)


def _is_no_name(mode: str) -> bool:
    return mode in _NO_NAMES or mode.startswith("container:")


def _resolved(one: Workload, where: str, name: Reading[str], facts: Facts) -> Iterator[Network | str]:
    if name.value is not None:
        source = facts.networks_by_name.get(name.value)
        yield Network(source.urn, source.name) if source else Network(name.value, told(name.value, name))
    elif name.unknown:
        sources = facts.sources(one, where.partition(".")[0], NETWORK)
        yield from (Network(source.urn, source.name) for source in sources)
        if not sources:
            yield (
                f"has a {where} that is unknown until the update runs, and comes from no docker.Network"
                " of this stack: give the network's name, or declare it"
            )
    elif name.problem is not None:
        yield f"has a {where} that {name.problem}"
