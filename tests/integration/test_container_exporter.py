"""The exporter on the real engine: what it tells of containers that use, exceed, crash and are killed."""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Iterator
from typing import Any

import docker
import pytest
from docker.models.containers import Container

from sutazai_infra.operations.images import build_images
from tests.integration.debian_tools import DebianTools
from tests.integration.exporter_lab import ExporterLab, Sample, write_configs
from tests.integration.image_lab import IMAGES, Lab, eventually

pytestmark = pytest.mark.engine

MIB = 1 << 20
HOLDS = "import signal; held = bytearray(40 << 20); print('ready', flush=True); signal.pause()"
# Its child takes too much, and it lives on: twice, so two kills and no restart.
BEARS = """
import subprocess, sys, time
for _ in range(2):
    subprocess.run([sys.executable, '-c', 'x = bytearray(200 << 20)'])
    time.sleep(0.5)
time.sleep(600)
"""


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[ExporterLab]:
    client = docker.from_env()
    build_images(["exporter", "pgbouncer"], IMAGES, client)
    lab = Lab(client, tmp_path_factory.mktemp("secrets"))
    tools = DebianTools(request.config.cache.mkdir("debian-tools"))
    try:
        found = ExporterLab(lab, write_configs(tmp_path_factory.mktemp("configs")), tools)
        found.watch()
        yield found
    finally:
        lab.clean()
        client.close()


@pytest.fixture(scope="module")
def busy(watched: ExporterLab) -> Container:
    loop = ("busybox", "sh", "-c", "while :; do :; done")
    cpu: dict[str, Any] = {"nano_cpus": 100_000_000, "cpuset_cpus": "0", "cpu_shares": 205}
    return watched.start("busy", *loop, mem_reservation="32m", **cpu)


def told(watched: ExporterLab, instance: str, **wanted: float) -> Sample:
    """Wait until a container is told to have these values."""

    def check() -> Sample:
        sample = watched.metrics(instance)
        assert {name: sample[name] for name in wanted} == wanted
        return sample

    return eventually(check)


@pytest.mark.usefixtures("busy")
def test_a_containers_budget_is_told_as_the_engine_holds_it(watched: ExporterLab) -> None:
    told(
        watched,
        "busy",
        cores=1,
        cpu_limit_cores=0.1,
        cpu_request_cores=205 / 1024,
        memory_limit_bytes=64 * MIB,
        memory_request_bytes=32 * MIB,
        restarts_total=0,
        running=1,
        healthy=1,
        oom_kills_total=0,
        info=1,
    )


@pytest.mark.usefixtures("busy")
def test_a_container_that_wants_more_than_its_quota_is_seen_throttled(watched: ExporterLab) -> None:
    first = eventually(lambda: sample if (sample := watched.metrics("busy"))["cpu_periods_total"] else None)

    def check() -> Sample | None:
        sample = watched.metrics("busy")
        return sample if sample["cpu_periods_total"] >= first["cpu_periods_total"] + 20 else None

    later = eventually(check)
    periods, throttled, waited, used = (
        later[name] - first[name]
        for name in (
            "cpu_periods_total",
            "cpu_throttled_periods_total",
            "cpu_throttled_seconds_total",
            "cpu_seconds_total",
        )
    )
    assert throttled >= 0.8 * periods
    assert waited > used > 0


def test_the_working_set_is_what_docker_stats_shows(watched: ExporterLab) -> None:
    holder = watched.start("holder", "python3", "-c", HOLDS)
    eventually(lambda: b"ready" in holder.logs())
    sample = watched.metrics("holder")
    shown = stats_memory(holder)
    assert sample["memory_working_set_bytes"] == pytest.approx(shown, rel=0.02, abs=MIB)
    assert sample["memory_working_set_bytes"] > 40 * MIB


def stats_memory(container: Container) -> float:
    """Read `docker stats`, in bytes."""
    command = ["docker", "stats", "--no-stream", "--format", "{{.MemUsage}}", str(container.id)]
    printed = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True).stdout
    found = re.match(r"([\d.]+)MiB", printed)
    assert found is not None, printed
    return float(found[1]) * MIB


def test_restarts_by_the_engine_are_counted_though_the_container_gives_up(watched: ExporterLab) -> None:
    policy = {"Name": "on-failure", "MaximumRetryCount": 2}
    watched.start("crasher", "busybox", "sh", "-c", "sleep 0.2; exit 1", restart_policy=policy)
    assert "cpu_seconds_total" not in told(watched, "crasher", restarts_total=2, running=0, healthy=0)


def test_kills_of_a_child_are_counted_though_the_container_lives_on(watched: ExporterLab) -> None:
    watched.start("bearer", "python3", "-c", BEARS)
    told(watched, "bearer", oom_kills_total=2, running=1, restarts_total=0)


def test_a_failing_probe_is_seen(watched: ExporterLab) -> None:
    second = 1_000_000_000
    probe = {"test": ["CMD", "busybox", "false"], "interval": second, "timeout": second, "retries": 1}
    watched.start("sick", "busybox", "sleep", "600", healthcheck=probe)
    told(watched, "sick", healthy=0, running=1)


def test_only_the_stacks_own_containers_have_metrics(watched: ExporterLab, busy: Container) -> None:
    text = watched.get("/metrics").text
    names = set(re.findall(r'^sutazai_container_running\{.*container="([^"]+)"', text, re.MULTILINE))
    assert busy.name in names
    assert [name for name in names if name.endswith(("engine-proxy", "container-exporter"))] == []
    foreign = re.search(r"^sutazai_foreign_containers (\S+)$", text, re.MULTILINE)
    assert foreign is not None
    assert float(foreign[1]) >= 2


def test_the_ledger_of_the_plan_stands_beside(watched: ExporterLab) -> None:
    text = watched.get("/metrics").text
    # Debian's version of the library writes labels in the order of their names.
    assert 'sutazai_ledger_limit{dimension="cpu requests",scope="tier 1",unit="cores"} 6.0\n' in text
    assert 'sutazai_core_owner{core="0",group="system"} 1.0\n' in text


def test_an_engine_that_goes_away_and_comes_back_is_told(watched: ExporterLab) -> None:
    watched.stop_proxy()
    try:
        answer = watched.get("/metrics")
        assert answer.status_code == 200
        assert "\nsutazai_engine_up 0.0\n" in answer.text
        assert "\nsutazai_ledger_limit{" in answer.text
        assert watched.get("/health").text == "ok\n"
    finally:
        watched.start_proxy()
    eventually(lambda: "\nsutazai_engine_up 1.0\n" in watched.get("/metrics").text)


def test_kills_while_the_engine_was_out_of_reach_are_counted_after(watched: ExporterLab) -> None:
    watched.stop_proxy()
    try:
        watched.start("missed", "python3", "-c", BEARS)
        eventually(lambda: kills(watched, "missed") == 2)
    finally:
        watched.start_proxy()
    told(watched, "missed", oom_kills_total=2)


def kills(watched: ExporterLab, instance: str) -> int:
    """Ask the engine itself for its events so far."""
    client = docker.from_env()
    try:
        filters = {"event": "oom", "label": [f"sutazai.stack={watched.stack}", f"sutazai.instance={instance}"]}
        return sum(1 for _ in client.events(since=0, until=int(time.time()), filters=filters, decode=True))
    finally:
        client.close()
