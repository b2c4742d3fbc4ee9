"""The images of gateway and monitoring: each one runs without rights on a read-only root, and does its work."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import docker
import pytest
from docker.models.containers import Container

from sutazai_infra.operations.images import build_images
from tests.integration.image_lab import IMAGES, Lab, eventually, execute

pytestmark = pytest.mark.engine

NAMES = (
    "alertmanager",
    "blackbox-exporter",
    "haproxy",
    "node-exporter",
    "postgres-exporter",
    "prometheus",
    "redis-exporter",
)
FETCH = ("busybox", "wget", "-q", "-O", "-")
PROXY = """
defaults
    mode http
    timeout connect 2s
    timeout client 5s
    timeout server 5s
frontend front
    bind :8080
    monitor-uri /health
    http-request use-service prometheus-exporter if { path /metrics }
"""
SCRAPES = """
scrape_configs:
  - job_name: all
    scrape_interval: 1s
    static_configs:
      - targets: [node-exporter:9100, redis-exporter:9121, postgres-exporter:9187, haproxy:8080, alertmanager:9093]
alerting:
  alertmanagers: [{static_configs: [{targets: [alertmanager:9093]}]}]
rule_files: [/run/secrets/rules.yml]
"""
RULES = """
groups:
  - {name: all, interval: 1s, rules: [{alert: Watching, expr: "up == 1"}]}
"""
ROUTES = "{route: {receiver: nobody, group_wait: 0s}, receivers: [{name: nobody}]}"
FILES = {
    "postgres": "pg-secret\n",
    "redis.conf": "requirepass redis-secret\nsave ''\n",
    "redis.json": '{"redis://redis:6379": "redis-secret"}',
    "haproxy.cfg": PROXY,
    "prometheus.yml": SCRAPES,
    "rules.yml": RULES,
    "alertmanager.yml": ROUTES,
    "blackbox.yml": "{modules: {http: {prober: http, timeout: 3s, http: {preferred_ip_protocol: ip4}}}}",
}


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    client = docker.from_env()
    build_images([*NAMES, "postgres", "redis"], IMAGES, client)
    folder: Path = tmp_path_factory.mktemp("files")
    folder.chmod(0o755)  # the containers read them as other users
    for name, text in FILES.items():
        (folder / name).write_text(text)
    lab = Lab(client, folder)
    try:
        yield lab
    finally:
        lab.clean()
        client.close()


@pytest.fixture(scope="module")
def running(lab: Lab) -> dict[str, Container]:
    postgres_access = {
        "DATA_SOURCE_URI": "postgres:5432/sutazai?sslmode=disable",
        "DATA_SOURCE_USER": "sutazai",
        "DATA_SOURCE_PASS_FILE": "/run/secrets/postgres",
    }
    redis_access = {"REDIS_ADDR": "redis://redis:6379", "REDIS_PASSWORD_FILE": "/run/secrets/redis.json"}
    lab.postgres("postgres", "monitored")
    lab.run("redis", "redis", ["redis-server", "/run/secrets/redis.conf", "--maxmemory", "16mb"])
    commands: dict[str, tuple[list[str], dict[str, str]]] = {
        "alertmanager": (
            [
                "--config.file=/run/secrets/alertmanager.yml",
                "--storage.path=/alertmanager",
                "--cluster.listen-address=",
            ],
            {},
        ),
        "blackbox-exporter": (["--config.file=/run/secrets/blackbox.yml"], {}),
        "haproxy": (["haproxy", "-W", "-db", "-f", "/run/secrets/haproxy.cfg"], {}),
        "node-exporter": (["--collector.disable-defaults", "--collector.cpu", "--collector.meminfo"], {}),
        "postgres-exporter": ([], postgres_access),
        "prometheus": (["--config.file=/run/secrets/prometheus.yml", "--storage.tsdb.path=/prometheus"], {}),
        "redis-exporter": ([], redis_access),
    }
    return {
        name: lab.run(name, name, command, environment=environment)
        for name, (command, environment) in commands.items()
    }


def fetched(container: Container, url: str) -> str:
    return execute(container, *FETCH, url).stdout


@pytest.mark.parametrize("name", NAMES)
def test_it_is_nobody_and_has_what_it_takes_to_be_probed(running: dict[str, Container], name: str) -> None:
    container = running[name]

    assert execute(container, "busybox", "id", "-u").stdout.strip() in {"99", "65534"}
    assert execute(container, "busybox", "touch", "/usr/bin/mine").returncode != 0
    assert execute(container, "busybox", "which", "pip", "gcc", "curl").stdout == ""


def test_each_answers_prometheus_which_sends_what_it_finds_to_alertmanager(running: dict[str, Container]) -> None:
    query = "http://127.0.0.1:9090/api/v1/query?query=count(up==1)"
    eventually(lambda: '"5"' in fetched(running["prometheus"], query), 60)

    alerts = "http://127.0.0.1:9093/api/v2/alerts"
    eventually(lambda: fetched(running["alertmanager"], alerts).count('"Watching"') == 5, 60)


@pytest.mark.parametrize(
    ("name", "url", "said"),
    [
        ("postgres-exporter", "http://127.0.0.1:9187/metrics", "pg_up 1"),
        ("redis-exporter", "http://127.0.0.1:9121/metrics", "redis_up 1"),
        ("redis-exporter", "http://127.0.0.1:9121/health", "ok"),
        ("node-exporter", "http://127.0.0.1:9100/metrics", 'node_cpu_seconds_total{cpu="0",mode="idle"}'),
        ("haproxy", "http://127.0.0.1:8080/metrics", 'haproxy_frontend_status{proxy="front",state="UP"} 1'),
        (
            "blackbox-exporter",
            "http://127.0.0.1:9115/probe?module=http&target=http://haproxy:8080/health",
            "probe_success 1",
        ),
    ],
)
def test_it_tells_what_it_is_asked_for(running: dict[str, Container], name: str, url: str, said: str) -> None:
    eventually(lambda: said in fetched(running[name], url), 30)


@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("prometheus", ("promtool", "check", "config", "/run/secrets/prometheus.yml")),
        ("alertmanager", ("amtool", "check-config", "/run/secrets/alertmanager.yml")),
        ("haproxy", ("haproxy", "-c", "-f", "/run/secrets/haproxy.cfg")),
    ],
)
def test_it_has_the_checker_of_its_files(
    running: dict[str, Container], name: str, command: tuple[str, ...]
) -> None:
    assert execute(running[name], *command).returncode == 0
