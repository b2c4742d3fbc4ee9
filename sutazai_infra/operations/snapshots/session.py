"""A conversation with psql in a container, over the socket where no password is wanted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import docker
from docker.errors import DockerException
from docker.utils.socket import frames_iter

from sutazai_infra.model.errors import SutazaiError

__all__ = ["Session"]

_frames: Callable[..., Iterator[tuple[int, bytes]]] = frames_iter
_STDERR = 2
_END = "-- end of answer --"


class Session:
    """One psql. Raises `SutazaiError` where the server says no, or doesn't answer."""

    def __init__(self, client: docker.DockerClient, container: str, role: str, database: str) -> None:
        self._container = container
        command = ["psql", "-XqAt", "-F", "\t", "-v", "ON_ERROR_STOP=1", "-U", role, "-d", database]
        api: Any = client.api
        try:
            started = api.exec_create(container, command, stdin=True)["Id"]
            self._connection = api.exec_start(started, socket=True)
        except DockerException as error:
            raise SutazaiError(f"{container}: {error}") from error
        self._answers = _frames(self._connection, tty=False)

    def ask(self, sql: str) -> list[list[str]]:
        """Return the rows of the answers."""
        text = f"{sql};\nSELECT '{_END}';\n"
        getattr(self._connection, "_sock", self._connection).sendall(text.encode())
        lines = self._read().splitlines()
        return [line.split("\t") for line in lines[: lines.index(_END)]]

    def close(self) -> None:
        """End it, and with it whatever transaction is open."""
        answer = getattr(self._connection, "_response", None)
        with suppress(OSError):
            getattr(self._connection, "_sock", self._connection).sendall(b"\\q\n")
        if answer is not None:
            answer.close()
        self._connection.close()

    def _read(self) -> str:
        said, wrong = b"", b""
        for stream, data in self._answers:
            if stream == _STDERR:
                wrong += data
            else:
                said += data
            if said.endswith(f"{_END}\n".encode()):
                return said.decode()
        raise SutazaiError(f"{self._container}: psql: {_one_line(wrong) or 'ended'}")


def _one_line(said: bytes) -> str:
    return " ".join(line.strip() for line in said.decode(errors="replace").splitlines() if line.strip())
