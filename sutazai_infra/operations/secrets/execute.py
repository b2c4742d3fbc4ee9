"""A command in a running container, by the engine's API: what is secret goes through its standard input."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import docker
from docker.utils.socket import frames_iter

__all__ = ["execute"]

_frames: Callable[..., Iterator[tuple[int, bytes]]] = frames_iter


def execute(client: docker.DockerClient, container: str, command: Sequence[str], script: str) -> tuple[int, str]:
    """Run a command that ends by itself when it has read `script`; its exit status, and all that it wrote."""
    api: Any = client.api
    started = api.exec_create(container, list(command), stdin=True)["Id"]
    connection = api.exec_start(started, socket=True)
    try:
        getattr(connection, "_sock", connection).sendall(script.encode())
        written = b"".join(data for _, data in _frames(connection, tty=False))
    finally:
        _close(connection)
    return int(api.exec_inspect(started)["ExitCode"]), written.decode(errors="replace")


def _close(connection: Any) -> None:
    """Close both, the answer first: it reads through the connection, and can't be closed after it."""
    answer = getattr(connection, "_response", None)
    if answer is not None:
        answer.close()
    connection.close()
