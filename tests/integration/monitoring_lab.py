"""A stack with the whole of the monitoring, under a little load, and a webhook that its alerts reach."""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from typing import Any, Self

import httpx

from sutazai_infra.operations.prometheus import Prometheus
from tests.integration.stack_lab import AGENTS, StackLab, free_port

__all__ = ["Watched", "Webhook"]

SERVICES = ["postgres", "redis", "pgbouncer", "backend", "frontend", "gateway", "prometheus", "alertmanager"]
EXPORTERS = [
    "node-exporter",
    "postgres-exporter",
    "redis-exporter",
    "blackbox-exporter",
    "container-exporter",
    "engine-proxy",
]


class Webhook:
    """What Alertmanager posts, as it comes in; it listens where containers reach this host."""

    def __init__(self, address: str) -> None:
        self.posted: Queue[dict[str, Any]] = Queue()
        self._server = ThreadingHTTPServer((address, 0), self._handler())
        self.url = f"http://{address}:{self._server.server_port}/alerts"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def alert(self, name: str, seconds: float) -> dict[str, Any]:
        """Wait for an alert of this name; raises `queue.Empty`."""
        end = time.monotonic() + seconds
        while True:
            message = self.posted.get(timeout=max(0.1, end - time.monotonic()))
            alerts: list[dict[str, Any]] = message["alerts"]
            for alert in alerts:
                if alert["labels"]["alertname"] == name:
                    return {**alert, "receiver": message["receiver"]}

    @classmethod
    @contextmanager
    def opened(cls, lab: StackLab) -> Iterator[Self]:
        """Listen where containers reach this host."""
        webhook = cls(lab.client.networks.get("bridge").attrs["IPAM"]["Config"][0]["Gateway"])
        try:
            yield webhook
        finally:
            webhook._server.shutdown()
            webhook._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        posted = self.posted

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                posted.put(json.loads(self.rfile.read(int(self.headers["content-length"]))))
                self.send_response(200)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
                """Say nothing."""

        return Handler


class Watched:
    """A stack under a little load, and its Prometheus, asked through the gateway."""

    def __init__(self, lab: StackLab, webhook: Webhook) -> None:
        self.lab, self.webhook = lab, webhook
        self.url = f"https://127.0.0.1:{lab.settings['publish']['gateway']}"
        self.authority = lab.run("sutazai", "ca", "-s", lab.stack).worked().output
        self.answers: Counter[int] = Counter()
        self.prometheus = Prometheus(f"{self.url}/prometheus", self.authority)

    @classmethod
    @contextmanager
    def opened(cls, folder: Path) -> Iterator[Self]:
        """Yield the stack, up and at work."""
        with StackLab.opened(folder) as lab, Webhook.opened(lab) as webhook:
            lab.settings |= {
                "services": {"only": [*SERVICES, *EXPORTERS]},
                "agents": list(AGENTS),
                "publish": {"gateway": free_port(), "alertmanager": free_port()},
                "alert_webhook": webhook.url,
                "share": "0.4",
            }
            lab.configure()
            lab.up().worked()
            stack = cls(lab, webhook)
            with stack.working():
                yield stack
            stack.prometheus.close()

    @contextmanager
    def working(self) -> Iterator[None]:
        """Post a task again and again: what nobody does, nobody measures."""
        enough = threading.Event()
        posting = threading.Thread(target=self._post, args=(enough,))
        posting.start()
        try:
            yield
        finally:
            enough.set()
            posting.join()

    def _post(self, enough: threading.Event) -> None:
        trusted = ssl.create_default_context(cadata=self.authority)
        task = {"type": "orchestration", "payload": {"kind": "wordcount", "text": "one two"}}
        with httpx.Client(verify=trusted, base_url=self.url, timeout=30) as client:
            while not enough.wait(1):
                self.answers[client.post("/api/v1/tasks", json=task).status_code] += 1

    def rules(self, kind: str) -> list[dict[str, Any]]:
        """Return what Prometheus says of its recording rules, or of its alerts."""
        groups = self.prometheus.get("rules", type=kind)["groups"]
        return [rule for group in groups for rule in group["rules"]]

    def unanswered(self, expressions: Iterable[str]) -> list[str]:
        """Return those of the expressions that have no series."""
        return [expression for expression in expressions if not self.series(expression)]

    def series(self, expression: str) -> list[dict[str, str]]:
        """Return the labels of what an expression has, numbers or not."""
        return [row["metric"] for row in self.prometheus.get("query", query=expression)["result"]]

    def names(self) -> set[str]:
        """Return the names of all metrics that Prometheus has."""
        return set(self.prometheus.get("label/__name__/values"))

    def alertmanager(self, path: str, body: Any = None) -> Any:
        """Ask Alertmanager below its prefix, or post something to it."""
        url = f"http://127.0.0.1:{self.lab.settings['publish']['alertmanager']}/alertmanager/api/v2{path}"
        answer = httpx.post(url, json=body, timeout=10) if body else httpx.get(url, timeout=10)
        return answer.raise_for_status().json() if answer.content else None
