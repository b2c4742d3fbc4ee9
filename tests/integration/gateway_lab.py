"""The rendered gateway, run by HAProxy on this machine, and servers that behave as a test wants them to."""

from __future__ import annotations

import random
import re
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Self

import httpx

from sutazai_infra.inputs.catalogue import load_catalogue
from sutazai_infra.inputs.certificates import issued
from sutazai_infra.model.settings import Settings
from sutazai_infra.planning.planner import plan
from sutazai_infra.render.configs import render_configs
from tests.integration.debian_tools import DebianTools
from tests.integration.image_lab import eventually

CATALOGUE = Path(__file__).parents[2] / "catalogue"
ENTRANCE, STATS = 8443, 8404


@dataclass(frozen=True)
class Certificate:
    """A stack's own: what the gateway holds, and what its clients trust."""

    pem: Path
    authority: Path


def certificate(folder: Path) -> Certificate:
    """Issue one, as the program does."""
    made = issued({}, load_catalogue(CATALOGUE).secrets, "lab", (), datetime.now(UTC))
    found = Certificate(folder / "gateway.pem", folder / "ca.pem")
    found.pem.write_text(made["gateway-certificate"].value)
    found.authority.write_text(made["ca-certificate"].value)
    return found


def texts(settings: Settings) -> dict[str, str]:
    """Render the catalogue's own services on a declared host."""
    catalogue = load_catalogue(CATALOGUE)
    assert settings.host != "auto"
    rendered = render_configs(plan(catalogue, settings.host.host(), settings), catalogue, settings)
    return {**rendered, "haproxy": everywhere(rendered["haproxy"])}


def gateway_text(settings: Settings, held: Certificate) -> str:
    """Render the gateway, with its certificate elsewhere."""
    return texts(settings)["haproxy"].replace("/run/secrets/gateway.pem", str(held.pem))


def everywhere(text: str) -> str:
    """Have a gateway listen to all who reach it, where there are none of Docker's networks and names."""
    alone = re.sub(r"(?m)^    bind .* id (?!1$)\d+\n", "", text)
    return re.sub(r'(?m)^    bind ["0-9]\S*?:(\d+)\S*', r"    bind :\1", alone)


def free_ports() -> Iterator[int]:
    """List ports of the loopback that nobody has now, and no connection is given: below the ephemeral ones."""
    for port in random.sample(range(20_000, 32_000), 4000):
        with socket.socket() as listener:
            try:
                listener.bind(("127.0.0.1", port))
            except OSError:
                continue
        yield port


