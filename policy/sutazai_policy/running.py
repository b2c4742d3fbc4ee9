"""What a container runs with now, as the engine tells it; whatever is odd there is left out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["Binding", "Running", "read_running"]

# The container's port, as in 80/tcp; the host's address and port.
Binding = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Running:
    """The part of a running container for whose sake the provider would replace it.

    The engine tells an image's own variables and labels among the container's, so more than was registered is
    no change.
    """

    image: str
    image_id: str
    env: frozenset[str]
    labels: frozenset[tuple[str, str]]
    entrypoint: tuple[str, ...]
    command: tuple[str, ...]
    user: str
    ports: frozenset[Binding]


def read_running(details: Mapping[str, Any]) -> Running:
    """Read the engine's answer about one container."""
    config = _group(details, "Config")
    return Running(
        image=_text(config, "Image"),
        image_id=_text(details, "Image"),
        env=frozenset(_texts(config, "Env")),
        labels=frozenset((name, str(value)) for name, value in _group(config, "Labels").items()),
        entrypoint=_texts(config, "Entrypoint"),
        command=_texts(config, "Cmd"),
        user=_text(config, "User"),
        ports=frozenset(_bindings(_group(_group(details, "HostConfig"), "PortBindings"))),
    )


def _bindings(given: Mapping[str, Any]) -> Iterator[Binding]:
    for port, bindings in given.items():
        for one in bindings if isinstance(bindings, list) else ():
            if isinstance(one, dict):
                yield port, _text(one, "HostIp") or "0.0.0.0", _text(one, "HostPort") or "0"  # noqa: S104


def _group(found: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = found.get(key)
    return value if isinstance(value, dict) else {}


def _texts(found: Mapping[str, Any], key: str) -> tuple[str, ...]:
    value = found.get(key)
    return tuple(map(str, value)) if isinstance(value, list) else ()


def _text(found: Mapping[str, Any], key: str) -> str:
    value = found.get(key)
    return value if isinstance(value, str) else ""
