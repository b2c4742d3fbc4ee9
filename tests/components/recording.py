"""A program run without an engine: what it registers, with parents, dependencies, protection and secrets."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import pulumi
from pulumi.runtime.mocks import MockCallArgs, MockMonitor, MockResourceArgs, Mocks, set_mocks

SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270"}


@dataclass(frozen=True)
class Registered:
    """One registration, as the engine would get it."""

    type: str
    name: str
    inputs: Mapping[str, Any]
    parent: str
    needs: frozenset[str]
    protect: bool
    retain: bool
    delete_first: bool


class Recording(MockMonitor):
    """Stands in for the engine; `resources` by type and name, in the order of their registration."""

    def __init__(self) -> None:
        super().__init__(_Echo())
        self.seen: list[Registered] = []
        self.outputs: dict[str, dict[str, Any]] = {}

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802  the engine's name
        """Keep what is registered."""
        self.seen.append(
            Registered(
                type=request.type,
                name=request.name,
                inputs=_plain(request.object),
                parent=_name(request.parent),
                needs=frozenset(map(_name, request.dependencies)),
                protect=request.protect,
                retain=request.retainOnDelete,
                delete_first=request.deleteBeforeReplace,
            )
        )
        untyped: Any = super()
        return untyped.RegisterResource(request)

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: N802  the engine's name
        """Keep the outputs of components and of the stack."""
        self.outputs[_name(request.urn)] = _plain(request.outputs)
        untyped: Any = super()
        return untyped.RegisterResourceOutputs(request)

    def of_type(self, kind: str) -> dict[str, Registered]:
        """Return what was registered of a type (the last word of its token), by name."""
        return {r.name: r for r in self.seen if r.type.rpartition(":")[2] == kind}

    def one(self, kind: str, name: str) -> Registered:
        """Return one of a type."""
        return self.of_type(kind)[name]


class _Echo(Mocks):
    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        return f"{args.name}-id", args.inputs

    def call(self, args: MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]] | None]:
        raise AssertionError(f"{args.token}: the program asks no provider")


def record(program: Callable[[], object], stack: str = "shop") -> Recording:
    """Run a program to its end: what isn't in the recording then was not registered at all."""
    recording = Recording()

    def declared() -> None:
        program()

    # The SDK takes the thread's current loop, and whoever ran `asyncio.run` before left none.
    asyncio.set_event_loop(_loop())
    try:
        set_mocks(_Echo(), "sutazai-infra", stack, preview=False, monitor=recording)
        untyped: Any = pulumi.runtime.test
        untyped(declared)()
    finally:
        asyncio.set_event_loop(None)
    return recording


@cache
def _loop() -> asyncio.AbstractEventLoop:
    """One loop for all recordings: the SDK leaves loops open in its threads, which end with theirs."""
    return asyncio.new_event_loop()


def secrets_in(value: Any) -> list[Any]:
    """Return the plain values of all secrets within an input."""
    if isinstance(value, Mapping):
        if SECRET.items() <= value.items():
            return [value["value"]]
        return [found for inner in value.values() for found in secrets_in(inner)]
    if isinstance(value, list):
        return [found for inner in value for found in secrets_in(inner)]
    return []


def _plain(struct: Any) -> dict[str, Any]:
    return {key: _value(value) for key, value in struct.fields.items()}


def _value(value: Any) -> Any:
    kind = value.WhichOneof("kind")
    if kind == "struct_value":
        return _plain(value.struct_value)
    if kind == "list_value":
        return [_value(entry) for entry in value.list_value.values]
    return None if kind == "null_value" else getattr(value, kind)


def _name(urn: str) -> str:
    return urn.rpartition("::")[2]
