"""The front end: one page for people, and what it loads."""

from __future__ import annotations

import asyncio
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any, Protocol

from workload import pages
from workload.client import Reply, Unreachable
from workload.errors import Invalid, Problem, Unavailable
from workload.web import App, Lifespan, Request, Response, json_response, text_response

__all__ = ["Backend", "frontend_app"]

_HTML = "text/html; charset=utf-8"
# Nothing from anywhere else, no inline code, no frames.
_PAGE_HEADERS = {
    "content-security-policy": "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self';"
    " form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "cache-control": "no-store",
    "referrer-policy": "same-origin",
}


class Backend(Protocol):
    """What the front end needs of an HTTP client."""

    async def get(self, path: str) -> Reply:
        """Send GET; raises `Unreachable`."""
        ...

    async def post(self, path: str, value: object) -> Reply:
        """Send `value` as JSON; raises `Unreachable`."""
        ...


def frontend_app(backend: Backend, lifespan: Lifespan = nullcontext) -> App:
    """Make the application."""
    routes = _Routes(backend)
    app = App(lifespan)
    app.route("GET", "/", routes.page)
    app.route("GET", "/state", routes.state)
    app.route("POST", "/tasks", routes.submit)
    app.route("GET", "/style.css", _style)
    app.route("GET", "/refresh.js", _script)
    app.route("GET", "/health", routes.health)
    return app


@dataclass
class _Routes:
    backend: Backend
    _ready: bool = field(default=True, init=False)

    async def page(self, request: Request) -> Response:
        state = await self._state()
        html = pages.page(state, posted=request.query.get("posted"), error=request.query.get("error"))
        return Response(200, html.encode(), _HTML, _PAGE_HEADERS)

    async def state(self, _request: Request) -> Response:
        return Response(200, pages.state(await self._state()).encode(), _HTML, _PAGE_HEADERS)

    async def submit(self, request: Request) -> Response:
        # Browsers say so when another site's page makes this request; programs send no such header.
        if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
            raise Invalid("a task can be posted from this page only")
        try:
            task = pages.task_of(request.form())
            reply = await self.backend.post("/api/v1/tasks", task)
            answer = reply.json()
        except (Invalid, Unreachable) as error:
            return _see_other(error=str(error))
        if reply.status != 202:
            return _see_other(error=str(answer.get("error", f"status {reply.status}")))
        return _see_other(posted=str(answer["id"]))

    async def health(self, _request: Request) -> Response:
        try:
            await self.backend.get("/health")
        except Unreachable as error:
            # Healthy all the same: the page says what is wrong, and a restart here would mend nothing.
            return json_response({"status": "healthy", "backend": str(error)})
        return json_response({"status": "healthy", "backend": "ok"})

    async def _state(self) -> pages.State:
        try:
            agents, queues, tasks = await asyncio.gather(
                self._read("/api/v1/agents"), self._read("/api/v1/queues"), self._read("/api/v1/tasks")
            )
        except (Problem, Unreachable) as error:
            return pages.State(error=str(error))
        return pages.State(agents["agents"], queues["queues"], tasks["tasks"], queues["limit"])

    async def _read(self, path: str) -> Any:
        reply = await self.backend.get(path)
        answer = reply.json()
        if reply.status != 200:
            raise Unavailable(f"backend: {answer.get('error', reply.status)}")
        return answer


def _see_other(**query: str) -> Response:
    return Response(303, headers={"location": pages.location(query)})


async def _style(_request: Request) -> Response:
    return text_response(pages.STYLE, "text/css; charset=utf-8")


async def _script(_request: Request) -> Response:
    return text_response(pages.SCRIPT, "text/javascript; charset=utf-8")
