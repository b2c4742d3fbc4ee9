"""A few kept connections to a server that may restart at any time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, Protocol, TypeVar

from workload.errors import Problem, Unavailable

__all__ = ["Connections"]


class Connection(Protocol):
    """What is asked of a connection."""

    async def close(self) -> None:
        """Give it up."""
        ...


C = TypeVar("C", bound=Connection)
T = TypeVar("T")


class Connections(Generic[C]):
    """At most `size` connections, opened when needed.

    A kept connection shows only when it is used that the server has restarted: then all kept ones are given up
    and the work is tried once more on a new one. So work must be safe to repeat.
    """

    def __init__(
        self,
        name: str,
        connect: Callable[[], Awaitable[C]],
        lost: tuple[type[Exception], ...],
        size: int = 5,
        timeout: float = 5.0,
    ) -> None:
        self._name = name
        self._connect = connect
        self._lost = lost
        self._unreached: tuple[type[Exception], ...] = (*lost, OSError, TimeoutError)
        self._slots = asyncio.Semaphore(size)
        self._timeout = timeout
        self._idle: list[C] = []

    async def run(self, work: Callable[[C], Awaitable[T]]) -> T:
        """Do `work` on a connection; raises `Unavailable` if none can be had or it takes too long."""
        try:
            async with asyncio.timeout(self._timeout), self._slots:
                return await self._tried(work)
        except self._unreached as error:
            reason = str(error).strip().partition("\n")[0] or type(error).__name__
            raise Unavailable(f"{self._name}: {reason}") from error

    async def close(self) -> None:
        """Give up the kept connections."""
        while self._idle:
            await self._idle.pop().close()

    async def _tried(self, work: Callable[[C], Awaitable[T]]) -> T:
        if self._idle:
            try:
                return await self._used(self._idle.pop(), work)
            except self._lost:
                await self.close()
        return await self._used(await self._connect(), work)

    async def _used(self, connection: C, work: Callable[[C], Awaitable[T]]) -> T:
        try:
            result = await work(connection)
        except Problem:
            self._idle.append(connection)
            raise
        except BaseException:
            # Whatever state it is in, cut off in the middle of a reply perhaps, nobody else shall find it.
            await connection.close()
            raise
        self._idle.append(connection)
        return result
