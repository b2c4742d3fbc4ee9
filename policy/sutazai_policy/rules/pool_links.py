"""pool-links: who may reach a service of another pool is declared, and nobody else is on its networks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Annotated

from pulumi_policy import Severity
from pydantic import Field

from sutazai_policy.exceptions import ExceptableSettings
from sutazai_policy.facts import Facts, Workload
from sutazai_policy.messages import names, told
from sutazai_policy.networks import Network, joined
from sutazai_policy.rule import Category, Rule, Violation

__all__ = ["RULE"]

_SHOWN = 5


class PoolLinksSettings(ExceptableSettings):
    """Who may reach whom beyond the own pool."""

    links: Annotated[
        dict[str, Sequence[str]],
        Field(
            default_factory=dict,
            description="The pools and services that may be on a network with a service of another pool, by that"
            " service's name. Default: none.",
        ),
    ]


def check(facts: Facts, settings: PoolLinksSettings) -> Iterator[Violation]:
    """Judge what will run: a container that is stopped joins nothing."""
    members: defaultdict[str, list[Workload]] = defaultdict(list)
    shown: dict[str, Network] = {}
    for one in facts.workloads:
        if not one.runs:
            continue
        found = joined(one, facts)
        yield from (Violation(f"{one.name} {problem}", one.urn) for problem in found.problems)
        for network in found.networks:
            members[network.key].append(one)
            shown[network.key] = network
            if network.by_id:
                yield _by_id(one, network)
    links = _Links(settings.links)
    for key, its in members.items():
        yield from _strangers(shown[key], its, links)


def _by_id(one: Workload, network: Network) -> Violation:
    return Violation(
        f"{one.name} joins a network by the id {network.shown}, which no docker.Network of this stack has:"
        " give the network's name",
        one.urn,
    )


# What links can tell one workload from another by: its pool and its service, if any link names them.
_Kind = tuple[str | None, str | None]


class _Links:
    """The links, asked by kind: however many workloads there are, links make few kinds of them."""

    def __init__(self, given: Mapping[str, Sequence[str]]) -> None:
        self._may_reach: dict[str | None, frozenset[str]] = {
            service: frozenset(those) for service, those in given.items()
        }
        self._named = frozenset(given).union(*given.values())

    def kind(self, one: Workload) -> _Kind:
        pool, service = one.labels.pool.value, one.service
        return (pool if pool in self._named else None, service if service in self._named else None)

    def allow(self, one: _Kind, other: _Kind) -> bool:
        return self._lets(one, other) or self._lets(other, one)

    def _lets(self, target: _Kind, who: _Kind) -> bool:
        return not self._may_reach.get(target[1], frozenset()).isdisjoint(who)


def _strangers(network: Network, members: Sequence[Workload], links: _Links) -> Iterator[Violation]:
    """Yield those of each pool who share the network with a larger pool's members without a link."""
    above: defaultdict[_Kind, list[str]] = defaultdict(list)
    for pool in _pools(members):
        kinds: defaultdict[_Kind, list[Workload]] = defaultdict(list)
        for one in pool:
            kinds[links.kind(one)].append(one)
        for kind, those in kinds.items():
            others = [theirs for other, theirs in above.items() if not links.allow(kind, other)]
            yield from (_stranger(one, network, others) for one in those if others)
        for kind, those in kinds.items():
            above[kind] += [one.name for one in those]


def _pools(members: Sequence[Workload]) -> list[list[Workload]]:
    """Return the members by pool, the largest first; who tells no pool is one by itself."""
    found: defaultdict[tuple[bool, str], list[Workload]] = defaultdict(list)
    for one in members:
        pool = one.labels.pool.value
        found[pool is None, one.urn if pool is None else pool].append(one)
    return [found[key] for key in sorted(found, key=lambda key: (-len(found[key]), key))]


def _stranger(one: Workload, network: Network, others: Sequence[Sequence[str]]) -> Violation:
    more = sum(map(len, others)) - _SHOWN
    pool = one.labels.pool
    return Violation(
        f"{one.name} ({'no pool' if pool.value is None else f'pool {told(pool.value, pool)}'}) is on the network"
        f" {network.shown} with {names(list(islice(chain.from_iterable(others), _SHOWN)))}"
        f"{f', +{more} more' if more > 0 else ''} of another pool, and no link allows it:"
        " take one of them off that network, or declare the link in links",
        one.urn,
    )


RULE = Rule(
    name="pool-links",
    description="Workloads of different pools have to have a declared link before they share a network.",
    category=Category.NETWORK,
    severity=Severity.HIGH,
    why=(
        "On one network everybody reaches everybody: an agent that was taken over reaches every database that it"
        " shares a network with. A declared link is small, and somebody has read it."
    ),
    source="strategy: pools and the links between them; CIS Docker Benchmark 2.2",
    remediation=(
        "1. Give each pool a network of its own, and each link one for its two ends.\n"
        "2. Declare the link: links: {service: [the pools or services that may reach it]}.\n"
        "3. Name networks in plain text, or by the output of a docker.Network of this stack."
    ),
    settings=PoolLinksSettings,
    check=check,
)
