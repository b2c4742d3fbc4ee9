"""The gateway in a stack that the program deploys: what changes behind it reaches no client."""

from __future__ import annotations

import ssl
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import httpx
import pytest

from tests.integration.image_lab import eventually, execute
from tests.integration.stack_lab import CORE, StackLab, free_port, state_of

pytestmark = pytest.mark.engine

REQUESTS = 10_000
CLIENTS = 4
# So small that limits needn't give way: with less memory the database has another command, and so is another one.
SMALL = {"backend": 192, "frontend": 192, "postgres": 512, "redis": 256}
AGENT = "agent-orchestrator"
REGISTRATION = {"agent_name": "nobody", "agent_type": "worker"}


@dataclass
class Traffic:
    """Requests over HTTP/2, as fast as they are answered, until somebody says so; and what came of them."""

    lab: StackLab
    answers: Counter[str] = field(default_factory=Counter)
    enough: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def flowing(self, trusted: ssl.SSLContext) -> Iterator[None]:
        """Ask until the end of the block."""
        with ThreadPoolExecutor(CLIENTS) as clients:
            asking = [clients.submit(self._ask, trusted) for _ in range(CLIENTS)]
            try:
                eventually(lambda: self.answers.total() > CLIENTS)
                yield
            finally:
                self.enough.set()
        for one in asking:
            one.result()

    def _ask(self, trusted: ssl.SSLContext) -> None:
        url = self.lab.outputs()["urls"]["gateway"]
        with httpx.Client(verify=trusted, http2=True, base_url=url, timeout=30) as client:
            while not self.enough.is_set():
                self._count(client, "GET", "/api/v1/queues")
                self._count(client, "POST", "/api/agents/register")

    def _count(self, client: httpx.Client, method: str, path: str) -> None:
        try:
            answer = client.request(method, path, json=REGISTRATION if method == "POST" else None)
        except httpx.HTTPError as error:
            self.answers[f"{method} {error!r}"] += 1
        else:
            self.answers[f"{method} {answer.http_version} {answer.status_code}"] += 1


def sized(backends: int) -> dict[str, dict[str, Any]]:
    """Return overrides: small limits, and so many replicas of the backend."""
    limits = {name: {"memory_request": "64Mi", "memory_limit": f"{mib}Mi"} for name, mib in SMALL.items()}
    return {**limits, "backend": {**limits["backend"], "replicas": backends}}


@pytest.fixture(scope="module")
def stack(swept: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StackLab]:
    """Return a stack with two replicas of the backend, and what looks at the gateway."""
    del swept
    with StackLab.opened(tmp_path_factory.mktemp("stack")) as lab:
        only = [*CORE, "prometheus", "blackbox-exporter"]
        published = {"gateway": free_port()}
        lab.settings |= {
            "services": {"only": only},
            "agents": [AGENT],
            "overrides": sized(2),
            "publish": published,
        }
        lab.configure()
        lab.up().worked()
        yield lab


@pytest.fixture(scope="module")
def trusted(stack: StackLab) -> ssl.SSLContext:
    """Trust the stack's authority, and nobody else."""
    return ssl.create_default_context(cadata=stack.secrets()["ca-certificate"])


def test_the_only_address_is_the_gateways_and_prometheus_is_behind_it(
    stack: StackLab, trusted: ssl.SSLContext
) -> None:
    port = stack.settings["publish"]["gateway"]
    assert stack.outputs()["urls"] == {"gateway": f"https://127.0.0.1:{port}"}

    def asked() -> httpx.Response:
        url = f"https://127.0.0.1:{port}/prometheus/api/v1/query"
        return httpx.get(url, params={"query": "1"}, verify=trusted, timeout=10).raise_for_status()

    assert eventually(asked).json()["status"] == "success"


def test_the_blackbox_exporter_believes_the_gateways_certificate(stack: StackLab) -> None:
    exporter = "http://127.0.0.1:9115/probe?module=http_2xx&target=https://gateway:8443"

    def answered(path: str) -> bool:
        probe = execute(stack.container("blackbox-exporter"), "busybox", "wget", "-qO-", exporter + path).stdout
        return {"probe_success 1", "probe_http_ssl 1"} <= set(probe.splitlines())

    for path in ("/", "/api/v1/queues"):
        assert eventually(partial(answered, path))


# Each a line of Python in an agent's container, and how it ends there.
_TRIED = """
import ssl, sys, urllib.error, urllib.request
method, url = sys.argv[1:]
try:
    request = urllib.request.Request(url, data=b"{}" if method == "POST" else None, method=method)
    print(urllib.request.urlopen(request, timeout=5, context=ssl._create_unverified_context()).status)
except urllib.error.HTTPError as error:
    print(error.code)
except urllib.error.URLError as error:
    print(error.reason)
"""
_REFUSED = "[Errno 111] Connection refused"


@pytest.mark.parametrize(
    ("method", "url", "outcome"),
    [
        ("GET", "http://gateway:8201/api/v1/queues", "200"),
        ("GET", "http://gateway:8101/api/v1/queues", _REFUSED),
        ("GET", "http://gateway:8103/", _REFUSED),
        ("GET", "http://gateway:8301/api/v1/queues", _REFUSED),
        ("GET", "http://gateway:8501/api/v1/queues", _REFUSED),
        ("GET", "https://gateway:8443/api/v1/queues", "200"),
        ("POST", "https://gateway:8443/api/v1/tasks", "403"),
    ],
)
def test_an_agent_speaks_for_no_pool_but_its_own(stack: StackLab, method: str, url: str, outcome: str) -> None:
    tried = execute(stack.container(AGENT), "python3", "-c", _TRIED, method, url)
    assert tried.stdout.strip() == outcome


def test_a_service_of_the_gateways_pool_speaks_for_that_one(stack: StackLab) -> None:
    def outcome(port: int) -> str:
        url = f"http://gateway:{port}/api/v1/queues"
        return execute(stack.container("frontend"), "python3", "-c", _TRIED, "GET", url).stdout.strip()

    assert (outcome(8101), outcome(8201)) == ("200", _REFUSED)


def test_a_new_version_and_more_and_fewer_replicas_pass_ten_thousand_requests_without_an_error(
    stack: StackLab, trusted: ssl.SSLContext
) -> None:
    gateway = state_of(stack.container("gateway"))
    before = state_of(stack.container("backend"))
    traffic = Traffic(stack)
    with traffic.flowing(trusted):
        port = 'POSTGRES_PORT: "6432"'
        stack.edit("services/infrastructure.yaml", port, f'{port}\n      QUEUE_LIMIT: "77"')
        changes = stack.up().worked().changes
        stack.configure(overrides=sized(3))
        stack.up().worked()
        assert stack.container("backend-3")
        stack.configure(overrides=sized(1))
        stack.up().worked()
        eventually(lambda: traffic.answers.total() >= REQUESTS, seconds=200)
    assert set(traffic.answers) == {"GET HTTP/2 200", "POST HTTP/2 200"}, traffic.answers
    assert changes == {"replace": 2}
    assert state_of(stack.container("backend")) != before
    assert state_of(stack.container("gateway")) == gateway
