from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from workload.web import BODY_LIMIT, App, Request, Response, json_response


async def _double(request: Request) -> Response:
    return json_response({"double": 2 * request.json()["number"], "name": request.params["name"]})


async def _broken(_request: Request) -> Response:
    raise RuntimeError("a secret of the inside")


@pytest.fixture
def app() -> App:
    app = App()
    app.route("POST", "/double/{name}", _double)
    app.route("GET", "/broken", _broken)
    return app


def ask(app: App, method: str, path: str, body: bytes = b"") -> httpx.Response:
    async def asked() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://web") as client:
            return await client.request(method, path, content=body)

    return asyncio.run(asked())


def test_a_handler_is_given_the_parts_of_the_path_and_the_body(app: App) -> None:
    assert ask(app, "POST", "/double/x", b'{"number": 4}').json() == {"double": 8, "name": "x"}


@pytest.mark.parametrize("body", [b"", b"{", b"[1]", b"\xff"])
def test_a_body_that_is_no_json_object_is_400(app: App, body: bytes) -> None:
    assert ask(app, "POST", "/double/x", body).status_code == 400


def test_a_body_that_is_too_large_is_413(app: App) -> None:
    assert ask(app, "POST", "/double/x", b" " * (BODY_LIMIT + 1)).status_code == 413


@pytest.mark.parametrize(("opened", "closed"), [(b"[", b"]"), (b'{"a":', b"}")])
@pytest.mark.parametrize("levels", [100, 5_000, 100_000])
def test_a_body_that_is_nested_too_deeply_is_400(app: App, opened: bytes, closed: bytes, levels: int) -> None:
    deep = opened * levels + b"1" + closed * levels
    answer = ask(app, "POST", "/double/x", b'{"number": ' + deep + b"}")
    assert (answer.status_code, answer.json()["error"]) == (400, "the body is nested more than 100 levels deep")


def test_a_body_may_be_nested_as_deeply_as_anybody_means_it(app: App) -> None:
    assert (
        ask(app, "POST", "/double/x", b'{"number": 4, "x": ' + b"[" * 97 + b"1" + b"]" * 97 + b"}").status_code
        == 200
    )


def test_a_body_that_comes_too_slowly_is_408_and_its_connection_closed() -> None:
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(0.005)
        return {"type": "http.request", "body": b"x", "more_body": True}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/", "query_string": b"", "headers": []}
    asyncio.run(App(body_seconds=0.05)(scope, receive, send))
    assert sent[0]["status"] == 408
    assert (b"connection", b"close") in sent[0]["headers"]
    assert sent[1]["body"] == b'{"error": "the body took longer than 0.05 s to come"}'


def test_an_unknown_path_is_404_and_a_wrong_method_405(app: App) -> None:
    assert ask(app, "GET", "/nowhere").status_code == 404
    answer = ask(app, "GET", "/double/x")
    assert (answer.status_code, answer.json()["error"]) == (405, "/double/x takes POST, not GET")


def test_a_part_of_the_path_does_not_reach_over_a_slash(app: App) -> None:
    assert ask(app, "POST", "/double/x/y", b'{"number": 4}').status_code == 404


def test_an_unexpected_failure_is_500_and_keeps_its_text_to_itself(app: App) -> None:
    answer = ask(app, "GET", "/broken")
    assert (answer.status_code, answer.json()) == (500, {"error": "internal error"})


def test_the_lifespan_surrounds_the_serving() -> None:
    events: list[str] = []

    @asynccontextmanager
    async def lifespan() -> AsyncIterator[None]:
        events.append("start")
        yield
        events.append("stop")

    messages = iter([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])

    async def receive() -> dict[str, Any]:
        return next(messages)

    async def send(message: Any) -> None:
        events.append(message["type"])

    asyncio.run(App(lifespan)({"type": "lifespan"}, receive, send))
    assert events == ["start", "lifespan.startup.complete", "stop", "lifespan.shutdown.complete"]
