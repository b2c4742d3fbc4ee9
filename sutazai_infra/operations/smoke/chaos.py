"""Kills the main process of a container from outside, and waits until the engine has started it again.

By the process's number, not by the engine: what `docker kill` ends counts as stopped by hand, and no restart
policy brings it back. So it takes root, and an engine on this machine.
"""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

import docker
from docker.errors import DockerException
from docker.models.containers import Container

from sutazai_infra.inputs.engine import STACK_LABEL
from sutazai_infra.model.errors import SutazaiError
from sutazai_infra.operations.smoke.verdict import Disturbance
from sutazai_infra.operations.status import INSTANCE_LABEL

__all__ = ["Chaos"]

_SERVICE_LABEL = "sutazai.service"
_POLL_S = 0.2
_HEALED_WITHIN_S = 120.0


class Chaos:
    """Kills containers of one stack, and remembers what became of them."""

    def __init__(self, client: docker.DockerClient, stack: str) -> None:
        self.disturbances: list[Disturbance] = []
        self._client = client
        self._stack = stack
        self._start = time.monotonic()

    def victims(self, service: str) -> list[str]:
        """List a service's running instances; raises `SutazaiError` where one may not be killed."""
        found = [self._spared(container) for container in self._running({_SERVICE_LABEL: service})]
        if not found:
            raise SutazaiError(f"stack {self._stack}: no {service} runs that could be killed; give --no-chaos")
        return sorted(container.labels[INSTANCE_LABEL] for container in found)

    def kill(self, instance: str) -> None:
        """Kill an instance and wait until it is healthy again; raises `SutazaiError`."""
        (container,) = self._running({INSTANCE_LABEL: instance})
        state = self._spared(container).attrs["State"]
        start = time.monotonic()
        _kill(container, state["Pid"])
        healthy = self._healed(container, state["Pid"])
        self.disturbances.append(
            Disturbance(
                service=container.labels[_SERVICE_LABEL],
                container=str(container.name),
                at_seconds=round(start - self._start, 1),
                healthy_after_seconds=round(time.monotonic() - start, 1) if healthy else None,
                restarts=container.attrs["RestartCount"],
            )
        )

    def _running(self, labels: dict[str, str]) -> list[Container]:
        wanted = [f"{name}={value}" for name, value in {STACK_LABEL: self._stack, **labels}.items()]
        return list(self._client.containers.list(filters={"label": wanted}, ignore_removed=True))

    def _spared(self, container: Container) -> Container:
        """Leave alone what the engine wouldn't start again: it counts until somebody starts it by hand."""
        count, policy = container.attrs["RestartCount"], container.attrs["HostConfig"]["RestartPolicy"]
        most = policy["MaximumRetryCount"]
        if most and count >= most:
            raise SutazaiError(
                f"{container.name}: the engine has started it again {count} times of {most}, and wouldn't once "
                f"more: docker restart {container.name}"
            )
        return container

    def _healed(self, container: Container, killed: int) -> bool:
        end = time.monotonic() + _HEALED_WITHIN_S
        while time.monotonic() < end:
            time.sleep(_POLL_S)
            try:
                container.reload()
            except DockerException:
                continue
            if _well(container.attrs["State"], killed):
                return True
        return False


def _well(state: dict[str, Any], killed: int) -> bool:
    return state["Pid"] not in {0, killed} and state.get("Health", {}).get("Status", "healthy") == "healthy"


def _kill(container: Container, pid: int) -> None:
    """Kill a process, if it is this container's here: an engine elsewhere counts others."""
    try:
        ours = str(container.id) in Path(f"/proc/{pid}/cgroup").read_text()
        if ours:
            os.kill(pid, signal.SIGKILL)
    except (OSError, ValueError) as error:
        raise SutazaiError(
            f"{container.name}: its process {pid} can't be killed ({error}): be root, or give --no-chaos"
        ) from error
    if not ours:
        raise SutazaiError(
            f"{container.name}: its process {pid} isn't one of this machine; give --no-chaos, or run this where "
            "the engine runs"
        )
