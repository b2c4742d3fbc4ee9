"""What an agent answers: health, metrics, and work asked for directly."""

from __future__ import annotations

import time

from workload import metrics
from workload.agent import Agent
from workload.tasks import TaskFailed
from workload.web import App, Request, Response, json_response, text_response

__all__ = ["agent_app"]


def agent_app(agent: Agent) -> App:
    """Make the application; its lifespan runs the agent's loops."""
    routes = _Routes(agent)
    app = App(agent.running)
    app.route("GET", "/health", routes.health)
    app.route("GET", "/metrics", routes.metrics)
    app.route("POST", "/execute", routes.execute)
    return app


class _Routes:
    def __init__(self, agent: Agent) -> None:
        self._agent = agent
        self._started = time.monotonic()

    async def health(self, _request: Request) -> Response:
        agent = self._agent
        # An agent whose backend is away is healthy: to restart it would help nobody.
        state = {
            "status": "healthy" if agent.loop_alive else "unhealthy",
            "agent": agent.identity.name,
            "type": agent.identity.type,
            "backend_reachable": agent.backend_reachable,
            "registered": agent.registered,
            "busy": agent.task_id is not None,
            "tasks_processed": agent.counters.done,
            "tasks_failed": agent.counters.failed,
            "uptime_seconds": round(time.monotonic() - self._started, 1),
        }
        return json_response(state, 200 if agent.loop_alive else 503)

    async def execute(self, request: Request) -> Response:
        body = request.json()
        payload = body.get("payload", body)
        try:
            result = await self._agent.execute(payload if isinstance(payload, dict) else body)
        except TaskFailed as failure:
            return json_response({"status": "failed", "error": str(failure)}, 422)
        return json_response({"status": "completed", "result": result})

    async def metrics(self, _request: Request) -> Response:
        agent, counters = self._agent, self._agent.counters
        ended = (({"status": "done"}, counters.done), ({"status": "failed"}, counters.failed))
        seconds: tuple[tuple[dict[str, str], float], ...] = (({}, counters.seconds),)
        families = [
            metrics.Family("sutazai_agent_tasks_total", "counter", "Tasks that ended, by status.", ended),
            metrics.Family("sutazai_agent_task_seconds_total", "counter", "Time spent on tasks.", seconds),
            metrics.gauge("sutazai_agent_busy", "1 while a task is in hand.", agent.task_id is not None),
            metrics.gauge(
                "sutazai_agent_backend_reachable", "1 if the backend answered last.", agent.backend_reachable
            ),
        ]
        return text_response(metrics.render(families), metrics.CONTENT_TYPE)
