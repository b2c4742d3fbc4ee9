"""The rendered gateway, run by HAProxy on this machine: whom it lets in, where it leads, who goes first."""

from __future__ import annotations

import json
import re
import socket
import ssl
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import httpx
import pytest

from sutazai_infra.model.settings import Settings
from sutazai_infra.render.dashboards.gateway import GATEWAY
from tests.integration.debian_tools import DebianTools
from tests.integration.gateway_lab import (
    ENTRANCE,
    Certificate,
    Gateway,
    Handler,
    Server,
    certificate,
    gateway_text,
)
from tests.integration.image_lab import eventually

TASKS = "/api/v1/tasks"
INFRASTRUCTURE, AGENTS, ML = 8101, 8201, 8301
SETTINGS = {"host": {"cores": 12, "memory": "29.38Gi"}, "agents": 0}
ONE_AT_A_TIME = r"maxconn \d+ slowstart 10s", "maxconn 1"
SOON = r"slowstart 10s", ""
# A good check begins a new row of failures, and this machine may be slow.
SELDOM = "check inter 2s", "check inter 60s"


@pytest.fixture(scope="session")
def tools(request: pytest.FixtureRequest) -> DebianTools:
    return DebianTools(request.config.cache.mkdir("debian-tools"))


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture(scope="module")
def text(held: Certificate) -> str:
    return gateway_text(Settings.parsed("settings", SETTINGS), held)


@pytest.fixture
def gateway(tools: DebianTools, held: Certificate, text: str, tmp_path: Path) -> Gateway:
    """Return a gateway that isn't running yet, and knows nobody."""
    return Gateway(tools, held, text, tmp_path)


@pytest.fixture
def alone(gateway: Gateway) -> Iterator[Gateway]:
    """Return a gateway that knows nobody."""
    with gateway.running():
        yield gateway


@pytest.fixture
def server() -> Iterator[Server]:
    with Server.opened() as server:
        yield server


@pytest.fixture
def before(gateway: Gateway, server: Server) -> Iterator[Gateway]:
    """Return a gateway whose one backend is the server, for one request at a time."""
    with gateway.change(*ONE_AT_A_TIME).behind("backend", server).running():
        up(gateway, "backend", 1)
        yield gateway


@pytest.fixture
def pair(gateway: Gateway) -> Iterator[tuple[Gateway, Server, Server]]:
    """Return a gateway before two servers."""
    gateway.change(*SOON)
    with Server.opened() as one, Server.opened() as other, gateway.behind("backend", one, other).running():
        up(gateway, "backend", 2)
        yield gateway, one, other


def up(gateway: Gateway, name: str, count: int) -> None:
    """Wait until so many of a target's servers are up."""
    eventually(lambda: gateway.metric("haproxy_server_status", proxy=name, state="UP") == count)


def queued(gateway: Gateway) -> float:
    """Count what waits for a server of the backend."""
    return gateway.metric("haproxy_backend_current_queue", proxy="backend")


# --- who is let in ---


def test_the_gateway_starts_and_says_so_while_nobody_stands_behind_it(alone: Gateway) -> None:
    with alone.client() as client:
        page, api = client.get("/"), client.get(TASKS)
    assert (page.status_code, api.status_code) == (503, 503)
    assert (page.headers["retry-after"], api.headers["retry-after"]) == ("5", "5")
    assert page.text == "The front end is busy or down; try again."
    assert api.json() == {"error": "backend is busy or down; try again"}


@pytest.mark.parametrize(("http2", "version"), [(True, "HTTP/2"), (False, "HTTP/1.1")])
def test_clients_that_trust_the_stacks_authority_speak_either_version(
    before: Gateway, http2: bool, version: str
) -> None:
    with before.client(http2=http2) as client:
        answer = client.get(TASKS)
    assert (answer.status_code, answer.http_version) == (200, version)


def test_a_client_that_trusts_others_does_not_speak_to_it(alone: Gateway) -> None:
    with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        httpx.get(f"https://localhost:{alone.ports[ENTRANCE]}/", timeout=5)


