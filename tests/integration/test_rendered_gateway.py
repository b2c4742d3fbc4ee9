"""The rendered gateway, run by HAProxy on this machine: alone, and before a server that fails or is slow."""

from __future__ import annotations

import re
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from sutazai_infra.inputs.catalogue import load_catalogue
from sutazai_infra.model.settings import Settings
from sutazai_infra.planning.planner import plan
from sutazai_infra.render.configs import render_configs
from tests.integration.debian_tools import DebianTools
from tests.integration.image_lab import eventually

H2_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes([0, 0, 0, 4, 0, 0, 0, 0, 0])
H2_SETTINGS = 4
PATH = "/api/v1/tasks"


@pytest.fixture(scope="session")
def tools(request: pytest.FixtureRequest) -> DebianTools:
    return DebianTools(request.config.cache.mkdir("debian-tools"))


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    settings = Settings.parsed("settings", {"host": {"cores": 12, "memory": "29.38Gi"}, "agents": 0})
    catalogue = load_catalogue(Path(__file__).parents[2] / "catalogue")
    assert settings.host != "auto"
    return render_configs(plan(catalogue, settings.host.host(), settings), catalogue, settings)


class Gateway:
    """A gateway that runs: where it listens."""

    def __init__(self) -> None:
        self.port, self.stats_port = _free_port(), _free_port()

    def get(self, path: str, **headers: str) -> httpx.Response:
        return httpx.get(f"http://127.0.0.1:{self.port}{path}", headers=headers, timeout=20)

    def stats(self, path: str) -> httpx.Response:
        return httpx.get(f"http://127.0.0.1:{self.stats_port}{path}", timeout=5)

    @contextmanager
    def running(self, tools: DebianTools, text: str, folder: Path) -> Iterator[None]:
        """Run on other ports than the container's, and with the socket in another folder."""
        text = text.replace("bind :8080\n", f"bind 127.0.0.1:{self.port}\n")
        text = text.replace("bind :8404\n", f"bind 127.0.0.1:{self.stats_port}\n")
        (folder / "haproxy.cfg").write_text(text.replace("/var/run/haproxy", str(folder)))
        command = [str(tools.program("haproxy")), "-W", "-db", "-f", str(folder / "haproxy.cfg")]
        quiet = subprocess.DEVNULL
        with subprocess.Popen(command, env=tools.environment, stdout=quiet, stderr=quiet) as process:
            try:
                eventually(lambda: self.stats("/health").status_code == 200)
                yield
            finally:
                process.terminate()
                process.wait(timeout=10)


class Server(ThreadingHTTPServer):
    """A healthy server, whose other answers are as the test wants them."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.status = 200
        self.asked: list[str] = []
        self.go_on = threading.Event()
        self.go_on.set()


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        status = 200
        if self.path != "/health":
            self.server.asked.append(self.headers.get("x-sutazai-priority", ""))
            self.server.go_on.wait(timeout=15)
            status = self.server.status
        self.send_response(status)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@pytest.fixture
def alone(tools: DebianTools, texts: dict[str, str], tmp_path: Path) -> Iterator[Gateway]:
    """Return a gateway that knows nobody."""
    gateway = Gateway()
    with gateway.running(tools, texts["haproxy"], tmp_path):
        yield gateway


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield server
        server.go_on.set()
        server.shutdown()
        thread.join()


@pytest.fixture
def before(server: Server, tools: DebianTools, texts: dict[str, str], tmp_path: Path) -> Iterator[Gateway]:
    """Return a gateway whose one backend is the server, for one request at a time."""
    line = next(line for line in texts["haproxy"].splitlines() if "server-template backend " in line)
    options = re.sub(r"maxconn \d+ slowstart 10s", "maxconn 1", line.partition(" check ")[2])
    one = f"    server backend1 127.0.0.1:{server.server_port} init-addr last,libc check {options}"
    gateway = Gateway()
    with gateway.running(tools, texts["haproxy"].replace(line, one), tmp_path):
        eventually(lambda: gateway.get(PATH).status_code == 200)
        server.asked.clear()
        yield gateway


def test_the_gateway_starts_and_says_so_while_nobody_stands_behind_it(alone: Gateway) -> None:
    page, api = alone.get("/"), alone.get(PATH)
    assert (page.status_code, api.status_code) == (503, 503)
    assert (page.headers["retry-after"], api.headers["retry-after"]) == ("5", "5")
    assert api.json() == {"error": "backend: busy or down; try again"}


def test_the_gateway_exports_what_the_dashboard_asks_of_it(alone: Gateway, texts: dict[str, str]) -> None:
    asked = set(re.findall(r"\bhaproxy_[a-z_]+", texts["grafana-dashboard"]))
    exported = set(re.findall(r"^# TYPE (\S+)", alone.stats("/metrics").text, re.MULTILINE))
    assert asked
    assert asked <= exported


def test_the_gateway_speaks_http2_to_a_client_that_begins_with_it(alone: Gateway) -> None:
    with socket.create_connection(("127.0.0.1", alone.port), timeout=5) as client:
        client.sendall(H2_PREFACE)
        assert client.recv(9)[3] == H2_SETTINGS


def test_ten_failures_in_a_row_open_the_circuit_and_good_checks_close_it(before: Gateway, server: Server) -> None:
    server.status = 500
    answers = [before.get(PATH).status_code for _ in range(15)]
    assert answers == [500] * 10 + [503] * 5
    assert len(server.asked) == 10
    server.status = 200
    eventually(lambda: before.get(PATH).status_code == 200, seconds=20)


def test_failures_between_successes_leave_the_circuit_closed(before: Gateway, server: Server) -> None:
    for turn in range(30):
        server.status = 200 if turn % 3 == 0 else 500
        assert before.get(PATH).status_code == server.status


def test_who_waits_is_served_by_priority(before: Gateway, server: Server) -> None:
    server.go_on.clear()
    with ThreadPoolExecutor(8) as clients:
        for waiting, priority in enumerate(("first", "background", "low", "", "high", "critical")):
            clients.submit(before.get, PATH, **({"x-sutazai-priority": priority} if priority else {}))
            if waiting:
                eventually(lambda waiting=waiting: queued(before) == waiting)  # type: ignore[misc]
            else:
                eventually(lambda: server.asked == ["first"])
        server.go_on.set()
    assert server.asked == ["first", "critical", "high", "", "low", "background"]


def queued(gateway: Gateway) -> int:
    """Count what waits for a server of the API."""
    counts = re.findall(r'haproxy_\w+_current_queue\{proxy="api"[^}]*\} (\d+)', gateway.stats("/metrics").text)
    return max(int(count) for count in counts)


def test_whoever_waits_too_long_is_sent_away_with_a_hint(before: Gateway, server: Server) -> None:
    server.go_on.clear()
    with ThreadPoolExecutor(1) as clients:
        clients.submit(before.get, PATH)
        eventually(lambda: len(server.asked) == 1)
        start = time.monotonic()
        refused = before.get(PATH)
        server.go_on.set()
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
    assert 9 < time.monotonic() - start < 15
