from __future__ import annotations

import asyncio

import pytest
from workload.connections import Connections
from workload.errors import QueueFull, Unavailable


class LostError(Exception):
    pass


class Server:
    """Counts connections, and cuts all of them when it restarts."""

    def __init__(self) -> None:
        self.generation = 0
        self.opened: list[FakeConnection] = []
        self.up = True

    async def connect(self) -> FakeConnection:
        if not self.up:
            raise LostError("connection refused\nand more")
        self.opened.append(FakeConnection(self, self.generation))
        return self.opened[-1]


class FakeConnection:
    def __init__(self, server: Server, generation: int) -> None:
        self.server = server
        self.generation = generation
        self.closed = False

    async def close(self) -> None:
        self.closed = True


async def work(connection: FakeConnection) -> str:
    await asyncio.sleep(0)
    if connection.generation != connection.server.generation:
        raise LostError("terminating connection")
    return "done"


async def hang(_connection: FakeConnection) -> None:
    await asyncio.sleep(10)


async def refuse(_connection: FakeConnection) -> None:
    raise QueueFull("full")


def pool(server: Server, size: int = 2) -> Connections[FakeConnection]:
    return Connections("db", server.connect, (LostError,), size=size, timeout=0.1)


def test_a_connection_is_kept_for_the_next() -> None:
    async def run() -> None:
        connections = pool(server := Server())
        assert [await connections.run(work) for _ in range(3)] == ["done"] * 3
        assert len(server.opened) == 1

    asyncio.run(run())


def test_no_more_connections_are_opened_than_may_be() -> None:
    async def run() -> None:
        connections = pool(server := Server())
        await asyncio.gather(*(connections.run(work) for _ in range(20)))
        assert len(server.opened) == 2

    asyncio.run(run())


def test_a_restarted_server_goes_unnoticed() -> None:
    async def run() -> None:
        connections = pool(server := Server())
        await asyncio.gather(*(connections.run(work) for _ in range(4)))
        server.generation += 1
        assert await connections.run(work) == "done"
        assert [connection.closed for connection in server.opened] == [True, True, False]

    asyncio.run(run())


def test_a_server_that_is_down_is_unavailable_with_the_first_line_of_the_reason() -> None:
    async def run() -> None:
        connections = pool(server := Server())
        server.up = False
        with pytest.raises(Unavailable, match=r"^db: connection refused$"):
            await connections.run(work)
        server.up = True
        assert await connections.run(work) == "done"

    asyncio.run(run())


def test_work_that_takes_too_long_is_cut_off_with_its_connection() -> None:
    async def run() -> None:
        connections = pool(server := Server(), size=1)
        with pytest.raises(Unavailable, match="db: TimeoutError"):
            await connections.run(hang)
        assert server.opened[0].closed
        assert await connections.run(work) == "done"

    asyncio.run(run())


def test_a_refusal_keeps_the_connection() -> None:
    async def run() -> None:
        connections = pool(server := Server())
        with pytest.raises(QueueFull):
            await connections.run(refuse)
        assert not server.opened[0].closed
        await connections.run(work)
        assert len(server.opened) == 1

    asyncio.run(run())


def test_closing_gives_up_what_is_kept() -> None:
    async def run() -> None:
        connections = pool(server := Server())
        await connections.run(work)
        await connections.close()
        assert server.opened[0].closed

    asyncio.run(run())
