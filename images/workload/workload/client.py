"""A small HTTP client on h11, which the server has loaded anyway.

One connection a request: callers poll every few seconds, longer than a server keeps an idle connection. No TLS:
the network between these containers is their own.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlsplit

import h11

__all__ = ["Client", "Http", "Reply", "Unreachable"]

_CHUNK = 65536


class Unreachable(Exception):  # noqa: N818 - reads as what it says: the other side is unreachable
    """No answer: refused, timed out, or no HTTP."""


@dataclass(frozen=True)
class Reply:
    """An answer, whatever its status."""

    status: int
    body: bytes

    def json(self) -> Any:
        """Read the body as JSON; raises `Unreachable`, since who answers otherwise isn't who was asked."""
        try:
            return json.loads(self.body)
        except ValueError:
            raise Unreachable(f"status {self.status} without a JSON body") from None


class Http(Protocol):
    """What is asked of an HTTP client."""

    async def get(self, path: str) -> Reply:
        """Send GET; raises `Unreachable`."""
        ...

    async def post(self, path: str, value: object) -> Reply:
        """Send `value` as JSON; raises `Unreachable`."""
        ...


class Client:
    """Requests to one server."""

    def __init__(self, base_url: str, timeout: float = 10.0) -> None:
        parts = urlsplit(base_url)
        if parts.scheme != "http" or parts.hostname is None:
            raise ValueError(f"{base_url!r} is no URL of the form http://host:port")
        self.base_url = base_url
        self._host = parts.hostname
        self._port = parts.port or 80
        self._prefix = parts.path.rstrip("/")
        self._timeout = timeout

    async def get(self, path: str) -> Reply:
        """Send GET; raises `Unreachable`."""
        return await self._request("GET", path, b"")

    async def post(self, path: str, value: object) -> Reply:
        """Send `value` as JSON; raises `Unreachable`."""
        return await self._request("POST", path, json.dumps(value).encode())

    async def _request(self, method: str, path: str, body: bytes) -> Reply:
        try:
            async with asyncio.timeout(self._timeout):
                reader, writer = await asyncio.open_connection(self._host, self._port)
                try:
                    writer.write(self._encoded(connection := h11.Connection(h11.CLIENT), method, path, body))
                    return await _reply(connection, reader)
                finally:
                    writer.close()
        except (OSError, TimeoutError, h11.ProtocolError) as error:
            reason = str(error) or type(error).__name__
            raise Unreachable(f"{method} {self.base_url}{path}: {reason}") from None

    def _encoded(self, connection: h11.Connection, method: str, path: str, body: bytes) -> bytes:
        headers = [
            ("host", f"{self._host}:{self._port}"),
            ("connection", "close"),
            ("content-type", "application/json"),
            ("content-length", str(len(body))),
        ]
        request = h11.Request(method=method, target=self._prefix + path, headers=headers)
        parts = [connection.send(event) for event in (request, h11.Data(data=body), h11.EndOfMessage())]
        return b"".join(part for part in parts if part)


async def _reply(connection: h11.Connection, reader: asyncio.StreamReader) -> Reply:
    status, body = 0, bytearray()
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            received = await reader.read(_CHUNK)
            if not received and not status:
                raise ConnectionError("the connection was closed without an answer")
            connection.receive_data(received)
        elif isinstance(event, h11.Response):
            status = event.status_code
        elif isinstance(event, h11.Data):
            body += event.data
        elif isinstance(event, h11.EndOfMessage):
            return Reply(status, bytes(body))
