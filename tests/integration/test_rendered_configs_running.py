"""The pooler and the gateway on a real engine, run as the stack runs them, with what stands behind them."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from pathlib import Path

import docker
import httpx
import pytest
from docker.models.containers import Container

from sutazai_infra.inputs.catalogue import load_catalogue
from sutazai_infra.model.settings import Settings
from sutazai_infra.operations.images import build_images
from sutazai_infra.planning.planner import plan
from sutazai_infra.render.configs import render_configs
from tests.integration.gateway_lab import certificate, everywhere
from tests.integration.image_lab import IMAGES, Lab, eventually, execute

pytestmark = pytest.mark.engine

SERVICES = ["postgres", "redis", "pgbouncer", "backend", "frontend", "gateway"]
PASSWORD = "pg-secret"  # noqa: S105  of this run alone
HTTPS, AGENTS, STATS = 8443, 8201, 8404


@pytest.fixture(scope="module")
def configs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Render the stack for the images that are built here."""
    host = {"cores": 12, "memory": "29.38Gi"}
    chosen = {"host": host, "images": "built", "agents": 0, "services": {"only": SERVICES}}
    settings = Settings.parsed("settings", chosen)
    catalogue = load_catalogue(IMAGES.parent / "catalogue")
    assert settings.host != "auto"
    folder = tmp_path_factory.mktemp("configs")
    texts = render_configs(plan(catalogue, settings.host.host(), settings), catalogue, settings)
    # Its network isn't a stack's, and has no names of one.
    for name, text in {**texts, "haproxy": everywhere(texts["haproxy"])}.items():
        (folder / name).write_text(text)
    folder.chmod(0o755)
    return folder


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    client = docker.from_env()
    build_images(None, IMAGES, client)
    secrets = tmp_path_factory.mktemp("secrets")
    (secrets / "postgres").write_text(PASSWORD)
    (secrets / "userlist.txt").write_text(f'"sutazai" "{PASSWORD}"\n')
    (secrets / "redis").write_text("redis-secret\n")
    (secrets / "redis.conf").write_text("requirepass redis-secret\nsave ''\n")
    certificate(secrets)
    secrets.chmod(0o755)
    lab = Lab(client, secrets)
    try:
        yield lab
    finally:
        lab.clean()
        client.close()


@pytest.fixture(scope="module")
def pooler(lab: Lab, configs: Path) -> Container:
    lab.postgres("postgres", "data")
    pooler = lab.run(
        "pgbouncer",
        "pgbouncer",
        ["pgbouncer", "/run/configs/pgbouncer"],
        user="999:999",
        tmpfs={"/etc/pgbouncer": "size=1m"},
        volumes=[f"{configs}:/run/configs:ro"],
    )
    eventually(lambda: query(pooler, "SELECT 1") == "1\n", seconds=60)
    return pooler


@pytest.fixture(scope="module")
def gateway(lab: Lab, configs: Path, pooler: Container) -> Container:
    del pooler
    lab.run("redis", "redis", ["redis-server", "/run/secrets/redis.conf", "--maxmemory", "16mb"])
    backend(lab)
    lab.run("workload", "frontend", ["frontend"], memory=64)
    gateway = lab.run(
        "haproxy",
        "gateway",
        ["haproxy", "-W", "-db", "-f", "/run/configs/haproxy"],
        memory=256,
        user="99:99",
        tmpfs={"/var/run/haproxy": "size=1m"},
        ports={f"{port}/tcp": ("127.0.0.1", None) for port in (HTTPS, AGENTS, STATS)},
        volumes=[f"{configs}:/run/configs:ro"],
    )
    eventually(lambda: get(lab, "/api/v1/queues").status_code == 200, seconds=60)
    return gateway


def backend(lab: Lab) -> None:
    lab.backend("backend", POSTGRES_HOST="pgbouncer", POSTGRES_PORT="6432")


def get(lab: Lab, path: str, port: int = HTTPS) -> httpx.Response:
    return httpx.get(url(lab, port) + path, timeout=15, verify=trusted(lab))


def url(lab: Lab, port: int) -> str:
    plain = lab.url("gateway", port)
    return plain.replace("http:", "https:") if port == HTTPS else plain


