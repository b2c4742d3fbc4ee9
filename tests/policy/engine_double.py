"""A Docker engine's few read-only answers, served over a real socket."""

from __future__ import annotations

import json
import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

MIB = 2**20


class EngineDouble:
    """What the engine would answer; tests change it before they let a rule look."""

    def __init__(self, cores: int, memory_mib: int) -> None:
        self.info: Any = {"NCPU": cores, "MemTotal": memory_mib * MIB}
        self.answers: dict[str, Any] = {}
        self.asked: list[str] = []
        self._listed: list[dict[str, Any]] = []

    def run(
        self,
        name: str,
        *,
        memory: int = 0,
        reservation: int = 0,
        shares: int = 0,
        cores: str = "",
        labels: dict[str, str] | None = None,
        ports: Any = None,
        used: int = 0,
        cached: int = 0,
        **config: Any,
    ) -> None:
        """Let a container run; sizes in MiB, `config` as the engine writes it."""
        identifier = f"id-of-{name}"
        self._listed.append({"Id": identifier, "Names": [f"/{name}"], "Labels": labels or {}})
        self.answers[f"/containers/{identifier}/json"] = {
            "HostConfig": {
                "Memory": memory * MIB,
                "MemoryReservation": reservation * MIB,
                "CpuShares": shares,
                "CpusetCpus": cores,
                "PortBindings": ports,
            },
            "Image": "sha256:0123",
            "Config": config | {"Labels": labels},
        }

        self.answers[f"/containers/{identifier}/stats?stream=false&one-shot=true"] = {
            "memory_stats": {"usage": used * MIB, "stats": {"inactive_file": cached * MIB}}
        }

    def answer(self, path: str) -> Any:
        """Return the answer to a GET, or None for one that isn't there."""
        self.asked.append(path)
        return {"/info": self.info, "/containers/json": self._listed, **self.answers}.get(path)


class _UnixServer(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True


class _TcpServer(socketserver.ThreadingTCPServer):
    daemon_threads = True


@contextmanager
def served(engine: EngineDouble, socket_file: Path | None = None) -> Iterator[dict[str, str]]:
    """Serve the engine, on a Unix socket or on TCP; yields the environment that names it."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            found = engine.answer(self.path)
            body = found if isinstance(found, bytes) else json.dumps(found).encode()
            self.send_response(404 if found is None else 200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class's name
            """Stay quiet."""

    with _server(Handler, socket_file) as (server, address):
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield {"DOCKER_HOST": address}
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def _server(
    handler: type[BaseHTTPRequestHandler], socket_file: Path | None
) -> Iterator[tuple[socketserver.BaseServer, str]]:
    if socket_file is not None:
        with _UnixServer(str(socket_file), handler) as unix:
            yield unix, f"unix://{socket_file}"
    else:
        with _TcpServer(("127.0.0.1", 0), handler) as tcp:
            yield tcp, f"tcp://127.0.0.1:{tcp.server_address[1]}"


def closed_port() -> int:
    """Return a TCP port on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
