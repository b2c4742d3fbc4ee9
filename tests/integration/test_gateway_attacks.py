"""The rendered gateway, run by HAProxy on this machine: what clients try that mean no good."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest

from sutazai_infra.model.settings import Settings
from tests.integration.debian_tools import DebianTools
from tests.integration.gateway_lab import ENTRANCE, Certificate, Gateway, Server, certificate, gateway_text
from tests.integration.image_lab import eventually

AGENTS = 8201
TASKS = "/api/v1/tasks"
SETTINGS = {"host": {"cores": 12, "memory": "29.38Gi"}, "agents": 0}
SILENCES = "/alertmanager/api/v2/silences"


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture
def gateway(request: pytest.FixtureRequest, held: Certificate, tmp_path: Path) -> Gateway:
    """Return a gateway that isn't running yet; a server behind it is given one request at a time."""
    tools = DebianTools(request.config.cache.mkdir("debian-tools"))
    text = gateway_text(Settings.parsed("settings", SETTINGS), held)
    return Gateway(tools, held, text, tmp_path).change(r"maxconn \d+ slowstart 10s", "maxconn 1")


@contextmanager
def before(gateway: Gateway, *names: str) -> Iterator[tuple[Server, ...]]:
    """Run the gateway before one server for each name."""
    with ExitStack() as stack:
        servers = tuple(stack.enter_context(Server.opened()) for _ in names)
        for name, server in zip(names, servers, strict=True):
            gateway.behind(name, server)
        stack.enter_context(gateway.running())
        for name in names:
            labels = {"proxy": name, "state": "UP"}
            eventually(lambda labels=labels: gateway.metric("haproxy_server_status", **labels) == 1)  # type: ignore[misc]
        yield servers


# --- words that are put into the log and into other headers ---


@pytest.mark.parametrize("name", ["x-sutazai-priority", "x-request-id"])
@pytest.mark.parametrize("apart", [True, False])
def test_a_second_value_beside_a_good_one_is_no_way_into_the_log(gateway: Gateway, name: str, apart: bool) -> None:
    evil = 'x"} {"pool":"entrance'
    headers = [(name, "low"), (name, evil)] if apart else [(name, f"low, {evil}")]
    with before(gateway, "backend") as (server,):
        httpx.get(gateway.url(AGENTS) + TASKS, headers=headers, timeout=10)
        lines = eventually(lambda: [one for one in gateway.log().splitlines() if one.startswith('{"id"')])
    assert [json.loads(line)["pool"] for line in lines] == ["agents"]
    assert server.seen[0]["x-sutazai-priority"] in {"low", "medium"}
    assert evil not in server.seen[0].values()


# --- pages of others, in the browser of somebody who may ----


@pytest.mark.parametrize("path", [TASKS, SILENCES, "/prometheus/api/v1/query", "/"])
@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost", "https://localhost.evil"])
def test_pages_of_other_sites_have_a_browser_ask_nothing(gateway: Gateway, path: str, origin: str) -> None:
    with before(gateway, "backend"), gateway.client() as client:
        for method in ("GET", "POST", "OPTIONS"):
            answer = client.request(method, path, headers={"origin": origin})
            assert (answer.status_code, "access-control-allow-origin" in answer.headers) == (403, False)
            assert answer.json() == {"error": "pages of other sites may ask nothing here"}


@pytest.mark.parametrize("http2", [True, False])
def test_its_own_pages_may_and_programs_which_name_no_page(gateway: Gateway, http2: bool) -> None:
    own = f"HTTPS://LocalHost:{gateway.ports[ENTRANCE]}"
    with before(gateway, "backend"), gateway.client(http2=http2) as client:
        statuses = [client.post(TASKS, headers=headers).status_code for headers in ({"origin": own}, {})]
    assert statuses == [200, 200]


# --- what watches the stack ---


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", SILENCES),
        ("POST", "/alertmanager/api/v2/alerts"),
        ("DELETE", "/alertmanager/api/v2/silence/1"),
        ("POST", "/alertmanager/-/reload"),
        ("POST", "/alertmanager//api/v2/silences"),
        ("POST", "/alertmanager/%61pi/v2/silences"),
        ("POST", "/prometheus/../alertmanager/api/v2/silences"),
        ("POST", "/prometheus/api/v1/query/../admin/tsdb/snapshot"),
        ("POST", "/prometheus/-/quit"),
        ("PUT", "/prometheus/-/reload"),
        ("POST", "/prometheus/api/v1/admin/tsdb/delete_series"),
        ("POST", "/%70rometheus/-/quit"),
        ("FOO", "/prometheus/graph"),
    ],
)
def test_nobody_silences_reloads_or_stops_what_watches_through_the_entrance(
    gateway: Gateway, method: str, path: str
) -> None:
    with before(gateway, "prometheus", "alertmanager") as servers, gateway.client() as client:
        url = f"https://localhost:{gateway.ports[ENTRANCE]}"
        request = client.build_request(method, url)
        request.url = request.url.copy_with(raw_path=path.encode())
        answer = client.send(request)
    assert answer.status_code == 403
    assert [server.asked for server in servers] == [[], []]


def test_prometheus_is_asked_by_post_as_its_own_pages_do(gateway: Gateway) -> None:
    with before(gateway, "prometheus") as (server,), gateway.client() as client:
        assert client.post("/prometheus/api/v1/query_range", data={"query": "up"}).status_code == 200
        assert client.get("/prometheus/api/v1/alerts").status_code == 200
    assert server.asked == ["POST /prometheus/api/v1/query_range", "GET /prometheus/api/v1/alerts"]


# --- who is slow ---


def test_a_body_that_comes_byte_by_byte_holds_no_place_of_a_server(gateway: Gateway) -> None:
    with before(gateway, "backend") as (server,):
        address = ("127.0.0.1", gateway.ports[AGENTS])
        with socket.create_connection(address, timeout=15) as slow:
            slow.sendall(f"POST {TASKS} HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n1".encode())
            eventually(
                lambda: gateway.metric("haproxy_frontend_current_sessions", proxy="mesh-agents-backend") == 1
            )
            assert gateway.get(AGENTS, "/other").status_code == 200
            assert slow.recv(100).startswith(b"HTTP/1.1 408 ")
    assert server.asked == ["GET /other"]
