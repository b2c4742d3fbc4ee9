"""Serve an application until SIGTERM."""

from __future__ import annotations

import asyncio
import signal
from types import FrameType

import uvicorn

from workload.web import App

__all__ = ["serve"]

_TICK_S = 1.0


class QuietServer(uvicorn.Server):
    """Uvicorn, ticking once a second instead of ten times: an idle agent must cost next to nothing.

    The tick refreshes the Date header; a signal ends the wait for it at once. On SIGTERM the application is served
    for `drain_seconds` more, and told in the middle of them: in the first half, whoever sends requests finds the
    replica that has just come in this one's stead; in the second, it hears that this one goes.
    """

    def __init__(self, config: uvicorn.Config, app: App, drain_seconds: float) -> None:
        super().__init__(config)
        self._app = app
        self._drain_s = drain_seconds
        self._leaving = False

    async def main_loop(self) -> None:
        """Wait for the signal to exit."""
        self._woken = asyncio.Event()
        while not await self.on_tick(0):
            try:
                await asyncio.wait_for(self._woken.wait(), _TICK_S)
            except TimeoutError:
                continue

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Take note of the signal; a second one, or another than SIGTERM, is obeyed at once."""
        if sig == signal.SIGTERM and self._drain_s and not self._leaving:
            self._leaving = True
            loop = asyncio.get_running_loop()
            loop.call_later(self._drain_s / 2, self._app.drain)
            loop.call_later(self._drain_s, self._end, sig, frame)
        else:
            self._end(sig, frame)

    def _end(self, sig: int, frame: FrameType | None) -> None:
        super().handle_exit(sig, frame)
        if hasattr(self, "_woken"):
            self._woken.set()


def serve(app: App, port: int, drain_seconds: float = 0) -> None:
    """Serve on all of the container's addresses; returns after an orderly end."""
    config = uvicorn.Config(
        app,
        host="0.0.0.0",  # noqa: S104 - what may reach a container is the network's decision
        port=port,
        loop="asyncio",
        http="h11",
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
    )
    QuietServer(config, app, drain_seconds).run()
