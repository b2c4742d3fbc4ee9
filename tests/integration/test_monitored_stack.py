"""Prometheus and Alertmanager in a stack of the program's own: what they are told to watch, they do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.integration.image_lab import eventually
from tests.integration.stack_lab import StackLab, free_port

pytestmark = pytest.mark.engine

EXPORTERS = ["container-exporter", "engine-proxy", "node-exporter", "redis-exporter", "blackbox-exporter"]
MONITORED = ["redis", "prometheus", "alertmanager", *EXPORTERS]


class Monitored:
    """A stack with its monitoring, asked over HTTP."""

    def __init__(self, lab: StackLab) -> None:
        self.lab = lab
        self._ports = {name: free_port() for name in ("prometheus", "alertmanager")}
        lab.settings |= {"services": {"only": MONITORED}, "agents": "0", "publish": self._ports}

    def get(self, service: str, path: str, **query: str) -> Any:
        """Ask below the service's prefix."""
        url = f"http://127.0.0.1:{self._ports[service]}/{service}{path}"
        return httpx.get(url, params=query, timeout=10).raise_for_status().json()

    def query(self, expression: str) -> list[dict[str, Any]]:
        """Return the series of an instant query."""
        found: list[dict[str, Any]] = self.get("prometheus", "/api/v1/query", query=expression)["data"]["result"]
        return found


@pytest.fixture(scope="module")
def monitored(swept: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Monitored]:
    del swept
    with StackLab.opened(tmp_path_factory.mktemp("monitored")) as opened:
        stack = Monitored(opened)
        opened.configure()
        opened.up().worked()
        yield stack


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
