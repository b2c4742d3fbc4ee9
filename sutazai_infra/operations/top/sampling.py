"""Two looks at the engine, and what lies between them: CPU, throttling and kills of each container, and cores.

The engine answers with a single sample at once, and with two of its own only after a second: so the earlier one is
kept here.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import docker
import psutil

from sutazai_infra.inputs.engine import STACK_LABEL
from sutazai_infra.model.plan import Plan
from sutazai_infra.operations.hosts import HostError, require_local_engine
from sutazai_infra.operations.status import StackStatus, stack_status, used

__all__ = ["Sampler", "local_cores"]

Cores = Callable[[], Sequence[float]]


class Sampler:
    """Looks at one stack, again and again. The first look knows no CPU."""

    def __init__(
        self,
        client: docker.DockerClient,
        stack: str,
        plan: Plan,
        cores: Cores,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._client = client
        self._stack = stack
        self._plan = plan
        self._cores = cores
        self._clock = clock
        self._last: dict[str, Mapping[str, Any]] = {}
        self._kills: Counter[str] = Counter()
        # A look asks for what has happened until now: the engine would wait for a moment that is still to come.
        self._behind = clock() - datetime.fromisoformat(client.info()["SystemTime"]).timestamp()
        self._followed = self._engine_time()
        cores()

    def look(self) -> StackStatus:
        """Ask the engine how every container is, and what it used since the last look."""
        return stack_status(self._client, self._stack, self._plan, self._measure)

    def cores(self) -> Sequence[float]:
        """Return which part of each core was busy since the last look; nothing where that can't be seen."""
        return self._cores()

    def kills(self) -> Mapping[str, int]:
        """Count kills for want of memory since the first look, by container."""
        until = self._engine_time()
        wanted = {"event": ["oom"], "label": [f"{STACK_LABEL}={self._stack}"]}
        found = self._client.events(since=self._followed, until=until, filters=wanted, decode=True)
        self._kills.update(event["Actor"]["Attributes"]["name"] for event in found)
        self._followed = until
        return self._kills

    def _measure(self, identity: str) -> Mapping[str, Any]:
        stats = self._client.api.stats(identity, stream=False, one_shot=True)
        before, self._last[identity] = self._last.get(identity, {}), stats["cpu_stats"]
        return used({**stats, "precpu_stats": before})

    def _engine_time(self) -> int:
        return int(self._clock() - self._behind)


def local_cores() -> Sequence[float]:
    """Return which part of each core was busy since the last call; nothing if the engine is on another host."""
    try:
        require_local_engine(os.environ.get("DOCKER_HOST"))
    except HostError:
        return ()
    return [round(percent / 100, 3) for percent in psutil.cpu_percent(percpu=True)]