def test_plain_http_is_refused(alone: Gateway) -> None:
    with pytest.raises(httpx.RemoteProtocolError):
        httpx.get(f"http://127.0.0.1:{alone.ports[ENTRANCE]}/", timeout=5)


def test_tls_before_1_2_is_refused(alone: Gateway) -> None:
    old = ssl.create_default_context(cafile=str(alone.held.authority))
    old.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1"):
        old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    with (
        socket.create_connection(("127.0.0.1", alone.ports[ENTRANCE]), timeout=5) as plain,
        pytest.raises(ssl.SSLError, match="ALERT_PROTOCOL_VERSION"),
    ):
        old.wrap_socket(plain, server_hostname="localhost")


# --- where it leads ---


def test_each_path_leads_to_its_service(gateway: Gateway) -> None:
    services = ("backend", "prometheus", "alertmanager", "grafana", "frontend")
    with ExitStack() as stack:
        servers = {name: stack.enter_context(Server.opened()) for name in services}
        for name, server in servers.items():
            gateway.behind(name, server)
        with gateway.running(), gateway.client() as client:
            for name in services:
                up(gateway, name, 1)
            paths = ("/api/v1/tasks", "/api", "/prometheus/graph", "/alertmanager/", "/grafana/d/1", "/", "/apis")
            statuses = [client.get(path).status_code for path in paths]
        assert statuses == [200] * len(paths)
        assert {name: [line.split()[1] for line in server.asked] for name, server in servers.items()} == {
            "backend": ["/api/v1/tasks", "/api"],
            "prometheus": ["/prometheus/graph"],
            "alertmanager": ["/alertmanager/"],
            "grafana": ["/grafana/d/1"],
            "frontend": ["/", "/apis"],
        }


@pytest.mark.parametrize("target", ["backend", "ollama", "chromadb", "qdrant"])
def test_each_pools_listener_leads_to_its_target(gateway: Gateway, server: Server, target: str) -> None:
    number = {"backend": 1, "ollama": 2, "chromadb": 3, "qdrant": 4}[target]
    with gateway.behind(target, server).running():
        up(gateway, target, 1)
        for first in (8100, 8200, 8300, 8500):
            assert gateway.get(first + number, f"/from/{first}").status_code == 200
    assert server.asked == [f"GET /from/{first}" for first in (8100, 8200, 8300, 8500)]


def test_a_request_is_numbered_and_keeps_its_number_in_the_mesh_but_not_at_the_entrance(
    before: Gateway, server: Server
) -> None:
    kept = before.get(AGENTS, TASKS, **{"x-request-id": "call-7"})
    with before.client() as client:
        own = client.get(TASKS, headers={"x-request-id": "call-7", "x-forwarded-for": "10.1.1.1"})
    assert kept.headers["x-request-id"] == "call-7"
    assert re.fullmatch(r"[0-9a-f-]{36}", own.headers["x-request-id"])
    assert [headers["x-request-id"] for headers in server.seen] == ["call-7", own.headers["x-request-id"]]
    assert (server.seen[1]["x-forwarded-for"], server.seen[1]["x-forwarded-proto"]) == ("127.0.0.1", "https")


def test_each_request_is_one_line_of_json_in_the_log(before: Gateway, server: Server) -> None:
    before.get(ML, '/api/v1/tasks/"?secret=1', **{"x-sutazai-priority": "critical"})

    def lines() -> list[dict[str, object]]:
        return [json.loads(line) for line in before.log().splitlines() if line.startswith('{"id"')]

    (line,) = eventually(lines)
    shown = {key: line[key] for key in ("pool", "priority", "method", "path", "status", "target", "server")}
    assert shown == {
        "pool": "ml",
        "priority": "medium",
        "method": "GET",
        "path": "/api/v1/tasks/%22",
        "status": 200,
        "target": "backend",
        "server": "backend1",
    }
    assert line["id"] == server.seen[0]["x-request-id"]
    assert {key for key in line if key.endswith("_ms")} == {
        "request_ms",
        "queue_ms",
        "connect_ms",
        "response_ms",
        "total_ms",
    }