@dataclass
class Gateway:
    """A gateway to run: its text, changed to this machine's ports, and who stands behind it."""

    tools: DebianTools
    held: Certificate
    text: str
    folder: Path
    ports: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._free = free_ports()
        self.text = re.sub(r"(?m)^    bind :(\d+)", self._bound, self.text)
        self.text = self.text.replace("/var/run/haproxy", str(self.folder))

    def _bound(self, found: re.Match[str]) -> str:
        port = self.ports.setdefault(int(found[1]), next(self._free))
        return f"    bind 127.0.0.1:{port}"

    def change(self, pattern: str, replacement: str) -> Self:
        """Change the text wherever a pattern is found, which must be somewhere."""
        self.text, count = re.subn(pattern, replacement, self.text)
        assert count, pattern
        return self

    def behind(self, name: str, *servers: Server) -> Self:
        """Put servers into the places of a target's replicas."""
        (line,) = re.findall(rf"(?m)^    server-template {name} .*$", self.text)
        options = line.partition(" check ")[2]
        places = [
            f"    server {name}{n} 127.0.0.1:{one.server_port} init-addr last,libc check {options}"
            for n, one in enumerate(servers, start=1)
        ]
        self.text = self.text.replace(line, "\n".join(places))
        # A rule about a place that isn't there is a mistake.
        named = rf"(?m)^    use-server {name}(\d+) .*\n"
        self.text = re.sub(named, lambda rule: rule[0] if int(rule[1]) <= len(servers) else "", self.text)
        return self

    @contextmanager
    def running(self) -> Iterator[Self]:
        """Run until the end; what it logs is in `gateway.log`."""
        path = self.folder / "haproxy.cfg"
        path.write_text(self.text)
        command = [str(self.tools.program("haproxy")), "-W", "-db", "-f", str(path)]
        with (
            (self.folder / "gateway.log").open("w") as log,
            subprocess.Popen(command, env=self.tools.environment, stdout=log, stderr=log) as process,
        ):
            try:
                eventually(lambda: self.stats("/health").status_code == 200)
                yield self
            finally:
                process.terminate()
                process.wait(timeout=30)

    def log(self) -> str:
        """Return what it has logged until now."""
        return (self.folder / "gateway.log").read_text()

    def stats(self, path: str) -> httpx.Response:
        """Ask for statistics."""
        return httpx.get(f"http://127.0.0.1:{self.ports[STATS]}{path}", timeout=5)

    def metric(self, name: str, **labels: str) -> float:
        """Return the sum of a metric's series that have these labels."""
        total = 0.0
        for given, value in re.findall(rf"(?m)^{name}{{(.*)}} (\S+)$", self.stats("/metrics").text):
            if all(f'{key}="{text}"' in given for key, text in labels.items()):
                total += float(value)
        return total

    def url(self, port: int) -> str:
        """Return where a listener of the mesh is here."""
        return f"http://127.0.0.1:{self.ports[port]}"

    def client(self, *, http2: bool = False) -> httpx.Client:
        """Return a client of the entrance that trusts the stack's authority, and nobody else."""
        trusted = ssl.create_default_context(cafile=str(self.held.authority))
        url = f"https://localhost:{self.ports[ENTRANCE]}"
        return httpx.Client(verify=trusted, http1=not http2, http2=http2, base_url=url, timeout=30)

    def get(self, port: int, path: str, **headers: str) -> httpx.Response:
        """Ask through a listener of the mesh."""
        return httpx.get(self.url(port) + path, headers=headers, timeout=30)


Answer = Callable[["Handler"], None]


class Server(ThreadingHTTPServer):
    """A healthy server, whose other answers are as the test wants them."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.health = 200
        self.status = 200
        self.asked: list[str] = []
        self.seen: list[Mapping[str, str]] = []
        # Does something else than to answer: told the request, before a status is sent.
        self.instead: Answer | None = None
        self.go_on = threading.Event()
        self.go_on.set()

    @classmethod
    @contextmanager
    def opened(cls) -> Iterator[Self]:
        """Serve until the end."""
        with cls() as server:
            thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
            thread.start()
            try:
                yield server
            finally:
                server.go_on.set()
                server.stop()
                thread.join()

    def stop(self) -> None:
        """Take no more connections, as a server that is gone."""
        self.shutdown()
        self.server_close()


class Handler(BaseHTTPRequestHandler):
    """Answers checks by themselves; of all else it takes note first."""

    protocol_version = "HTTP/1.1"
    server: Server

    def do_GET(self) -> None:
        """Answer, with the body read."""
        self.rfile.read(int(self.headers.get("content-length", "0")))
        if self.is_check:
            self.answer(self.server.health)
            return
        self.server.asked.append(f"{self.command} {self.path}")
        self.server.seen.append({name.lower(): value for name, value in self.headers.items()})
        self.server.go_on.wait(timeout=30)
        if self.server.instead:
            self.server.instead(self)
        else:
            self.answer(self.server.status)

    def do_POST(self) -> None:
        """Do the same."""
        self.do_GET()

    @property
    def is_check(self) -> bool:
        """Whether the gateway asks for itself."""
        return self.headers.get("x-request-id") is None

    def die(self) -> None:
        """Close the connection without an answer, as a server that is killed does."""
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def answer(self, status: int) -> None:
        """Answer with a status and no body."""
        self.send_response(status)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""
