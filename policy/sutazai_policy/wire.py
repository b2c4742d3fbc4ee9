"""Turns the engine's messages into resources, and back into what Pulumi prints.

Straight from protobuf: the SDK's way over JSON, done again for every policy, takes a second and more for 5,000
containers and each of them (decision 13).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pulumi_policy import proxy

from sutazai_policy.resource import UNKNOWN, Provider, Resource, Secret, merged
from sutazai_policy.terminal import plain

__all__ = ["properties_of", "resource_of"]

_UNKNOWNS = frozenset(value for name, value in vars(proxy).items() if name.startswith("UNKNOWN_"))
# The engine marks what isn't plain (secrets, assets) by a key that stands for "signature".
_SIGNATURE = "4dabf18193072939515e22adb298388d"
_SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 -- a marker that is the same for everyone
_INTERNAL = "__defaults"
# What was left out of these is left to Docker, so what the provider shows of it says nothing new.
_WRITTEN = frozenset({"docker:index/container:Container", "docker:index/service:Service"})


def properties_of(message: Any) -> dict[str, Any]:
    """Return a protobuf struct as plain values."""
    fields = message.fields
    return {key: _plain(fields[key]) for key in fields if key != _INTERNAL}


def _plain(value: Any) -> Any:
    kind = value.WhichOneof("kind")
    if kind == "string_value":
        text = value.string_value
        return UNKNOWN if text in _UNKNOWNS else text
    if kind == "null_value":
        return None
    if kind == "struct_value":
        return _unmarked(properties_of(value.struct_value))
    if kind == "list_value":
        return [_plain(one) for one in value.list_value.values]
    return None if kind is None else getattr(value, kind)


def _unmarked(found: dict[str, Any]) -> Any:
    return Secret(found.get("value")) if found.get(_SIGNATURE) == _SECRET else found


def resource_of(message: Any, inputs: Mapping[str, Any]) -> Resource:
    """Return the resource of an AnalyzeRequest or AnalyzerResource; `inputs` has what was seen before, by URN."""
    return Resource(
        type=message.type,
        name=plain(message.name),
        urn=message.urn,
        properties=_properties(message, inputs.get(message.urn)),
        protect=message.options.protect,
        parent=message.options.parent,
        provider=_provider(message),
        depends=_depends(message),
    )


def _properties(message: Any, inputs: Any) -> dict[str, Any]:
    """A workload is what was written; of other resources, what only the provider knows (ids) is asked for, too."""
    if inputs is None:
        return properties_of(message.properties)
    written = properties_of(inputs)
    return written if message.type in _WRITTEN else merged(written, properties_of(message.properties))


def _provider(message: Any) -> Provider | None:
    if not message.HasField("provider"):
        return None
    return Provider(message.provider.urn, properties_of(message.provider.properties))


def _depends(message: Any) -> dict[str, tuple[str, ...]]:
    # Only what the engine sends about a whole stack has them.
    found = getattr(message, "propertyDependencies", None)
    return {key: tuple(value.urns) for key, value in found.items()} if found else {}
