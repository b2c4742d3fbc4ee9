"""Serve an application until SIGTERM."""

from __future__ import annotations

import asyncio
from types import FrameType

import uvicorn

from workload.web import App

__all__ = ["serve"]

_TICK_S = 1.0


class QuietServer(uvicorn.Server):
    """Uvicorn, ticking once a second instead of ten times: an idle agent must cost next to nothing.

    The tick refreshes the Date header; a signal ends the wait for it at once.
    """

    async def main_loop(self) -> None:
        """Wait for the signal to exit."""
        self._woken = asyncio.Event()
        while not await self.on_tick(0):
            try:
                await asyncio.wait_for(self._woken.wait(), _TICK_S)
            except TimeoutError:
                continue

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Take note of the signal."""
        super().handle_exit(sig, frame)
        if hasattr(self, "_woken"):
            self._woken.set()


def serve(app: App, port: int) -> None:
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
    QuietServer(config).run()
