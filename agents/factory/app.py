"""An agent whose application a factory makes, with metrics of its own."""

from __future__ import annotations

import asyncio
import os

import httpx
from fastapi import FastAPI
from prometheus_client import make_asgi_app

_IDENTITY = {f"agent_{key}": os.environ[f"AGENT_{key.upper()}"] for key in ("name", "type", "role")}
_BEAT_S = 20.0
_LONGEST_WAIT_S = 10.0


async def _say(client: httpx.AsyncClient, path: str, message: dict[str, str]) -> bool:
    try:
        answer = await client.post(path, json=message)
    except httpx.HTTPError:
        return False
    return answer.is_success


async def _live() -> None:
    """Register, then beat; what can't be reached is asked again, ever more slowly."""
    async with httpx.AsyncClient(base_url=os.environ["BACKEND_URL"], timeout=5) as client:
        wait = 0.5
        while True:
            if await _say(client, "/api/agents/register", _IDENTITY):
                wait = 0.5
                while await _say(client, "/api/agents/heartbeat", {**_IDENTITY, "status": "active"}):
                    await asyncio.sleep(_BEAT_S)
            await asyncio.sleep(wait)
            wait = min(2 * wait, _LONGEST_WAIT_S)


def create_app() -> FastAPI:
    """Make the application."""
    made = FastAPI()
    tasks: set[asyncio.Task[None]] = set()
    made.mount("/metrics", make_asgi_app())

    # Not `lifespan=`: Debian's FastAPI is 0.92, which takes that argument and ignores it.
    @made.on_event("startup")
    async def start() -> None:
        tasks.add(asyncio.create_task(_live()))

    @made.get("/health")
    async def health() -> dict[str, str]:
        return {"status": "healthy", "built": "factory"}

    return made


app = create_app()
