"""Commands in containers whose answers are streams: a dump is passed on as it comes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import docker
from docker.errors import DockerException

from sutazai_infra.model.errors import SutazaiError

__all__ = ["run", "streamed"]


def streamed(client: docker.DockerClient, container: str, command: Sequence[str]) -> Iterator[bytes]:
    """Yield what a command writes; raises `SutazaiError` at the end where it failed."""
    api: Any = client.api
    wrong = b""
    try:
        started = api.exec_create(container, list(command))["Id"]
        for out, error in api.exec_start(started, stream=True, demux=True):
            wrong += error or b""
            if out:
                yield out
        status = api.exec_inspect(started)["ExitCode"]
    except DockerException as error:
        raise SutazaiError(f"{container}: {command[0]}: {error}") from error
    if status:
        last = " ".join(wrong.decode(errors="replace").splitlines()[-3:])
        raise SutazaiError(f"{container}: {command[0]} ended with {status}: {last}")


def run(client: docker.DockerClient, container: str, *command: str) -> str:
    """Run a command and return what it wrote; raises `SutazaiError`."""
    return b"".join(streamed(client, container, command)).decode(errors="replace")