def test_the_gateway_exports_what_the_dashboard_asks_of_it(alone: Gateway) -> None:
    asked = set(re.findall(r"\bhaproxy_[a-z_]+", " ".join(GATEWAY.expressions)))
    exported = set(re.findall(r"^# TYPE (\S+)", alone.stats("/metrics").text, re.MULTILINE))
    assert asked
    assert asked <= exported


# --- who goes first ---


def test_who_waits_is_served_by_priority(before: Gateway, server: Server) -> None:
    assert _order(before, server, INFRASTRUCTURE, ("background", "low", "", "medium", "critical")) == [
        "critical",
        "high",
        "medium",
        "low",
        "background",
    ]


def test_no_pool_goes_before_its_ceiling_and_a_word_that_is_no_class_changes_nothing(
    before: Gateway, server: Server
) -> None:
    assert _order(before, server, ML, ("background", "critical", "urgent", "high")) == [
        "medium",
        "medium",
        "low",
        "background",
    ]


def _order(gateway: Gateway, server: Server, port: int, named: tuple[str, ...]) -> list[str]:
    """Have requests wait behind one that is being served; return their classes in the order of service."""
    server.go_on.clear()
    with ThreadPoolExecutor(len(named) + 1) as clients:
        clients.submit(gateway.get, port, "/first")
        eventually(lambda: server.asked == ["GET /first"])
        for waiting, priority in enumerate(named, start=1):
            clients.submit(gateway.get, port, TASKS, **({"x-sutazai-priority": priority} if priority else {}))
            eventually(lambda waiting=waiting: queued(gateway) == waiting)  # type: ignore[misc]
        server.go_on.set()
    return [headers["x-sutazai-priority"] for headers in server.seen[1:]]


def test_a_flood_from_one_pool_takes_its_own_connections_and_leaves_the_others_served(
    before: Gateway, server: Server
) -> None:
    (most,) = re.findall(r"frontend mesh-ml-backend .*\n.*\n    maxconn (\d+)", before.text)
    flood = int(most) + 20
    server.go_on.clear()
    with ThreadPoolExecutor(flood + 3) as clients:
        for _ in range(flood):
            clients.submit(before.get, ML, "/flood")
        sessions = {"proxy": "mesh-ml-backend"}
        eventually(lambda: before.metric("haproxy_frontend_current_sessions", **sessions) == int(most))
        eventually(lambda: queued(before) == int(most) - 1)
        clients.submit(before.get, AGENTS, "/agent")
        clients.submit(before.get, INFRASTRUCTURE, "/page")
        eventually(lambda: queued(before) == int(most) + 1)
        server.go_on.set()
    # One of the flood was being served; all others were there before, and came after.
    assert server.asked[:3] == ["GET /flood", "GET /page", "GET /agent"]
    assert len(server.asked) == flood + 2


def test_whoever_waits_too_long_is_sent_away_with_a_hint(gateway: Gateway, server: Server) -> None:
    gateway.change(*ONE_AT_A_TIME).change("timeout queue 10s", "timeout queue 300ms")
    with gateway.behind("backend", server).running():
        up(gateway, "backend", 1)
        server.go_on.clear()
        with ThreadPoolExecutor(1) as clients:
            clients.submit(gateway.get, AGENTS, "/first")
            eventually(lambda: len(server.asked) == 1)
            refused = gateway.get(AGENTS, TASKS)
            server.go_on.set()
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
    assert refused.json() == {"error": "backend is busy or down; try again"}


# --- what fails ---


def test_five_failures_in_a_row_open_the_circuit_and_good_checks_close_it(
    gateway: Gateway, server: Server
) -> None:
    gateway.change(*SELDOM).change("downinter 2s", "downinter 3s")
    with gateway.behind("backend", server).running():
        server.status = 500
        answers = [gateway.get(AGENTS, TASKS).status_code for _ in range(8)]
        assert answers == [500] * 5 + [503] * 3
        assert len(server.asked) == 5
        server.status = 200
        eventually(lambda: gateway.get(AGENTS, TASKS).status_code == 200)


def test_failures_between_successes_leave_the_circuit_closed(before: Gateway, server: Server) -> None:
    for turn in range(30):
        server.status = 200 if turn % 3 == 0 else 500
        assert before.get(AGENTS, TASKS).status_code == server.status


