"""An agent as the real system writes them: FastAPI at module level, httpx towards the backend."""

from __future__ import annotations

import asyncio
import os

import httpx
from fastapi import FastAPI

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


app = FastAPI()
_tasks: set[asyncio.Task[None]] = set()


# Not `lifespan=`: Debian's FastAPI is 0.92, which takes that argument and ignores it.
@app.on_event("startup")
async def _start() -> None:
    _tasks.add(asyncio.create_task(_live()))


@app.get("/health")
async def health() -> dict[str, str]:
    """Answer without asking anybody: an agent outlives its backend."""
    return {"status": "healthy", "built": "fastapi-module"}
