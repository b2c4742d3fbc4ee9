"""Frame after frame of one stack. Where Prometheus doesn't answer, the frame says what it lacks for that."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from sutazai_infra.model.plan import Plan
from sutazai_infra.operations.prometheus import Prometheus, PrometheusError
from sutazai_infra.operations.top.frame import Frame, frame
from sutazai_infra.operations.top.sampling import Sampler
from sutazai_infra.operations.top.work import QUESTION, Work, work

__all__ = ["Watch"]

_AGAIN_S = 15.0
_CORES = 'avg by (cpu) (1 - rate(node_cpu_seconds_total{mode="idle"}[2m]))'
_KILLS = "max by (container) (sutazai_container_oom_kills_total)"


class Watch:
    """Makes frames; `metrics` finds Prometheus, and raises `PrometheusError` where there is no way to it."""

    def __init__(
        self,
        plan: Plan,
        sampler: Sampler,
        metrics: Callable[[], Prometheus],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._plan = plan
        self._sampler = sampler
        self._metrics = metrics
        self._clock = clock
        self._found: Prometheus | None = None
        self._failure = ""
        self._asked_at = 0.0

    def prime(self) -> None:
        """Take the look that the first frame's CPU is measured from."""
        self._sampler.look()

    def frame(self) -> Frame:
        """Look at the engine, and ask Prometheus."""
        status = self._sampler.look()
        busy: Mapping[int, float] = dict(enumerate(self._sampler.cores()))
        kills, done, remarks = dict(self._sampler.kills()), None, []
        try:
            done = self._work()
            busy = busy or self._cores()
            kills |= {name: max(count, kills.get(name, 0)) for name, count in self._kills().items()}
        except PrometheusError as error:
            self._failure = str(error)
            remarks.append(
                f"without Prometheus there is no queue, completion and latency, and kills count from now ({error})"
            )
        if not busy:
            remarks.append("the engine's host is another: how busy its cores are only Prometheus knows")
        taken = datetime.now(UTC)
        return frame(self._plan, status, taken, busy=busy, kills=kills, work=done, remarks=remarks)

    def close(self) -> None:
        """Close the connection to Prometheus."""
        if self._found:
            self._found.close()

    def _server(self) -> Prometheus:
        """Return who answered the last question; who didn't is left alone for a while."""
        now = self._clock()
        if self._failure and now - self._asked_at < _AGAIN_S:
            raise PrometheusError(self._failure)
        self._asked_at, self._failure = now, ""
        if self._found is None:
            self._found = self._metrics()
        return self._found

    def _work(self) -> Work:
        return work(self._server().query(QUESTION))

    def _cores(self) -> Mapping[int, float]:
        return {int(row.labels["cpu"]): row.value for row in self._server().query(_CORES)}

    def _kills(self) -> Mapping[str, int]:
        return {row.labels["container"]: round(row.value) for row in self._server().query(_KILLS)}
