"""Prometheus and Alertmanager in a stack of the program's own: what they are told to watch, they do."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from threading import Thread
from typing import Any

import httpx
import pytest

from tests.integration.image_lab import eventually
from tests.integration.stack_lab import StackLab, free_port

pytestmark = pytest.mark.engine

EXPORTERS = ["container-exporter", "engine-proxy", "node-exporter", "redis-exporter", "blackbox-exporter"]
MONITORED = ["redis", "prometheus", "alertmanager", *EXPORTERS]
# What this stack's exporters have; the others' alerts are left out of it.
OURS = re.compile("sutazai_(container|ledger|plan|pool)_|node_|redis_|alertmanager_|prometheus_|up$")
METRIC = re.compile(r"\b[a-z]+_[a-z_]+\b|\bup\b")


class Webhook:
    """What Alertmanager posts, as it comes in; it listens where containers reach this host."""

    def __init__(self, address: str) -> None:
        self.posted: Queue[dict[str, Any]] = Queue()
        self._server = ThreadingHTTPServer((address, 0), self._handler())
        self.url = f"http://{address}:{self._server.server_port}/alerts"
        Thread(target=self._server.serve_forever, daemon=True).start()

    def alert(self, name: str, seconds: float) -> dict[str, Any]:
        """Wait for an alert of this name; raises `queue.Empty`."""
        end = time.monotonic() + seconds
        while True:
            message = self.posted.get(timeout=max(0.1, end - time.monotonic()))
            alerts: list[dict[str, Any]] = message["alerts"]
            for alert in alerts:
                if alert["labels"]["alertname"] == name:
                    return {**alert, "receiver": message["receiver"]}

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()

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


class Monitored:
    """A stack with its monitoring, asked over HTTP."""

    def __init__(self, lab: StackLab) -> None:
        self.lab = lab
        bridge = lab.client.networks.get("bridge").attrs["IPAM"]["Config"][0]["Gateway"]
        self.webhook = Webhook(bridge)
        self._ports = {name: free_port() for name in ("prometheus", "alertmanager")}
        lab.settings |= {
            "services": {"only": MONITORED},
            "agents": "0",
            "publish": self._ports,
            "alert_webhook": self.webhook.url,
        }

    def get(self, service: str, path: str, **query: str) -> Any:
        """Ask below the service's prefix."""
        url = f"http://127.0.0.1:{self._ports[service]}/{service}{path}"
        return httpx.get(url, params=query, timeout=10).raise_for_status().json()

    def post_alerts(self, *alerts: dict[str, str]) -> None:
        """Hand alerts of high priority to Alertmanager, as Prometheus does."""
        body = [{"labels": {**labels, "priority": "high"}} for labels in alerts]
        url = f"http://127.0.0.1:{self._ports['alertmanager']}/alertmanager/api/v2/alerts"
        httpx.post(url, json=body, timeout=10).raise_for_status()

    def query(self, expression: str) -> list[dict[str, Any]]:
        """Return the series of an instant query."""
        found: list[dict[str, Any]] = self.get("prometheus", "/api/v1/query", query=expression)["data"]["result"]
        return found


@pytest.fixture(scope="module")
def monitored(swept: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Monitored]:
    del swept
    with StackLab.opened(tmp_path_factory.mktemp("monitored")) as opened:
        stack = Monitored(opened)
        try:
            opened.configure()
            opened.up().worked()
            yield stack
        finally:
            stack.webhook.close()


def test_every_target_is_there_and_answers(monitored: Monitored) -> None:
    def found() -> dict[str, str]:
        return {row["metric"]["job"]: row["value"][1] for row in monitored.query("up")}

    jobs = {"alertmanager", "blackbox-exporter", "container-exporter", "node-exporter", "prometheus"}
    answering = dict.fromkeys({*jobs, "redis-exporter"}, "1")
    eventually(lambda: found() == answering, 90)
    assert monitored.query("redis_up")[0]["value"][1] == "1"


def test_a_containers_metrics_keep_its_own_labels(monitored: Monitored) -> None:
    healthy = 'sutazai_container_healthy{service="redis"}'
    (series,) = eventually(lambda: monitored.query(healthy), 90)
    assert series["metric"] == {
        "__name__": "sutazai_container_healthy",
        "container": f"sutazai-{monitored.lab.stack}-redis",
        "instance": "container-exporter:9105",
        "job": "container-exporter",
        "name": "redis",
        "pool": "infrastructure",
        "priority": "critical",
        "service": "redis",
        "tier": "1",
    }


def test_agents_are_discovered_by_asking_the_exporter(monitored: Monitored) -> None:
    failures = "prometheus_sd_http_failures_total"
    (series,) = eventually(lambda: monitored.query(failures), 90)
    assert series["value"][1] == "0"
    assert monitored.query('up{job="agents"}') == []


