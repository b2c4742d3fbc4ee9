"""one-host: a stack is on one host, since its budget is one host's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pulumi_policy import Severity

from sutazai_policy.engine_host import engine_host
from sutazai_policy.facts import Facts
from sutazai_policy.messages import names
from sutazai_policy.reading import Reading
from sutazai_policy.resource import Provider
from sutazai_policy.rule import Category, Rule, Violation
from sutazai_policy.settings import Settings

__all__ = ["RULE"]

_DOCKER = "docker:"


class OneHostSettings(Settings):
    """Nothing: a second host is a second stack's."""


def check(facts: Facts, _settings: OneHostSettings) -> Iterator[Violation]:
    """Compare the engines that the stack's Docker resources are made on."""
    engines: dict[str, Reading[str]] = {}
    made: dict[str, list[str]] = {}
    for urn, (provider, found) in _by_provider(facts).items():
        engine = engine_host(provider)
        if engine.value is None:
            name = urn.rpartition("::")[2]
            yield Violation(f"the provider {name} of {names(found)} has a host that {engine.problem}", urn)
        else:
            engines[engine.value] = _darker(engine, engines.get(engine.value))
            made.setdefault(engine.value, []).extend(found)
    if len(engines) > 1:
        yield Violation(
            f"Docker resources are made on {len(engines)} engines, {_listed(engines, made)}: give all of them one"
            " provider, and a second host a stack of its own"
        )


def _by_provider(facts: Facts) -> dict[str, tuple[Provider | None, list[str]]]:
    """Return the providers of Docker resources, and the names of what each makes; thousands have the same."""
    found: dict[str, tuple[Provider | None, list[str]]] = {}
    for one in facts.resources:
        if one.type.startswith(_DOCKER):
            urn = one.provider.urn if one.provider is not None else ""
            found.setdefault(urn, (one.provider, []))[1].append(one.name)
    return found


def _darker(engine: Reading[str], other: Reading[str] | None) -> Reading[str]:
    """Take of two that are the same the one that is a secret."""
    return other if other is not None and other.secret else engine


def _listed(engines: Mapping[str, Reading[str]], made: Mapping[str, list[str]]) -> str:
    shown_as = {host: "one that is a secret" if engine.secret else host for host, engine in engines.items()}
    return ", ".join(f"{told} ({names(made[host])})" for host, told in shown_as.items())


RULE = Rule(
    name="one-host",
    description="A stack's Docker resources have to be on one host.",
    category=Category.SECURITY,
    severity=Severity.HIGH,
    why=(
        "The budget is one host's: what runs on another isn't counted there, and is counted here, where it doesn't"
        " run."
    ),
    source="strategy: one host; provider: a provider's host and context say where its resources are",
    remediation=(
        "1. Give all of the stack's Docker resources the same provider, or none.\n"
        "2. Give the provider a plain host.\n"
        "3. Declare what belongs on another host in a stack of its own, with that host's budget."
    ),
    settings=OneHostSettings,
    check=check,
)
