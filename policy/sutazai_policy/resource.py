"""A registered resource as the rules see it: plain values, with what is secret or not known yet marked as such.

The engine shows a resource twice. At its registration it sends the *inputs*: what was written, where a property
that was left out is absent. At the end it sends the *outputs*, where most of what was left out is "unknown" during
a preview. Inputs win, since they tell those two apart; outputs fill in what the provider says beyond them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

__all__ = ["UNKNOWN", "Provider", "Resource", "Secret", "Unknown", "merged"]


class Unknown:
    """Stands for a value that is known only when the update runs."""

    def __repr__(self) -> str:
        return "UNKNOWN"

    def __deepcopy__(self, memo: object) -> Unknown:
        return self


UNKNOWN = Unknown()


@dataclass(frozen=True, slots=True)
class Secret:
    """A value that Pulumi keeps secret: rules read it, messages never show it."""

    value: Any = field(repr=False)


@dataclass(frozen=True, slots=True)
class Provider:
    """The provider that a resource is made by, with its configuration."""

    urn: str
    properties: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource; `depends` gives, by property, the URNs of the resources that its value comes from."""

    type: str
    name: str
    urn: str
    properties: Mapping[str, Any] = field(repr=False)
    protect: bool = False
    parent: str = ""
    provider: Provider | None = None
    depends: Mapping[str, Sequence[str]] = field(default_factory=dict)


def merged(inputs: Mapping[str, Any], outputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return the inputs, and those outputs beyond them that are known."""
    return {key: value for key, value in outputs.items() if _known(value)} | dict(inputs)


def _known(value: Any) -> bool:
    while isinstance(value, Secret):
        value = value.value
    return value is not UNKNOWN and value is not None
