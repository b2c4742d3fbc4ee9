"""known-properties: nothing is said in a word that the provider doesn't know, or that no other rule reads."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

from pulumi_policy import Severity

from sutazai_policy.exceptions import ExceptableSettings
from sutazai_policy.facts import Facts
from sutazai_policy.parts import shown
from sutazai_policy.provider_names import PROPERTIES
from sutazai_policy.resource import Secret
from sutazai_policy.rule import Category, Rule, Violation

__all__ = ["RULE"]

_DOCKER = "docker:index/"
# Pulumi's own marks in what the provider returned, as __meta.
_INTERNAL = "__"
_UNDERSCORE = re.compile(r"_+([^\W_])", re.ASCII)
_LONGEST = 60


def _groups() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for path in PROPERTIES:
        above, _, name = path.rpartition(".")
        found[above] = (*found.get(above, ()), name)
    return found


_GROUPS = _groups()


class KnownPropertiesSettings(ExceptableSettings):
    """Nothing but exceptions."""


def check(facts: Facts, _settings: KnownPropertiesSettings) -> Iterator[Violation]:
    """Judge all resources of Docker, and the groups of properties in theirs."""
    for one in facts.resources:
        kind = one.type.rpartition(":")[2]
        if one.type.startswith(_DOCKER) and kind in PROPERTIES:
            for problem in dict.fromkeys(_problems(one.properties, kind, secret=False)):
                yield Violation(f"{one.name} has a property {problem}", one.urn)


def _problems(value: Any, path: str, *, secret: bool) -> Iterator[str]:
    if isinstance(value, Secret):
        yield from _problems(value.value, path, secret=True)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _problems(one, path, secret=secret)
    elif isinstance(value, Mapping):
        known = PROPERTIES[path]
        if not value.keys() <= known:
            yield from (_problem(str(key), path, secret=secret) for key in value if _odd(str(key), known))
        for name in _GROUPS.get(path, ()):
            if name in value:
                yield from _problems(value[name], f"{path}.{name}", secret=secret)


def _odd(name: str, known: frozenset[str]) -> bool:
    return name not in known and not name.startswith(_INTERNAL)


def _problem(name: str, path: str, *, secret: bool) -> str:
    group = "".join(f"{part}." for part in path.split(".")[1:])
    if secret:
        return f"{group}(secret), which the provider doesn't know: remove it"
    likely = _likely(name, path)
    advice = f"write {likely}" if likely else "remove it"
    return f"{group}{shown(name)}, which the provider doesn't know: {advice}"


@lru_cache(maxsize=1024)
def _likely(name: str, path: str) -> str | None:
    """Return the name that was probably meant: the same in camelCase, its plural, or the nearest."""
    known = PROPERTIES[path]
    camel = _UNDERSCORE.sub(lambda match: match[1].upper(), name)
    if len(name) > _LONGEST:
        return None
    for one in (camel, f"{camel}s"):
        if one in known:
            return one
    return next(iter(get_close_matches(camel, sorted(known), 1)), None)


RULE = Rule(
    name="known-properties",
    description="Every property has to have a name that the Docker provider knows.",
    category=Category.SHAPE,
    severity=Severity.HIGH,
    why=(
        "A limit whose name is misspelt is none. The provider takes its own snake_case names beside the documented"
        " ones, so a host_path would be a path that no other rule reads."
    ),
    source="provider: decision 11",
    remediation=(
        "1. Write the property as the message says: names are in camelCase, as cpuSet and memorySwap.\n"
        "2. In Python, cpu_set is for the provider's own classes, which translate it.\n"
        "3. After an upgrade of the provider, tell the pack's list of names again."
    ),
    settings=KnownPropertiesSettings,
    check=check,
    alone=True,
)
