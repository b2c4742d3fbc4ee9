"""A smoke test: tasks through the gateway, while an agent, the queue and a backend are killed in turn."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import uuid4

import docker
from docker.errors import NotFound

from sutazai_infra.model.errors import SutazaiError
from sutazai_infra.operations.smoke.chaos import Chaos
from sutazai_infra.operations.smoke.gateway import Gateway
from sutazai_infra.operations.smoke.jobs import jobs
from sutazai_infra.operations.smoke.verdict import Record, SmokeReport, report
from sutazai_infra.planning.declaration import full_name

__all__ = ["Smoke", "entrance", "smoke"]

GATEWAY = "gateway"
_PORT = "8443/tcp"
_AT_A_TIME = 8
_AGENT = "agent"
# Who is killed, and how much has been accepted by then, in percent.
_PLAN = ((15, _AGENT), (40, "redis"), (65, "backend"))
_LOOKS = 20

Say = Callable[[str], None]


@dataclass(frozen=True)
class Smoke:
    """What is tested: a stack, its entrance (URL), who signed for it (PEM); how much, how long (seconds)."""

    stack: str
    url: str
    authority: str
    tasks: int = 500
    chaos: bool = True
    seconds: float = 300.0


def entrance(client: docker.DockerClient, stack: str) -> str:
    """Return the URL at which the stack's gateway is reached from this machine; raises `SutazaiError`."""
    name = full_name(stack, GATEWAY)
    try:
        bound = client.containers.get(name).ports.get(_PORT)
    except NotFound:
        raise SutazaiError(f"stack {stack}: there is no {name}: sutazai up --stack {stack}") from None
    if not bound:
        raise SutazaiError(f"{name}: publishes no port; set publish.gateway in Pulumi.{stack}.yaml, or start it")
    return f"https://127.0.0.1:{bound[0]['HostPort']}"


def smoke(test: Smoke, client: docker.DockerClient, say: Say) -> SmokeReport:
    """Run it, and tell `say` what happens; raises `SutazaiError` where it can't even begin."""
    return asyncio.run(_smoke(test, Chaos(client, test.stack) if test.chaos else None, say))


async def _smoke(test: Smoke, chaos: Chaos | None, say: Say) -> SmokeReport:
    # Before anything is posted: a refusal comes first.
    victims = {name: chaos.victims(name)[0] for _, name in _PLAN if name != _AGENT} if chaos else {}
    async with Gateway.opened(test.url, test.authority, test.seconds) as gateway:
        run = _Run(gateway, say, await _types(gateway, test.stack), test.tasks)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(run.post())
                if chaos is not None:
                    group.create_task(run.disturb(chaos, victims))
        except ExceptionGroup as several:
            raise _innermost(several) from several
        records = await run.records()
    return report(
        test.stack,
        run.asked,
        run.accepted,
        records,
        traffic=gateway.traffic,
        disturbances=chaos.disturbances if chaos else (),
    )


def _innermost(error: Exception) -> Exception:
    """Return what was raised, of the groups that parallel tasks wrap it in."""
    while isinstance(error, ExceptionGroup):
        error = error.exceptions[0]
    return error


async def _types(gateway: Gateway, stack: str) -> list[str]:
    types = sorted(set((await gateway.agents()).values()))
    if not types:
        raise SutazaiError(f"stack {stack}: no agent answers at the gateway that could do a task: sutazai status")
    return types


class _Run:
    """One run's tasks, and which of them were accepted under which id."""

    def __init__(self, gateway: Gateway, say: Say, types: Sequence[str], tasks: int) -> None:
        self.prefix = f"smoke-{uuid4().hex[:8]}-"
        self.asked = jobs(self.prefix, tasks, types)
        self.accepted: dict[str, str] = {}
        self._gateway = gateway
        self._say = say

    async def post(self) -> None:
        """Post all tasks, some at a time."""
        waiting = iter(self.asked)

        async def sender() -> None:
            for job in waiting:
                if (task_id := await self._gateway.post(job)) is not None:
                    self.accepted[job.key] = task_id

        async with asyncio.TaskGroup() as group:
            for _ in range(_AT_A_TIME):
                group.create_task(sender())

    async def disturb(self, chaos: Chaos, victims: dict[str, str]) -> None:
        """Kill one after another, each when so many tasks have been accepted and the last one is well again."""
        for percent, name in _PLAN:
            while 100 * len(self.accepted) < percent * len(self.asked) and not self._gateway.late:
                await asyncio.sleep(0.02)
            victim = victims[name] if name in victims else await self._busy_agent()
            self._say(f"{len(self.accepted)} tasks accepted: killing {victim}")
            await asyncio.to_thread(chaos.kill, victim)

    async def records(self) -> list[Record]:
        """Wait for the ends of what was accepted."""
        self._say(f"{len(self.accepted)} of {len(self.asked)} tasks accepted: waiting for their ends")
        return await self._gateway.until(self.prefix, self._all_ended)

    def _all_ended(self, records: Sequence[Record]) -> bool:
        return {record.id for record in records if record.ended} >= set(self.accepted.values())

    async def _busy_agent(self) -> str:
        """Choose an agent that has a task in hand, if one is caught in the act."""
        alive = await self._gateway.agents()
        for _ in range(_LOOKS):
            for record in await self._gateway.records(self.prefix):
                if record.status == "running" and record.agent in alive:
                    return record.agent
        return next(iter(alive))
