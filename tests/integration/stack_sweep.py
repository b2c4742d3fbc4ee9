"""Removes the stacks of test runs by their label: one's own at the end, those of killed runs at the next start."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from typing import Any

import docker
import psutil
from docker.errors import NotFound

from sutazai_infra.operations.hosts import detect_layout, undo

LABEL = "sutazai.stack"
# The owner's process id is in the name: a run that was killed is told from one that goes on.
_STACK = re.compile(r"t([0-9a-f]+)-[0-9a-f]{4}")


def sweep(client: docker.DockerClient) -> None:
    """Remove the stacks whose test run is no more."""
    there = [
        *client.containers.list(all=True, ignore_removed=True),
        *client.networks.list(),
        *client.volumes.list(),
    ]
    for stack in {_stack_of(thing) for thing in there} - {""}:
        match = _STACK.fullmatch(stack)
        if match and not psutil.pid_exists(int(match[1], 16)):
            remove_stack(client, stack)
            if os.geteuid() == 0:
                undo(detect_layout(client.info()), stack)


def remove_stack(client: docker.DockerClient, stack: str) -> None:
    """Remove a stack's containers, networks and volumes by its label."""
    filters: dict[str, Any] = {"label": f"{LABEL}={stack}"}
    for container in client.containers.list(all=True, filters=filters):
        with suppress(NotFound):
            container.remove(force=True, v=True)
    for network in client.networks.list(filters=filters):
        network.remove()
    for volume in client.volumes.list(filters=filters):
        volume.remove(force=True)


def _stack_of(thing: Any) -> str:
    return str((thing.attrs.get("Labels") or thing.attrs.get("Config", {}).get("Labels") or {}).get(LABEL, ""))
