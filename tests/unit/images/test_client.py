from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest
from workload.client import Client, Reply, Unreachable

T = TypeVar("T")
Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def against(answer: bytes, talk: Callable[[Client], Awaitable[T]], wait: float = 0.0) -> tuple[T, bytes]:
    """Let a client talk to a server that reads one request and answers with these bytes."""
    heard = bytearray()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.extend(await reader.read(65536))
        try:
            await asyncio.sleep(wait)
            writer.write(answer)
        finally:
            writer.close()

    async def run() -> T:
        async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            return await talk(Client(f"http://127.0.0.1:{port}/base/", timeout=0.2))

    return asyncio.run(run()), bytes(heard)


def test_an_answer_with_a_length_is_read() -> None:
    answer = b'HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n{"a": 1}'
    reply, heard = against(answer, lambda client: client.get("/x?y=1"))
    assert (reply.status, reply.json()) == (200, {"a": 1})
    assert heard.startswith(b"GET /base/x?y=1 HTTP/1.1\r\n")


def test_an_answer_in_chunks_is_read() -> None:
    answer = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n"
    reply, _ = against(answer, lambda client: client.get("/"))
    assert reply == Reply(200, b"abc")


def test_a_value_is_posted_as_json() -> None:
    reply, heard = against(b"HTTP/1.1 204 No Content\r\n\r\n", lambda client: client.post("/", {"a": 1}))
    assert reply == Reply(204, b"")
    assert heard.endswith(b'\r\n\r\n{"a": 1}')


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"", "the connection was closed without an answer"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", "peer closed connection without sending complete"),
        (b"SSH-2.0-OpenSSH\r\n\r\n", "illegal status line"),
    ],
)
def test_half_an_answer_is_none(answer: bytes, reason: str) -> None:
    with pytest.raises(Unreachable, match=reason):
        against(answer, lambda client: client.get("/"))


def test_a_silent_server_is_unreachable() -> None:
    with pytest.raises(Unreachable, match="TimeoutError"):
        against(b"", lambda client: client.get("/"), wait=0.5)


def test_a_refused_connection_names_request_and_reason() -> None:
    with pytest.raises(Unreachable, match=r"GET http://127\.0\.0\.1:1/x: .*Connect call failed"):
        asyncio.run(Client("http://127.0.0.1:1").get("/x"))


def test_an_answer_that_is_no_json_comes_from_somebody_else() -> None:
    with pytest.raises(Unreachable, match="status 502 without a JSON body"):
        Reply(502, b"<html>").json()


@pytest.mark.parametrize("url", ["backend:8000", "https://backend", "http://"])
def test_a_url_that_cannot_be_used_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="is no URL of the form http://host:port"):
        Client(url)
