"""Parts of a container or service that lists hold: variables, mounts, published ports."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sutazai_policy import reading
from sutazai_policy.reading import Reading

__all__ = [
    "EnvVar",
    "Mount",
    "Port",
    "container_ports",
    "mounts_of",
    "problems",
    "read_env_list",
    "read_env_table",
    "readable",
    "service_ports",
    "shown",
    "shown_texts",
    "volumes_of",
]

ANY_ADDRESS = "0.0.0.0"  # noqa: S104 -- what the provider takes when nothing is given

_PLAIN = re.compile(r"[\w./:=@,+*-]{1,60}", re.ASCII)


@dataclass(frozen=True, slots=True)
class EnvVar:
    """One variable of an environment; `secret` if Pulumi keeps its value so."""

    name: str
    value: Reading[str]
    secret: bool


@dataclass(frozen=True, slots=True)
class Mount:
    """Something mounted at `target`: kind `bind`, `volume`, `tmpfs`, `anonymous` or `from` (another's volumes).

    `source` is a path, a volume's name, or the container whose volumes are taken. `driver_options` are those of a
    volume that the mount makes itself. A mount is read-only if that is plainly said. `odd_kind` says why the kind
    can't be read: it may be any.
    """

    kind: str
    source: Reading[str]
    target: Reading[str]
    read_only: bool
    propagation: Reading[str]
    driver: Reading[str]
    driver_options: Reading[Mapping[str, Reading[str]]]
    odd_kind: str | None = None


@dataclass(frozen=True, slots=True)
class Port:
    """A port of a container at a port of the host; without a host port Docker takes one above 32767."""

    address: Reading[str]
    host: Reading[int]
    container: Reading[int]


def read_env_list(given: Reading[tuple[Reading[str], ...]]) -> Reading[tuple[Reading[EnvVar], ...]]:
    """Read `NAME=value` texts; a list that is a secret as a whole makes each of its values one."""
    if given.value is None:
        return Reading(problem=given.problem)
    return Reading(tuple(_variable(one, secret=given.secret or one.secret) for one in given.value))


def _variable(given: Reading[str], *, secret: bool) -> Reading[EnvVar]:
    if given.value is None:
        return Reading(problem=given.problem)
    name, sign, value = given.value.partition("=")
    return Reading(EnvVar(name, Reading(value, secret=secret) if sign else Reading(), secret))


def read_env_table(given: Reading[Mapping[str, Reading[str]]]) -> Reading[tuple[Reading[EnvVar], ...]]:
    """Read a table of values by name."""
    if given.value is None:
        return Reading(problem=given.problem)
    return Reading(
        tuple(
            Reading(EnvVar(name, value, secret=given.secret or value.secret))
            for name, value in given.value.items()
        )
    )


def volumes_of(properties: Mapping[str, Any]) -> Reading[tuple[Reading[Mount], ...]]:
    """Read a container's `volumes`."""
    return reading.pairs(properties, "volumes").then(
        lambda found: Reading(tuple(mount for one in found for mount in _volume(one)))
    )


def _volume(given: Reading[Mapping[str, Any]]) -> Iterator[Reading[Mount]]:
    if given.value is None:
        yield Reading(problem=given.problem)
        return
    name, path = reading.text(given.value, "volumeName"), reading.text(given.value, "hostPath")
    whose = reading.text(given.value, "fromContainer")
    target = reading.text(given.value, "containerPath")
    read_only = reading.flag(given.value, "readOnly").value is True
    found = [("from", whose), ("bind", path), ("bind" if _is_path(name) else "volume", name)]
    kinds = [(kind, source) for kind, source in found if not source.absent]
    nothing: Reading[Any] = Reading()
    for kind, source in kinds:
        yield Reading(Mount(kind, source, target, read_only, nothing, nothing, nothing), secret=given.secret)
    if not kinds:
        # The provider leaves readOnly out where no volume is named.
        anonymous = Mount("anonymous", nothing, target, False, nothing, nothing, nothing)
        yield Reading(anonymous, secret=given.secret)


def _is_path(name: Reading[str]) -> bool:
    """Docker tells a path from a volume's name by its first sign, wherever it was written."""
    return (name.value or "").startswith(("/", ".", "~"))


def mounts_of(properties: Mapping[str, Any]) -> Reading[tuple[Reading[Mount], ...]]:
    """Read `mounts`, of a container or of a service's container."""
    return reading.pairs(properties, "mounts").then(
        lambda found: Reading(tuple(one.then(lambda entry: Reading(_mount(entry))) for one in found))
    )


def _mount(entry: Mapping[str, Any]) -> Mount:
    kind = reading.text(entry, "type")
    source = reading.text(entry, "source")
    options = reading.nested(entry, "volumeOptions")
    return Mount(
        kind=_kind(kind.value, source),
        source=Reading(problem=kind.problem) if kind.problem else source,
        target=reading.text(entry, "target"),
        read_only=reading.flag(entry, "readOnly").value is True,
        propagation=reading.nested(entry, "bindOptions").then(lambda found: reading.text(found, "propagation")),
        driver=options.then(lambda found: reading.text(found, "driverName")),
        driver_options=options.then(lambda found: reading.table(found, "driverOptions")),
        odd_kind=kind.problem,
    )


def _kind(kind: str | None, source: Reading[str]) -> str:
    """A kind that can't be read may be any of them: a bind is the one that reaches the host."""
    if kind == "volume":
        return "anonymous" if source.absent else "volume"
    return "tmpfs" if kind == "tmpfs" else "bind"


def container_ports(properties: Mapping[str, Any]) -> Reading[tuple[Reading[Port], ...]]:
    """Read a container's `ports`."""
    return reading.pairs(properties, "ports").then(
        lambda found: Reading(tuple(one.then(lambda entry: Reading(_container_port(entry))) for one in found))
    )


def _container_port(entry: Mapping[str, Any]) -> Port:
    address = reading.text(entry, "ip")
    return Port(
        address=Reading(ANY_ADDRESS) if address.absent else address,
        host=reading.whole(entry, "external"),
        container=reading.whole(entry, "internal"),
    )


def service_ports(endpoint: Mapping[str, Any]) -> Reading[tuple[Reading[Port], ...]]:
    """Read the ports of a service's `endpointSpec`: Swarm opens them on every address of every host."""
    return reading.pairs(endpoint, "ports").then(
        lambda found: Reading(tuple(one.then(lambda entry: Reading(_service_port(entry))) for one in found))
    )


def _service_port(entry: Mapping[str, Any]) -> Port:
    return Port(
        address=Reading(ANY_ADDRESS),
        host=reading.whole(entry, "publishedPort"),
        container=reading.whole(entry, "targetPort"),
    )


def readable(found: Reading[tuple[Reading[Any], ...]]) -> Iterable[Any]:
    """Return what of a list can be read."""
    return (one.value for one in found.value or () if one.value is not None)


def problems(found: Reading[tuple[Reading[Any], ...]]) -> Iterator[str]:
    """Return why a list, or one of its elements, can't be read."""
    if found.problem is not None:
        yield found.problem
    yield from (one.problem for one in found.value or () if one.problem is not None)


def shown(value: str, *, secret: bool = False) -> str:
    """Write a text for a message: quoted if it is no plain word, cut if it is long; a secret isn't written."""
    if secret:
        return "a secret"
    if _PLAIN.fullmatch(value):
        return value
    return repr(value) if len(value) <= 60 else f"{value[:57]!r}..."


def shown_texts(found: Reading[tuple[Reading[str], ...]]) -> Iterator[tuple[str, str]]:
    """Return each text of a list that can be read, beside how a message writes it."""
    for one in found.value or ():
        if one.value is not None:
            yield one.value, shown(one.value, secret=found.secret or one.secret)
