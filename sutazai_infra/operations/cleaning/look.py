"""Look at all that an engine holds. Read only."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import docker
from docker.errors import NotFound

from sutazai_infra.inputs.engine import STACK_LABEL
from sutazai_infra.operations.cleaning.findings import Snapshot, SomeContainer, SomeImage, SomeNetwork
from sutazai_infra.operations.hosts import HostError, require_local_engine

__all__ = ["look", "rotated_logs"]

_SERVICE_LABEL = "sutazai.service"
_NO_TAG = "<none>:<none>"
_ROTATED = re.compile(r"\.\d+(\.gz)?")


def look(client: docker.DockerClient, stack: str, root: Path = Path("/")) -> Snapshot:
    """List images, containers and networks; of `stack` the rotated logs too, where they can be read.

    `root` is the folder below which the engine's files lie on this machine.
    """
    used = client.df()
    reason = _why_no_logs()
    return Snapshot(
        taken_s=int(time.time()),
        images=tuple(_image(entry) for entry in used.get("Images") or ()),
        containers=tuple(_containers(client, used, stack, None if reason else root)),
        networks=tuple(_network(entry) for entry in client.api.networks()),
        notes=(f"rotated logs: not looked at: {reason}",) if reason else (),
    )


def _why_no_logs() -> str:
    try:
        require_local_engine(os.environ.get("DOCKER_HOST"))
    except HostError:
        return "the engine is on another machine"
    return "" if os.geteuid() == 0 else "they are root's"


def _image(entry: Mapping[str, Any]) -> SomeImage:
    return SomeImage(
        identity=entry["Id"],
        tags=tuple(tag for tag in entry.get("RepoTags") or () if tag != _NO_TAG),
        labels=entry.get("Labels") or {},
        created_s=entry["Created"],
        own_bytes=max(0, entry["Size"] - max(0, entry.get("SharedSize") or 0)),
    )


def _containers(
    client: docker.DockerClient, used: Mapping[str, Any], stack: str, root: Path | None
) -> Iterator[SomeContainer]:
    for entry in used.get("Containers") or ():
        labels = entry.get("Labels") or {}
        own = labels.get(STACK_LABEL) == stack
        yield SomeContainer(
            identity=entry["Id"],
            name=entry["Names"][0].removeprefix("/") if entry.get("Names") else entry["Id"][:12],
            stack=labels.get(STACK_LABEL),
            service=labels.get(_SERVICE_LABEL),
            state=entry["State"],
            image=entry["ImageID"],
            networks=frozenset((entry.get("NetworkSettings") or {}).get("Networks") or ()),
            own_bytes=entry.get("SizeRw") or 0,
            rotated_logs=_logs_of(client, entry["Id"], root) if own and root is not None else {},
        )


def _logs_of(client: docker.DockerClient, identity: str, root: Path) -> dict[str, int]:
    try:
        path = client.api.inspect_container(identity).get("LogPath") or ""
    except NotFound:  # gone between two calls
        return {}
    # The path is the engine's word; only a file of this very container is taken for a log.
    return rotated_logs(root / path.lstrip("/")) if identity in path else {}


def rotated_logs(current: Path) -> dict[str, int]:
    """Return the files that `current` was rotated into, with their sizes in bytes."""
    files = {path: path.stat().st_size for path in current.parent.glob(f"{current.name}.*") if path.is_file()}
    return {str(path): size for path, size in files.items() if _ROTATED.fullmatch(path.name[len(current.name) :])}


def _network(entry: Mapping[str, Any]) -> SomeNetwork:
    labels = entry.get("Labels") or {}
    return SomeNetwork(identity=entry["Id"], name=entry["Name"], stack=labels.get(STACK_LABEL))
