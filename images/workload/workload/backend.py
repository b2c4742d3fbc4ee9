"""The backend's routes: the agents' protocol, tasks, health and metrics."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import nullcontext

from workload import fields, metrics, protocol
from workload.dispatch import Dispatcher
from workload.errors import Problem
from workload.web import App, Lifespan, Request, Response, json_response, text_response

__all__ = ["backend_app"]

_RECENT = 50
_STATUSES: tuple[protocol.Status, ...] = ("queued", "running", "done", "failed")


def backend_app(dispatcher: Dispatcher, lifespan: Lifespan = nullcontext) -> App:
    """Make the application; what it needs lives in `dispatcher`."""
    app = App(lifespan, dispatcher.instruments.request)
    routes = _Routes(dispatcher, app)
    for prefix in ("/api", "/api/v1"):
        app.route("POST", f"{prefix}/agents/register", routes.register)
        app.route("POST", f"{prefix}/agents/heartbeat", routes.heartbeat)
        app.route("GET", f"{prefix}/tasks/next/{{agent_type}}", routes.next_task)
        app.route("POST", f"{prefix}/tasks/complete", routes.complete)
        app.route("POST", f"{prefix}/tasks/release", routes.release)
    app.route("GET", "/api/v1/agents", routes.agents)
    app.route("GET", "/api/v1/queues", routes.queues)
    app.route("GET", "/api/v1/tasks", routes.recent)
    app.route("POST", "/api/v1/tasks", routes.submit)
    app.route("GET", "/api/v1/tasks/{id}", routes.task)
    app.route("GET", "/health", routes.health)
    app.route("GET", "/metrics", routes.metrics)
    return app


class _Routes:
    def __init__(self, dispatcher: Dispatcher, app: App) -> None:
        self._app = app
        self._dispatcher = dispatcher
        self._store = dispatcher.store
        self._limits = dispatcher.limits

    async def register(self, request: Request) -> Response:
        registration = protocol.Registration.parse(request.json())
        await self._dispatcher.register(registration)
        return json_response({"status": "registered", "agent_name": registration.name})

    async def heartbeat(self, request: Request) -> Response:
        heartbeat = protocol.Heartbeat.parse(request.json())
        await self._store.heartbeat(heartbeat, self._limits.visibility_seconds)
        return json_response({"status": "ok"})

    async def next_task(self, request: Request) -> Response:
        agent_type = fields.name(request.params["agent_type"], "agent_type")
        agent = request.query.get("agent_name")
        claim = await self._dispatcher.next(agent_type, agent and fields.name(agent, "agent_name"))
        return Response(204) if claim is None else json_response(claim.as_json())

    async def complete(self, request: Request) -> Response:
        completion = protocol.Completion.parse(request.json())
        outcome = await self._dispatcher.complete(completion)
        return json_response({"status": outcome, "task_id": str(completion.task_id)})

    async def release(self, request: Request) -> Response:
        release = protocol.Release.parse(request.json())
        outcome = await self._dispatcher.release(release)
        return json_response({"status": outcome, "task_id": str(release.task_id)})

    async def submit(self, request: Request) -> Response:
        task = protocol.NewTask.parse(request.json(), request.headers.get("idempotency-key"))
        task_id = await self._dispatcher.submit(task)
        location = f"/api/v1/tasks/{task_id}"
        return json_response({"id": str(task_id), "status": "queued"}, 202, {"location": location})

    async def task(self, request: Request) -> Response:
        record = await self._store.task(fields.task_id(request.params["id"]))
        return json_response(record.as_json())

    async def recent(self, request: Request) -> Response:
        count = fields.count(request.query.get("limit"), "limit", _RECENT)
        records = await self._store.recent(count, fields.key(request.query.get("key_prefix", ""), "key_prefix", 0))
        return json_response({"tasks": [record.as_json() for record in records]})

    async def agents(self, _request: Request) -> Response:
        agents = await self._store.agents(self._limits.agent_alive_seconds)
        return json_response({"agents": [agent.as_json() for agent in agents]})

    async def queues(self, _request: Request) -> Response:
        counts = await self._store.counts()
        queues = [
            {"type": name, **{status: counts.get((name, status), 0) for status in _STATUSES}}
            for name in sorted({agent_type for agent_type, _ in counts})
        ]
        return json_response({"limit": self._limits.queued_per_type, "queues": queues})

    async def health(self, _request: Request) -> Response:
        if self._app.draining:
            # What a gateway's check reads as: no new requests, but those that are on their way are answered.
            return json_response({"status": "draining"}, 404)
        postgres, redis = await asyncio.gather(_state(self._store.ping), _state(self._dispatcher.queue.ping))
        healthy = postgres == redis == "ok"
        state = {"status": "healthy" if healthy else "unhealthy", "postgres": postgres, "redis": redis}
        return json_response(state, 200 if healthy else 503)

    async def metrics(self, _request: Request) -> Response:
        counts = await self._store.counts()
        agents = await self._store.agents(self._limits.agent_alive_seconds)
        by_status = Counter[str]()
        for (_, status), count in counts.items():
            by_status[status] += count
        # Every known type has a series, also an empty one: an absent series can't be told from a broken scrape.
        types = sorted({name for name, _ in counts} | {agent.type for agent in agents})
        depth = tuple(({"type": name}, float(counts.get((name, "queued"), 0))) for name in types)
        families: list[metrics.Family | metrics.Counted | metrics.Histogram] = [
            metrics.Family("sutazai_queue_depth", "gauge", "Tasks that wait, by type.", depth),
            metrics.gauge("sutazai_queue_limit", "Tasks that may wait, a type.", self._limits.queued_per_type),
            metrics.Family(
                "sutazai_tasks",
                "gauge",
                "Tasks that are kept, by status.",
                tuple(({"status": status}, float(by_status[status])) for status in _STATUSES),
            ),
            metrics.gauge("sutazai_agents_registered", "Agents that are known.", len(agents)),
            metrics.gauge("sutazai_agents_alive", "Agents with a recent heartbeat.", sum(a.alive for a in agents)),
            *self._dispatcher.instruments.all(),
        ]
        return text_response(metrics.render(families), metrics.CONTENT_TYPE)


async def _state(ping: Callable[[], Awaitable[None]]) -> str:
    try:
        await ping()
    except Problem as problem:
        return str(problem)
    return "ok"
