"""The engine's own messages, from plain values: what a pack gets before it has read anything."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from google.protobuf.struct_pb2 import Struct
from pulumi.runtime.proto import analyzer_pb2 as pb
from pulumi_policy import proxy
from sutazai_policy.resource import UNKNOWN, Resource, Secret

__all__ = ["SECRET_MARK", "SIGNATURE", "finished", "registered", "stack_request", "struct"]

SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET_MARK = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105  a marker that is the same for everyone


def struct(properties: Mapping[str, Any]) -> Struct:
    """Return properties as the engine sends them: what isn't known yet as a marker, secrets marked."""
    message = Struct()
    message.update({key: _sent(value) for key, value in properties.items()})
    return message


def _sent(value: Any) -> Any:
    if value is UNKNOWN:
        return proxy.UNKNOWN_STRING_VALUE
    if isinstance(value, Secret):
        return {SIGNATURE: SECRET_MARK, "value": _sent(value.value)}
    if isinstance(value, Mapping):
        return {key: _sent(one) for key, one in value.items()}
    return [_sent(one) for one in value] if isinstance(value, list | tuple) else value


def registered(resource: Resource) -> pb.AnalyzeRequest:
    """Return what the engine sends when a resource is registered: its inputs."""
    request = pb.AnalyzeRequest(
        type=resource.type, name=resource.name, urn=resource.urn, properties=struct(resource.properties)
    )
    _set_options(request, resource)
    return request


def finished(resource: Resource) -> pb.AnalyzerResource:
    """Return what the engine sends of a resource at the end: its outputs."""
    message = pb.AnalyzerResource(
        type=resource.type, name=resource.name, urn=resource.urn, properties=struct(resource.properties)
    )
    _set_options(message, resource)
    for key, urns in resource.depends.items():
        message.propertyDependencies[key].urns.extend(urns)
    return message


def stack_request(resources: Iterable[Resource]) -> pb.AnalyzeStackRequest:
    """Return what the engine sends of a whole stack."""
    return pb.AnalyzeStackRequest(resources=[finished(one) for one in resources])


def _set_options(message: Any, resource: Resource) -> None:
    message.options.protect = resource.protect
    message.options.parent = resource.parent
    if resource.provider is not None:
        message.provider.urn = resource.provider.urn
        message.provider.properties.update(struct(resource.provider.properties))
