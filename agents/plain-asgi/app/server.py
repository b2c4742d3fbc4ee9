"""The callable, and a thread that registers and beats."""

from __future__ import annotations

import json
import os
import threading
import time
import urllib.request
from collections.abc import Awaitable, Callable
from typing import Any

_IDENTITY = {f"agent_{key}": os.environ[f"AGENT_{key.upper()}"] for key in ("name", "type", "role")}
_BEAT_S = 20.0
_RETRY_S = 2.0


async def app(scope: dict[str, Any], receive: Callable[[], Awaitable[dict[str, Any]]], send: Any) -> None:
    """Serve `/health`, and the lifespan."""
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
        return
    status, body = (200, {"status": "healthy", "built": "plain-asgi"}) if scope["path"] == "/health" else (404, {})
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(body).encode()})


async def _lifespan(receive: Callable[[], Awaitable[dict[str, Any]]], send: Any) -> None:
    await receive()
    threading.Thread(target=_live, daemon=True).start()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await send({"type": "lifespan.shutdown.complete"})


def _live() -> None:
    while True:
        if _say("register", _IDENTITY):
            while _say("heartbeat", {**_IDENTITY, "status": "active"}):
                time.sleep(_BEAT_S)
        time.sleep(_RETRY_S)


def _say(what: str, message: dict[str, str]) -> bool:
    request = urllib.request.Request(  # noqa: S310 - the backend's address is the deployer's
        f"{os.environ['BACKEND_URL']}/api/agents/{what}",
        json.dumps(message).encode(),
        {"content-type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310 - as above
            return bool(answer.status == 200)
    except OSError:
        return False