def test_a_circuit_opens_to_the_one_that_fails_and_the_other_goes_on(gateway: Gateway, server: Server) -> None:
    gateway.change(*SELDOM).change("downinter 2s", "downinter 60s")
    with Server.opened() as bad, gateway.behind("backend", bad, server).running():
        bad.status = 500
        statuses = [gateway.get(AGENTS, TASKS).status_code for _ in range(60)]
    assert statuses.count(500) == 5
    last = max(n for n, status in enumerate(statuses) if status == 500)
    assert statuses[last + 1 :] == [200] * (59 - last)


@pytest.mark.parametrize(
    ("method", "path", "times"),
    [
        ("GET", TASKS, 2),
        ("POST", TASKS, 1),
        ("GET", "/api/tasks/next/worker?agent_name=one", 1),
        ("GET", "/api/v1/tasks/next/worker", 1),
        ("GET", "/api/v1/tasks/ne%78t/worker", 1),
    ],
)
def test_what_a_server_may_have_received_is_sent_again_only_if_it_changes_nothing(
    pair: tuple[Gateway, Server, Server], method: str, path: str, times: int
) -> None:
    gateway, *servers = pair
    for server in servers:
        server.instead = partial(die_once, servers)
    answer = httpx.request(method, gateway.url(AGENTS) + path, timeout=30)
    assert sum(len(server.asked) for server in servers) == times
    assert answer.status_code == (200 if times == 2 else 502)


def die_once(servers: list[Server], request: Handler) -> None:
    """Die with the first request that any of the servers got; answer the next."""
    if sum(len(server.asked) for server in servers) == 1:
        request.die()
    else:
        request.answer(200)


def test_what_never_left_is_sent_to_another_server_whatever_it_changes(
    pair: tuple[Gateway, Server, Server],
) -> None:
    gateway, gone, stays = pair
    gone.stop()
    answers = [httpx.post(gateway.url(AGENTS) + TASKS, timeout=30).status_code for _ in range(20)]
    assert answers == [200] * 20
    assert len(stays.asked) == 20


def test_a_server_that_is_about_to_leave_is_given_nothing_more_and_nobody_hears_an_error(
    pair: tuple[Gateway, Server, Server],
) -> None:
    gateway, leaves, stays = pair
    answers: list[int] = []
    with ThreadPoolExecutor(4) as clients, httpx.Client(timeout=30) as client:

        def ask(number: int) -> None:
            method = ("GET", "POST")[number % 2]
            answers.append(client.request(method, gateway.url(AGENTS) + TASKS).status_code)

        list(clients.map(ask, range(100)))
        assert leaves.asked
        leaves.health = 404
        list(clients.map(ask, range(100)))
        eventually(lambda: gateway.metric("haproxy_server_status", proxy="backend", state="NOLB") == 1)
        heard = len(leaves.asked)
        list(clients.map(ask, range(100)))
        assert len(leaves.asked) == heard
        leaves.stop()
        list(clients.map(ask, range(100)))
    assert answers == [200] * 400
    assert len(leaves.asked) + len(stays.asked) == 400


def test_where_all_are_about_to_leave_they_are_still_asked(pair: tuple[Gateway, Server, Server]) -> None:
    gateway, *servers = pair
    for server in servers:
        server.health = 404
    eventually(lambda: gateway.metric("haproxy_server_status", proxy="backend", state="NOLB") == 2)
    answers = [httpx.post(gateway.url(AGENTS) + TASKS, timeout=30).status_code for _ in range(10)]
    assert answers == [200] * 10
    servers[0].stop()
    answers = [httpx.post(gateway.url(AGENTS) + TASKS, timeout=30).status_code for _ in range(10)]
    assert answers == [200] * 10


def test_connections_to_servers_are_kept_and_shared(before: Gateway, server: Server) -> None:
    for _ in range(20):
        before.get(AGENTS, TASKS)
    assert before.metric("haproxy_backend_connection_reuses_total", proxy="backend") >= 19
    assert len(server.asked) == 20
