"""Is every container of a stack there and healthy? Asked of the engine itself, after every update.

Pulumi can't tell: it waits for health only when it creates a container, and calls a refresh of an unhealthy one
a success.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import docker
from docker.errors import DockerException

from sutazai_infra.inputs.engine import STACK_LABEL
from sutazai_infra.model.container import StackSpec

__all__ = [
    "ContainerHealth",
    "Health",
    "explain",
    "health_of",
    "images_of",
    "look",
    "patience_s",
    "wait_until_healthy",
]

_POLL_S = 0.5
# An unhealthy container may recover; one that stays so is a failure long before the time is up.
_UNHEALTHY_S = 15.0
_SPARE_S = 30.0
_LOG_LINES = 15
_HEALTH = re.compile(r"\((health: )?(\w+)\)$")


class Health(StrEnum):
    """How a container is; only the first is good."""

    HEALTHY = "healthy"
    STARTING = "starting"
    UNHEALTHY = "unhealthy"
    RESTARTING = "restarting"
    STOPPED = "stopped"
    MISSING = "missing"


@dataclass(frozen=True)
class ContainerHealth:
    """One wanted container and how it is; `status` is the engine's own text."""

    instance: str
    name: str
    health: Health
    status: str = ""


def look(client: docker.DockerClient, spec: StackSpec) -> list[ContainerHealth]:
    """Ask once how all containers of the stack are, in start order."""
    there = _listed(client, spec)
    return [
        ContainerHealth(wanted.instance, wanted.name, health_of(entry), (entry or {}).get("Status", ""))
        for wanted in spec.containers
        for entry in (there.get(wanted.name),)
    ]


def images_of(client: docker.DockerClient, spec: StackSpec) -> dict[str, str]:
    """Return the id of the image that each container of the stack runs, by instance, as far as they are there."""
    there = _listed(client, spec)
    return {one.instance: there[one.name]["ImageID"] for one in spec.containers if one.name in there}


def patience_s(spec: StackSpec) -> float:
    """How long the slowest container may take to be healthy or to be given up, from its own health check."""
    slowest = (
        c.health.start_period_s + (c.health.retries + 1) * (c.health.interval_ms / 1000 + c.health.timeout_s)
        for c in spec.containers
    )
    return max(slowest, default=0.0) + _SPARE_S


def wait_until_healthy(
    ask: Callable[[], Sequence[ContainerHealth]],
    tell: Callable[[Sequence[ContainerHealth]], None],
    timeout_s: float,
    *,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> list[ContainerHealth]:
    """Ask until all are healthy, one has failed for good, or the time is up; the last answer."""
    until = clock() + timeout_s
    unhealthy_since: dict[str, float] = {}
    while True:
        found = list(ask())
        tell(found)
        now = clock()
        _keep_time(unhealthy_since, found, now)
        if _settled(found, unhealthy_since, now) or now >= until:
            return found
        sleep(_POLL_S)


def explain(client: docker.DockerClient, sick: ContainerHealth) -> list[str]:
    """Say what the engine knows of a container that isn't healthy: its last health check, its last log lines."""
    if sick.health is Health.MISSING:
        return [f"no container {sick.name}; was it removed by hand? `sutazai up` makes it again"]
    try:
        state = client.api.inspect_container(sick.name)["State"]
        log = client.api.logs(sick.name, tail=_LOG_LINES)
    except DockerException as error:
        return [str(error)]
    return [*_exit(state), *_last_check(state), *_indented("log", log.decode(errors="replace"))]


def _listed(client: docker.DockerClient, spec: StackSpec) -> dict[str, Any]:
    listed = client.api.containers(all=True, filters={"label": f"{STACK_LABEL}={spec.stack}"})
    return {name.removeprefix("/"): entry for entry in listed for name in entry.get("Names") or ()}


def health_of(entry: Mapping[str, Any] | None) -> Health:
    """Read one entry of the engine's list of containers; None where it has none."""
    if entry is None:
        return Health.MISSING
    if entry["State"] == "restarting":
        return Health.RESTARTING
    if entry["State"] != "running":
        return Health.STOPPED
    checked = _HEALTH.search(entry.get("Status", ""))
    return Health(checked[2]) if checked else Health.HEALTHY


def _keep_time(since: dict[str, float], found: Iterable[ContainerHealth], now: float) -> None:
    for one in found:
        if one.health is Health.UNHEALTHY:
            since.setdefault(one.instance, now)
        else:
            since.pop(one.instance, None)


def _settled(found: Sequence[ContainerHealth], unhealthy_since: Mapping[str, float], now: float) -> bool:
    if all(one.health is Health.HEALTHY for one in found):
        return True
    if any(now - since >= _UNHEALTHY_S for since in unhealthy_since.values()):
        return True
    return any(one.health in {Health.STOPPED, Health.MISSING} for one in found)


def _exit(state: Mapping[str, Any]) -> list[str]:
    if state.get("OOMKilled"):
        return ["killed: it wanted more memory than its limit"]
    if state.get("Running"):
        return []
    error = f": {state['Error']}" if state.get("Error") else ""
    return [f"exited with {state.get('ExitCode')}{error}"]


def _last_check(state: Mapping[str, Any]) -> list[str]:
    checks = (state.get("Health") or {}).get("Log") or []
    if not checks:
        return []
    last = checks[-1]
    return _indented(f"health check (exit {last.get('ExitCode')})", last.get("Output", ""))


def _indented(title: str, text: str) -> list[str]:
    lines = [line.rstrip() for line in text.strip().splitlines()]
    return [f"{title}:", *(f"  {line}" for line in lines[-_LOG_LINES:])] if lines else [f"{title}: empty"]
