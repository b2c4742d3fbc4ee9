"""Three paths over HTTP: metrics, agents for Prometheus' service discovery, and a probe of the process alone."""

from __future__ import annotations

import signal
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.registry import Collector

from exporter.plan import PlanFacts

__all__ = ["Server", "serve"]


class Server(ThreadingHTTPServer):
    """Serves a collector's metrics and a plan's targets on all of the container's addresses."""

    daemon_threads = True

    def __init__(self, collector: Collector, plan: PlanFacts, port: int) -> None:
        super().__init__(("", port), _Handler)
        self.plan = plan
        # Of its own: without it, a collector is asked once as it is registered.
        self.registry = CollectorRegistry(auto_describe=False)
        self.registry.register(collector)


class _Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"
    timeout = 60  # of a client that says nothing more

    def do_GET(self) -> None:
        """Answer; the query is ignored."""
        match self.path.partition("?")[0]:
            case "/metrics":
                self._answer(200, CONTENT_TYPE_LATEST, generate_latest(self.server.registry))
            case "/targets/agents":
                self._answer(200, "application/json", self.server.plan.discovery().encode())
            case "/health":
                self._answer(200, "text/plain; charset=utf-8", b"ok\n")
            case _:
                self._answer(
                    404, "text/plain; charset=utf-8", b"there are /metrics, /targets/agents and /health\n"
                )

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name that the library gave it
        """Say nothing: a scrape is no news."""

    def _answer(self, status: int, content_type: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("content-type", content_type)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def serve(collector: Collector, plan: PlanFacts, port: int) -> None:
    """Serve until SIGTERM."""
    with Server(collector, plan, port) as server:
        # Not in the handler itself, which runs in the thread that would be waited for.
        signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
        server.serve_forever()
