"""Agents under a dependency that dies: how often the engine starts them, and when they are all back.

Two ways of running them. `real`: the real system's setting, `restart: unless-stopped`, with an agent whose process
is made to end when it can't reach its dependency, at its start or at a heartbeat. `ours`: the reference agent,
which outlives its backend, under `on-failure` with five retries.
"""

from __future__ import annotations

import json
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Self
from uuid import uuid4

import docker
from docker.errors import APIError
from docker.models.containers import Container

from sutazai_infra.operations.images import build_images
from tests.integration.engine_events import Watch

__all__ = ["Storm", "StormLab"]

Way = Literal["real", "ours"]
IMAGES = Path(__file__).parents[2] / "images"
_POLICY: dict[Way, Any] = {
    "real": {"Name": "unless-stopped"},
    "ours": {"Name": "on-failure", "MaximumRetryCount": 5},
}
# Answers what agents say, and who has registered since it was started; an unknown agent's heartbeat is a 404.
_DEPENDENCY = """
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
known = set()
class Handler(BaseHTTPRequestHandler):
    def answer(self, status, value=None):
        body = json.dumps(value).encode() if status == 200 else b""
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def do_GET(self):
        self.answer(204) if "next" in self.path else self.answer(200, sorted(known))
    def do_POST(self):
        name = json.loads(self.rfile.read(int(self.headers["content-length"])))["agent_name"]
        if self.path.endswith("register"):
            known.add(name)
        self.answer(200 if name in known else 404, {})
    def log_message(self, *_):
        pass
class Server(ThreadingHTTPServer):
    request_queue_size = 128
Server(("", 8000), Handler).serve_forever()
"""
_FRAGILE = """
import json, os, time, urllib.request
def say(what):
    body = json.dumps({"agent_name": os.environ["AGENT_NAME"]}).encode()
    urllib.request.urlopen(os.environ["BACKEND_URL"] + "/api/agents/" + what, body, timeout=5).read()
say("register")
while True:
    time.sleep(float(os.environ["AGENT_HEARTBEAT_SECONDS"]))
    say("heartbeat")
"""


@dataclass(frozen=True)
class Storm:
    """What one outage did."""

    starts: int
    recovery_s: float
    registered: int


class StormLab:
    """One dependency and its agents on a network of their own, all gone at the end."""

    def __init__(self, client: docker.DockerClient, way: Way, agents: int, heartbeat_s: float) -> None:
        results = build_images(["workload"], IMAGES, client)
        self._refs = {result.name: result.ref for result in results}
        self._client, self._way, self._heartbeat_s = client, way, heartbeat_s
        self.prefix = f"sutazai-storm-{way}-{uuid4().hex[:6]}"
        self._network = client.networks.create(self.prefix, labels={"sutazai.storm": self.prefix})
        self._dependency = self._container("backend", "python", ["python3", "-c", _DEPENDENCY], {"Name": "no"})
        self._agents = agents

    @classmethod
    @contextmanager
    def opened(cls, client: docker.DockerClient, way: Way, agents: int, heartbeat_s: float = 30) -> Iterator[Self]:
        """Yield a lab whose agents have all registered; heartbeats in seconds."""
        lab = cls(client, way, agents, heartbeat_s)
        try:
            lab._dependency.start()
            for number in range(agents):
                lab._agent(number).start()
            lab.recovered(180)
            yield lab
        finally:
            lab.close()

    def outage(self, seconds: float, patience_s: float = 180) -> Storm:
        """Kill the dependency for so many seconds, bring it back, wait at most `patience_s` for all."""
        with Watch.opened(self._client, f"sutazai.storm={self.prefix}") as watch:
            self._dependency.kill()
            time.sleep(seconds)
            starts = len(watch.of("start"))
        self._dependency.start()
        recovery = self.recovered(patience_s)
        return Storm(starts, recovery, len(self.registered()))

    def recovered(self, patience_s: float) -> float:
        """Wait until all agents have registered; the seconds that it took, or `patience_s`."""
        start = time.monotonic()
        while len(self.registered()) < self._agents and time.monotonic() - start < patience_s:
            time.sleep(0.5)
        return time.monotonic() - start

    def registered(self) -> list[str]:
        """Return who has registered since the dependency was started; nobody while it doesn't answer."""
        ask = "import urllib.request as u; print(u.urlopen('http://127.0.0.1:8000/', timeout=5).read().decode())"
        code, output = self._dependency.exec_run(["python3", "-c", ask])
        names: list[str] = json.loads(output) if code == 0 and isinstance(output, bytes) else []
        return names

    def close(self) -> None:
        """Leave nothing on the engine."""
        containers = self._client.containers.list(all=True, filters={"label": f"sutazai.storm={self.prefix}"})
        for container in containers:
            container.remove(force=True, v=True)
        try:
            self._network.remove()
        except APIError as error:
            # Of some hundred restarts Docker 20.10 forgets to end one: the network stays until dockerd ends.
            if "has active endpoints" not in str(error):
                raise
            warnings.warn(f"the engine can't let go of {self.prefix}: start it anew", stacklevel=2)

    def _agent(self, number: int) -> Container:
        name = f"agent-{number}"
        command = ["agent"] if self._way == "ours" else ["python3", "-c", _FRAGILE]
        image = "workload" if self._way == "ours" else "python"
        return self._container(name, image, command, _POLICY[self._way])

    def _container(self, name: str, image: str, command: list[str], restart: Any) -> Container:
        made: Container = self._client.containers.create(
            self._refs[image],
            command,
            name=f"{self.prefix}-{name}",
            labels={"sutazai.storm": self.prefix},
            restart_policy=restart,
            read_only=True,
            cap_drop=["ALL"],
            mem_limit="64m",
            network=self.prefix,
            networking_config={self.prefix: self._client.api.create_endpoint_config(aliases=[name])},
            environment={
                "AGENT_NAME": name,
                "AGENT_TYPE": "storm",
                "AGENT_ROLE": "tests",
                "BACKEND_URL": "http://backend:8000",
                "AGENT_HEARTBEAT_SECONDS": str(self._heartbeat_s),
            },
        )
        return made
