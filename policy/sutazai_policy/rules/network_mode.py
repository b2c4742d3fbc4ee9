"""network-mode: who joins networks says so in the mode that the provider needs for it."""

from __future__ import annotations

from collections.abc import Iterator

from pulumi_policy import Severity

from sutazai_policy import reading
from sutazai_policy.exceptions import ExceptableSettings
from sutazai_policy.facts import Container, Facts
from sutazai_policy.messages import told
from sutazai_policy.rule import Category, Rule, Violation

__all__ = ["RULE"]

_BRIDGE = "bridge"


class NetworkModeSettings(ExceptableSettings):
    """Nothing but exceptions."""


def check(facts: Facts, _settings: NetworkModeSettings) -> Iterator[Violation]:
    """Judge containers, whether they are to run or not: a service has no mode."""
    for one in facts.containers:
        for problem in _problems(one):
            yield Violation(f"{one.name} {problem}", one.urn)


def _problems(one: Container) -> Iterator[str]:
    mode, joined = one.network_mode, reading.items(one.properties, "networksAdvanced")
    if mode.problem is not None:
        yield f"has a networkMode that {mode.problem}"
    if joined.problem is not None:
        yield f"has a networksAdvanced that {joined.problem}"
    elif joined.value and mode.problem is None and mode.value != _BRIDGE:
        given = "no networkMode" if mode.value is None else f"networkMode {told(mode.value, mode)}"
        yield (
            f"joins networks (networksAdvanced) with {given}, which loses its names there:"
            f" set networkMode to {_BRIDGE}"
        )


RULE = Rule(
    name="network-mode",
    description="A container that joins networks has to have the networkMode bridge.",
    category=Category.SHAPE,
    severity=Severity.MEDIUM,
    why=(
        "With another mode the provider creates the container on that network first, and its aliases on the"
        " networks that it joins are lost: others don't find it by name."
    ),
    source="provider: decision 11",
    remediation=(
        "1. Set networkMode to bridge wherever networksAdvanced is set: it is on those networks alone.\n"
        "2. A container that needs no network has networkMode none and no networksAdvanced."
    ),
    settings=NetworkModeSettings,
    check=check,
    alone=True,
)
