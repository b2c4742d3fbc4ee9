"""applied-on-change: what the provider never applies to a container replaces it, so what is written runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pulumi_policy import Severity

from sutazai_policy.digest import DIGEST_LABEL, UNAPPLIED, unapplied_digest
from sutazai_policy.exceptions import ExceptableSettings
from sutazai_policy.facts import Container, Facts
from sutazai_policy.resource import UNKNOWN, Secret
from sutazai_policy.rule import Category, Rule, Violation

__all__ = ["RULE"]


class AppliedOnChangeSettings(ExceptableSettings):
    """Nothing but exceptions."""


def check(facts: Facts, _settings: AppliedOnChangeSettings) -> Iterator[Violation]:
    """Judge containers, whether they are to run or not: Swarm applies every change."""
    for one in facts.containers:
        for problem in _problems(one):
            yield Violation(f"{one.name} {problem}", one.urn)


def _problems(one: Container) -> Iterator[str]:
    unknown = [key for key in UNAPPLIED if _has_unknown(one.properties.get(key))]
    if unknown:
        yield (
            f"sets {', '.join(unknown)} to what is unknown until the update runs, so {DIGEST_LABEL} can't be told:"
            " give plain values, not another resource's output"
        )
        return
    digest = unapplied_digest(one.properties)
    if digest is None:
        return
    label = one.labels.replaces_on
    if label.problem is not None:
        yield f"has a label {DIGEST_LABEL} that {label.problem}; it has to be {digest}"
    elif label.value is None:
        yield (
            f"sets {_set_ones(one)} and has no label {DIGEST_LABEL}, so a change of it would never be applied:"
            f" set the label to {digest}"
        )
    elif not label.value.startswith(digest):
        yield (
            f"sets {_set_ones(one)} and has a label {DIGEST_LABEL} that is of other values, so a change of it"
            f" would never be applied: set the label to {digest}"
        )


def _has_unknown(value: Any) -> bool:
    if isinstance(value, str):
        return False
    if isinstance(value, Secret):
        return _has_unknown(value.value)
    if isinstance(value, Mapping):
        return any(map(_has_unknown, value.values()))
    if isinstance(value, list | tuple):
        return any(map(_has_unknown, value))
    return value is UNKNOWN


def _set_ones(one: Container) -> str:
    return ", ".join(key for key in UNAPPLIED if unapplied_digest({key: one.properties.get(key)}) is not None)


RULE = Rule(
    name="applied-on-change",
    description="A change that the provider ignores has to replace the container.",
    category=Category.SHAPE,
    severity=Severity.MEDIUM,
    why=(
        "The provider stores a changed healthcheck, tmpfs, init, cpuQuota or cpuPeriod, shows it as updated, and"
        " leaves the container as it was. A label that changes with them replaces it, since a label always does."
    ),
    source="provider: decision 11",
    remediation=(
        f"1. Set the label {DIGEST_LABEL} to the value that the message gives; more may follow it.\n"
        "2. Compute it where the container is declared: 12 hex digits of the blake2b hash of these properties as"
        " JSON, as in policy/sutazai_policy/digest.py."
    ),
    settings=AppliedOnChangeSettings,
    check=check,
    alone=True,
)
