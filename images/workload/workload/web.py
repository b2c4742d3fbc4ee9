"""A small ASGI application: routes, JSON bodies, problems as JSON.

Not Starlette, because of what an idle agent costs: 16 instead of 26 MiB, and 0.18 instead of 0.32 s of CPU at
start, times the number of agents on one host. There is no middleware, no streaming, no web socket.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
import time
from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from workload.errors import Invalid, Problem, Unavailable, Unknown
from workload.nesting import TooDeep, measure

__all__ = ["App", "Handler", "Request", "Response", "json_response", "text_response"]

BODY_LIMIT = 1024 * 1024
# As long as the gateway gives a request's head. Who sends slower would hold one of the few places here.
_BODY_S = 10.0
_LOG = logging.getLogger("workload.web")

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Lifespan = Callable[[], AbstractAsyncContextManager[None]]
# Is told of every answer: method, route, status, seconds.
Observer = Callable[[str, str, int, float], None]
# The route of what has none: what clients ask for must not make a series each.
NO_ROUTE = "other"


class _MethodNotAllowed(Problem):
    status = 405


class _TooLarge(Problem):
    status = 413


class _TooSlow(Problem):
    status = 408


@dataclass(frozen=True)
class Request:
    """What a handler is given."""

    method: str
    path: str
    params: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def json(self) -> dict[str, Any]:
        """Read the body as a JSON object; raises `Invalid`."""
        try:
            value = json.loads(self.body)
        except ValueError as error:
            raise Invalid(f"the body is no JSON: {error}") from None
        except RecursionError:
            raise TooDeep from None
        if not isinstance(value, dict):
            raise Invalid(f"the body must be a JSON object, not {type(value).__name__}")
        measure(value)
        return value

    def form(self) -> dict[str, str]:
        """Read the body as the fields of an HTML form; raises `Invalid`."""
        try:
            return dict(parse_qsl(self.body.decode(), keep_blank_values=True))
        except ValueError as error:
            raise Invalid(f"the body is no form: {error}") from None


@dataclass(frozen=True)
class Response:
    """What a handler gives back."""

    status: int = 200
    body: bytes = b""
    content_type: str = "text/plain; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)


Handler = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True)
class _Route:
    method: str
    template: str
    pattern: re.Pattern[str]
    handler: Handler


def json_response(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Answer with JSON."""
    return Response(status, json.dumps(value).encode(), "application/json", headers or {})


def text_response(text: str, content_type: str = "text/plain; charset=utf-8", status: int = 200) -> Response:
    """Answer with text."""
    return Response(status, text.encode(), content_type)


class App:
    """Routes and, around the time in which they are served, a lifespan.

    While it is `draining` every answer asks for its connection to be closed: the next request goes elsewhere.
    """

    def __init__(
        self, lifespan: Lifespan = nullcontext, observer: Observer | None = None, body_seconds: float = _BODY_S
    ) -> None:
        self.draining = False
        self._body_s = body_seconds
        self._lifespan = lifespan
        self._observer = observer
        self._routes: list[_Route] = []

    def drain(self) -> None:
        """Begin to leave."""
        self.draining = True

    def route(self, method: str, template: str, handler: Handler) -> None:
        """Have `handler` answer `method` on paths such as `/api/v1/tasks/{id}`."""
        pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", template)
        self._routes.append(_Route(method, template, re.compile(pattern), handler))

    async def answer(self, request: Request) -> Response:
        """Answer one request; a problem becomes JSON, anything unexpected a 500 and a line in the log."""
        matches = [(route, m) for route in self._routes if (m := route.pattern.fullmatch(request.path))]
        start = time.perf_counter()
        response = await self._answer(request, matches)
        if self._observer is not None:
            template = matches[0][0].template if matches else NO_ROUTE
            self._observer(request.method, template, response.status, time.perf_counter() - start)
        return response

    async def _answer(self, request: Request, matches: Sequence[tuple[_Route, re.Match[str]]]) -> Response:
        try:
            handler, params = _chosen(request, matches)
            return await handler(Request(**{**vars(request), "params": params}))
        except Problem as problem:
            headers = {"retry-after": "2"} if isinstance(problem, Unavailable) else {}
            return json_response({"error": str(problem)}, problem.status, headers)
        except Exception:
            _LOG.exception("%s %s", request.method, request.path)
            return json_response({"error": "internal error"}, 500)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Speak ASGI."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await self._serve(scope, receive, send)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            body = await self._received(receive)
        except (_TooLarge, _TooSlow) as problem:
            slow = isinstance(problem, _TooSlow)
            await _send(send, json_response({"error": str(problem)}, problem.status), close=self.draining or slow)
            return
        request = Request(
            method=scope["method"],
            path=scope["path"],
            query=dict(parse_qsl(scope["query_string"].decode("latin-1"))),
            headers={name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]},
            body=body,
        )
        response = await self.answer(request)
        await _send(send, response, close=self.draining)

    async def _received(self, receive: Receive) -> bytes:
        try:
            async with asyncio.timeout(self._body_s):
                return await _body(receive)
        except TimeoutError:
            raise _TooSlow(f"the body took longer than {self._body_s:g} s to come") from None

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        async with self._lifespan():
            await send({"type": "lifespan.startup.complete"})
            await receive()
        await send({"type": "lifespan.shutdown.complete"})


def _chosen(request: Request, matches: Sequence[tuple[_Route, re.Match[str]]]) -> tuple[Handler, dict[str, str]]:
    method = "GET" if request.method == "HEAD" else request.method
    if not matches:
        raise Unknown(f"no such path: {request.path}")
    for route, match in matches:
        if route.method == method:
            return route.handler, match.groupdict()
    allowed = ", ".join(route.method for route, _ in matches)
    raise _MethodNotAllowed(f"{request.path} takes {allowed}, not {method}")


async def _body(receive: Receive) -> bytes:
    body = bytearray()
    more = True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > BODY_LIMIT:
            raise _TooLarge(f"the body is larger than {BODY_LIMIT} bytes")
    return bytes(body)


async def _send(send: Send, response: Response, *, close: bool) -> None:
    headers = {
        "content-type": response.content_type,
        "content-length": str(len(response.body)),
        "x-content-type-options": "nosniff",
        **({"connection": "close"} if close else {}),
        **response.headers,
    }
    if response.status == 204:
        del headers["content-type"], headers["content-length"]
    encoded = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": response.status, "headers": encoded})
    await send({"type": "http.response.body", "body": response.body})
