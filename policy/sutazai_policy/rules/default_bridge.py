"""default-bridge: nobody is on the network that every other container of the host may be on."""

from __future__ import annotations

from collections.abc import Iterator

from pulumi_policy import Severity

from sutazai_policy.exceptions import ExceptableSettings
from sutazai_policy.facts import Facts, Workload
from sutazai_policy.networks import DEFAULT_NETWORKS, joined
from sutazai_policy.rule import Category, Rule, Violation
from sutazai_policy.workload import Container

__all__ = ["RULE"]


class DefaultBridgeSettings(ExceptableSettings):
    """Nothing but exceptions."""


def check(facts: Facts, _settings: DefaultBridgeSettings) -> Iterator[Violation]:
    """Judge all workloads, those that are stopped too: whoever starts one doesn't ask again."""
    for one in facts.workloads:
        for problem in _problems(one, facts):
            yield Violation(f"{one.name} {problem}", one.urn)


def _problems(one: Workload, facts: Facts) -> Iterator[str]:
    found = joined(one, facts)
    yield from found.problems
    if not found.networks and not found.problems and _takes_the_default(one):
        yield _advice(one, "is on Docker's default bridge, where every container reaches every other")
    if any(network.key in DEFAULT_NETWORKS for network in found.networks):
        yield _advice(one, "joins Docker's default bridge by its name")


def _takes_the_default(one: Workload) -> bool:
    """A service's tasks have no mode: without a network they are on the bridge of whatever machine they run on."""
    if not isinstance(one, Container):
        return True
    return one.network_mode.absent or one.network_mode.value in DEFAULT_NETWORKS


def _advice(one: Workload, problem: str) -> str:
    if isinstance(one, Container):
        return f"{problem}: name a network of the stack in networksAdvanced, or set networkMode to none"
    return f"{problem}: name a network of the stack in taskSpec.networksAdvanceds"


RULE = Rule(
    name="default-bridge",
    description="Every workload has to be on networks of its own stack, or on none.",
    category=Category.NETWORK,
    severity=Severity.HIGH,
    why=(
        "Docker's default bridge holds whatever names no network, of every stack on the host; all of it reaches"
        " each other by address. Services aren't found by name there, either."
    ),
    source="CIS Docker Benchmark 2.2, 5.30; KICS: Networks Not Set; provider: decision 11",
    remediation=(
        "1. Declare a docker.Network for the pool, and name it in networksAdvanced (taskSpec.networksAdvanceds).\n"
        "2. What needs no network has networkMode none.\n"
        "3. Leave networkMode at bridge beside networksAdvanced: the provider takes the container off the bridge."
    ),
    settings=DefaultBridgeSettings,
    check=check,
    alone=True,
)
