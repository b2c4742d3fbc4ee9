"""Run the backend."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from itertools import count

from workload.backend import backend_app
from workload.dispatch import Dispatcher
from workload.errors import Problem
from workload.server import serve
from workload.settings import BackendSettings
from workload.store import PostgresStore
from workload.task_queue import RedisQueue

__all__ = ["main"]

_LOG = logging.getLogger("workload.backend")
_SWEEPS_PER_CLEANUP = 500


def main() -> None:
    """Serve until SIGTERM."""
    settings = BackendSettings.parse(os.environ)

    @asynccontextmanager
    async def lifespan() -> AsyncIterator[None]:
        sweeper = asyncio.create_task(_sweep(dispatcher, settings.sweep_seconds))
        try:
            yield
        finally:
            sweeper.cancel()
            with suppress(asyncio.CancelledError):
                await sweeper
            await store.close()
            await queue.close()

    store, queue = PostgresStore(settings), RedisQueue(settings.redis, settings.limits.visibility_seconds)
    dispatcher = Dispatcher(store, queue, settings.limits)
    serve(backend_app(dispatcher, lifespan), settings.port, settings.drain_seconds)


async def _sweep(dispatcher: Dispatcher, seconds: float) -> None:
    for turn in count(1):
        try:
            swept = await dispatcher.sweep()
            if swept.requeued or swept.given_up:
                _LOG.warning("claims ran out: %d tasks queued again, %d given up", swept.requeued, swept.given_up)
            if turn % _SWEEPS_PER_CLEANUP == 0:
                await dispatcher.store.forget(dispatcher.limits.kept_hours)
        except Problem as problem:
            _LOG.warning("sweep: %s", problem)
        except Exception:
            # A sweeper that ends would strand every task whose agent dies from now on.
            _LOG.exception("sweep")
        await asyncio.sleep(seconds)