def test_the_disk_is_the_engines(monitored: Monitored) -> None:
    (series,) = eventually(lambda: monitored.query("node_filesystem_size_bytes"), 90)
    assert (series["metric"]["mountpoint"], series["metric"]["fstype"]) == ("/", "overlay")
    assert float(series["value"][1]) > 2**30


def test_prometheus_knows_alertmanager_below_its_prefix(monitored: Monitored) -> None:
    def known() -> list[dict[str, str]]:
        found: list[dict[str, str]] = monitored.get("prometheus", "/api/v1/alertmanagers")["data"][
            "activeAlertmanagers"
        ]
        return found

    assert eventually(known, 60) == [{"url": "http://alertmanager:9093/alertmanager/api/v2/alerts"}]
    status = monitored.get("alertmanager", "/api/v2/status")
    assert status["cluster"]["status"] == "disabled"


def test_every_metric_that_rules_name_is_there(monitored: Monitored) -> None:
    def there() -> bool:
        names = set(monitored.get("prometheus", "/api/v1/label/__name__/values")["data"])
        assert {name for name in named(monitored) if OURS.match(name)} - names == set()
        return True

    assert eventually(there, 90)
    # So that an empty list isn't taken for a good one.
    assert {"sutazai_container_healthy", "sutazai_ledger_used", "redis_up"} <= named(monitored)


def named(monitored: Monitored) -> set[str]:
    """List the metrics in the expressions of all rules that Prometheus has loaded."""
    groups = monitored.get("prometheus", "/api/v1/rules")["data"]["groups"]
    return {name for group in groups for rule in group["rules"] for name in METRIC.findall(rule["query"])}


def test_key_figures_are_asked_of_it_by_the_command(monitored: Monitored) -> None:
    def said() -> dict[str, Any]:
        command = ("kpi", "--stack", monitored.lab.stack, "--json", "--window", "10m")
        answer: dict[str, Any] = json.loads(monitored.lab.run("sutazai", *command).worked().output)
        values = {one["key"]: one["value"] for one in answer["figures"]}
        shares = [values[key] for key in ("memory_waste", "cpu_waste", "memory_used_of_limits", "host_cpu")]
        assert None not in shares
        assert all(0 < share <= 1 for share in shares)
        return answer

    # Rates are there after two scrapes, and what follows from them a little later.
    found = eventually(said, 120, interval=3)
    scopes = {one["scope"]: one for one in found["scopes"]}
    assert set(scopes) == {"stack", "pool agents", "pool infrastructure", "tier 1", "tier 2"}
    assert scopes["stack"]["memory_used_mib"] > scopes["pool infrastructure"]["memory_used_mib"] > 0
    figures = {one["key"]: one for one in found["figures"]}
    # Nobody works in this stack.
    assert figures["task_completion"]["reason"] == "no task ended in this time"
    assert figures["queue_most"]["reason"] == "the backend told nothing"
    assert found["remarks"]


def test_what_follows_from_something_worse_is_silent(monitored: Monitored) -> None:
    def states() -> dict[str, str]:
        found = monitored.get("alertmanager", "/api/v2/alerts")
        return {alert["labels"]["alertname"]: alert["status"]["state"] for alert in found}

    monitored.post_alerts(
        {"alertname": "ServiceUnhealthy", "severity": "critical", "service": "shop"},
        {"alertname": "ProbeFailed", "severity": "critical", "service": "shop"},
        {"alertname": "ServiceMemoryHigh", "severity": "warning", "service": "shop"},
        {"alertname": "ServiceThrottled", "severity": "warning", "service": "other"},
    )
    expected = {
        "ServiceUnhealthy": "active",
        "ProbeFailed": "suppressed",
        "ServiceMemoryHigh": "suppressed",
        "ServiceThrottled": "active",
    }
    # Judged when its group is told for the first time.
    assert eventually(lambda: expected.items() <= states().items(), 60)


def test_redis_is_stopped_and_somebody_is_told(monitored: Monitored) -> None:
    monitored.lab.container("redis").stop()

    # Scraped within 30 s, judged within 30 s more, true for a minute, and 10 s for others of its group.
    alert = monitored.webhook.alert("RedisDown", 180)

    assert (alert["receiver"], alert["status"]) == ("webhook", "firing")
    labels = alert["labels"]
    assert (labels["severity"], labels["priority"], labels["service"]) == ("critical", "critical", "redis")
    assert alert["annotations"] == {
        "summary": "Redis does not answer its exporter.",
        "runbook_url": "docs/runbooks.md#redisdown",
    }