def trusted(lab: Lab) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(lab.secrets / "ca.pem"))


def query(pooler: Container, sql: str, database: str = "sutazai", password: str = PASSWORD) -> str:
    url = f"postgresql://sutazai:{password}@127.0.0.1:6432/{database}"
    done = execute(pooler, "psql", url, "-AtX", "-F=", "-c", sql)
    return done.stdout or done.stderr


def test_a_query_goes_through_the_pooler(pooler: Container) -> None:
    assert query(pooler, "SELECT current_user") == "sutazai\n"


def test_the_pooler_refuses_a_wrong_password(pooler: Container) -> None:
    assert "SASL authentication failed" in query(pooler, "SELECT 1", password="wrong")  # noqa: S106


def test_the_pooler_took_every_setting_as_it_was_rendered(pooler: Container, configs: Path) -> None:
    shown = dict(line.split("=")[:2] for line in query(pooler, "SHOW CONFIG", "pgbouncer").splitlines())
    text = (configs / "pgbouncer").read_text().partition("[pgbouncer]\n")[2]
    rendered = dict(line.partition(" =")[::2] for line in text.splitlines())
    assert {key: shown[key] for key in rendered} == {key: value.strip() for key, value in rendered.items()}


def test_the_pooler_shows_its_pools_and_takes_no_orders(pooler: Container) -> None:
    assert "sutazai=sutazai=" in query(pooler, "SHOW POOLS", "pgbouncer")
    assert "admin access needed" in query(pooler, "PAUSE", "pgbouncer")


@pytest.mark.usefixtures("gateway")
@pytest.mark.parametrize("port", [HTTPS, AGENTS], ids=["entrance", "mesh"])
def test_a_task_goes_through_gateway_and_pooler_into_the_database(lab: Lab, pooler: Container, port: int) -> None:
    task = {"type": "worker", "payload": {"kind": "hash", "text": "x", "rounds": 1}}
    posted = httpx.post(url(lab, port) + "/api/v1/tasks", json=task, timeout=15, verify=trusted(lab))
    assert posted.status_code == 202
    number = posted.json()["id"]
    assert get(lab, f"/api/v1/tasks/{number}", port).json()["status"] == "queued"
    assert number in query(pooler, "SELECT id FROM tasks").splitlines()


@pytest.mark.usefixtures("gateway")
def test_a_page_goes_through_the_gateway(lab: Lab) -> None:
    page = eventually(lambda: response if (response := get(lab, "/")).status_code == 200 else None)
    assert page.headers["content-type"].startswith("text/html")


def test_the_gateway_runs_without_rights(gateway: Container) -> None:
    assert execute(gateway, "id", "-u").stdout == "99\n"
    # Of process 1: what it may do, and what it may not gain.
    status = execute(gateway, "cat", "/proc/1/status").stdout.split()
    assert status[status.index("CapEff:") + 1] == "0" * 16
    assert status[status.index("NoNewPrivs:") + 1] == "1"


@pytest.mark.usefixtures("gateway")
def test_the_gateway_counts_what_passes(lab: Lab) -> None:
    counted = get(lab, "/metrics", STATS).text
    assert 'haproxy_server_status{proxy="backend",server="backend1",state="UP"} 1' in counted
    assert get(lab, "/health", STATS).status_code == 200


@pytest.mark.usefixtures("gateway")
def test_the_database_is_found_again_after_a_restart(lab: Lab) -> None:
    lab.postgres("postgres", "data")
    eventually(lambda: get(lab, "/api/v1/queues").status_code == 200, seconds=60)


@pytest.mark.usefixtures("gateway")
def test_pages_are_served_while_the_backend_is_away_and_it_is_found_again_elsewhere(lab: Lab) -> None:
    lab.remove("backend")
    refused = eventually(lambda: response if (response := get(lab, "/api/v1/queues")).status_code == 503 else None)
    assert refused.headers["retry-after"] == "5"
    assert get(lab, "/").status_code == 200
    # Another container takes the backend's old address.
    lab.run("workload", "other", ["frontend"], memory=64)
    backend(lab)
    eventually(lambda: get(lab, "/api/v1/queues").status_code == 200, seconds=60)
