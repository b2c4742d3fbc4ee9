"""One scrape: a listing, then all containers at once, each asked for its state and its counters."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any, TypeVar

from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from exporter.container import Container, Identity
from exporter.engine import ENGINE_ERRORS, Engine, GoneError
from exporter.events import OomTally
from exporter.metrics import Sample, container_metrics, foreign_metrics, plan_metrics, single
from exporter.plan import PlanFacts
from exporter.snapshots import snapshot_metrics
from exporter.usage import Usage

__all__ = ["StackCollector"]

_LOG = logging.getLogger("exporter.collector")
# With the listing before it below the 10 s that Prometheus waits: what was read until then is better than nothing.
_DEADLINE_S = 5.0
T = TypeVar("T")


class StackCollector(Collector):
    """Collects the stack's containers and its plan; of an engine that doesn't answer, the plan alone."""

    def __init__(
        self, engine: Engine, plan: PlanFacts, stack: str, tally: OomTally, workers: int, *, snapshots: Path
    ) -> None:
        self._engine = engine
        self._plan = plan
        self._stack = stack
        self._snapshots = snapshots
        self._tally = tally
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="ask")
        self._lock = threading.Lock()

    def collect(self) -> Iterator[Metric]:
        """Ask, one scrape at a time: two at once would only make each other slower."""
        with self._lock:
            began = time.perf_counter()
            metrics = self._containers()
            took = time.perf_counter() - began
        yield single("sutazai_engine_up", "1 if the engine answered.", metrics is not None)
        yield single("sutazai_exporter_scrape_seconds", "How long it took to ask the engine.", took)
        yield from metrics or ()
        yield from plan_metrics(self._plan)
        yield from snapshot_metrics(self._snapshots)

    def close(self) -> None:
        """End the threads."""
        self._pool.shutdown(cancel_futures=True)

    def _containers(self) -> list[Metric] | None:
        try:
            listed = self._engine.containers()
            identities = {one["Id"]: Identity.of(one, self._stack) for one in listed}
        except ENGINE_ERRORS as error:
            _LOG.warning("the engine doesn't answer: %s", error)
            self._engine.forget()
            return None
        self._tally.keep(identities)
        foreign = [one["Id"] for one in listed if identities[one["Id"]] is None and one.get("State") == "running"]
        return self._measured([one for one in identities.values() if one], foreign)

    def _measured(self, own: Sequence[Identity], foreign: Sequence[str]) -> list[Metric]:
        looks = [self._pool.submit(self._look, one) for one in own]
        others = [self._pool.submit(self._usage, one) for one in foreign]
        asked: list[Future[Any]] = [*looks, *others]
        wait(asked, timeout=_DEADLINE_S)
        unread = sum(map(_failed, asked))
        return [
            *container_metrics(_results(looks)),
            *foreign_metrics(len(foreign), sum(usage.working_set for usage in _results(others) if usage)),
            single("sutazai_exporter_unread_containers", "Containers that the engine didn't tell about.", unread),
        ]

    def _look(self, identity: Identity) -> Sample:
        container = Container.of(self._engine.inspect(identity.id))
        usage = self._usage(identity.id) if container.running else None
        kills = self._tally.seen(identity.id, killed=container.oom_killed)
        return Sample(identity, container, usage, kills)

    def _usage(self, container: str) -> Usage | None:
        return Usage.of(self._engine.stats(container))


def _failed(asked: Future[Any]) -> bool:
    """Whether there is no answer for a container that is there; one that went away meanwhile is no failure."""
    if not asked.done():
        asked.cancel()
        return True
    error = asked.exception()
    if error is None or isinstance(error, GoneError):
        return False
    if not isinstance(error, ENGINE_ERRORS):
        raise error
    _LOG.warning("a container couldn't be read: %s", error)
    return True


def _results(asked: Iterable[Future[T]]) -> Iterator[T]:
    for one in asked:
        if one.done() and not one.cancelled() and one.exception() is None:
            yield one.result()
