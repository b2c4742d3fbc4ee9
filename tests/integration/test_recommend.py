"""`sutazai recommend` against a real Prometheus that has a day of measured use, of which every number is known."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import docker
import httpx
import pytest
import yaml

from sutazai_infra.cli.app import main
from sutazai_infra.inputs.catalogue import load_catalogue
from sutazai_infra.operations.images import build_images
from tests.integration.image_lab import IMAGES, Lab, eventually
from tests.integration.stack_lab import REPOSITORY

pytestmark = pytest.mark.engine

MIB = 1024 * 1024
STEP_S = 60
HOURS = 26
# Service -> cores used, MiB in use, of which each eighth minute half as much again.
USE = {"postgres": (0.25, 300), "redis": (0.02, 40), "pgbouncer": (0.1, 10)}
COUNTERS = ("oom_kills_total", "cpu_throttled_periods_total", "cpu_periods_total")


def measured(end_s: int) -> str:
    """Write a day as the exporter would have exported it, in the format that Prometheus takes old samples in."""
    times = range(end_s - HOURS * 3600, end_s + 1, STEP_S)
    lines = []
    for kind in ("cpu_seconds_total", "memory_working_set_bytes", *COUNTERS):
        name = f"sutazai_container_{kind}"
        family = name.removesuffix("_total")
        lines.append(f"# TYPE {family} {'counter' if name.endswith('_total') else 'gauge'}")
        for service in USE:
            labels = f'{{container="sutazai-lab-{service}",service="{service}"}}'
            lines += [f"{name}{labels} {value(kind, service, at, times.start)} {at}" for at in times]
    return "\n".join([*lines, "# EOF\n"])


def value(kind: str, service: str, at: int, start: int) -> float:
    """Return what the exporter says at a time; PgBouncer was killed an hour ago, and is throttled all the time."""
    cores, mib = USE[service]
    passed = at - start
    match kind:
        case "cpu_seconds_total":
            return cores * passed
        case "memory_working_set_bytes":
            return mib * MIB * (1.5 if passed // STEP_S % 8 == 0 else 1)
        case "oom_kills_total":
            return int(service == "pgbouncer" and passed > (HOURS - 1) * 3600)
        case "cpu_periods_total":
            return passed * 10
        case _:
            return passed * (5 if service == "pgbouncer" else 0)


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    client = docker.from_env()
    build_images(["prometheus"], IMAGES, client)
    folder = tmp_path_factory.mktemp("files")
    folder.chmod(0o755)
    (folder / "day.txt").write_text(measured(int(time.time()) // STEP_S * STEP_S))
    (folder / "prometheus.yml").write_text("scrape_configs: []\n")
    lab = Lab(client, folder)
    data = [f"{lab.volume('day')}:/prometheus"]
    backfill = ["tsdb", "create-blocks-from", "openmetrics", "/run/secrets/day.txt", "/prometheus"]
    try:
        loaded = lab.run("prometheus", "load", backfill, entrypoint=["promtool"], volumes=data, memory=512)
        assert loaded.wait(timeout=60)["StatusCode"] == 0, loaded.logs()
        options = ["--config.file=/run/secrets/prometheus.yml", "--storage.tsdb.path=/prometheus"]
        port = {"9090/tcp": ("127.0.0.1", None)}
        lab.run("prometheus", "prometheus", options, volumes=data, ports=port, memory=256)
        url = lab.url("prometheus", 9090)
        eventually(lambda: httpx.get(f"{url}/-/ready").status_code == 200)
        yield url
    finally:
        lab.clean()
        client.close()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "Pulumi.yaml").write_text("name: sutazai-infra\nruntime: python\n")
    for shared in ("catalogue", "agents"):
        shutil.copytree(REPOSITORY / shared, tmp_path / shared, ignore=shutil.ignore_patterns("__pycache__"))
    settings = {
        "host": {"cores": 12, "memory": "29.38Gi", "reserved_cores": "0-1"},
        "services": {"only": [*USE]},
        "agents": 0,
    }
    config = {"config": {f"sutazai-infra:{key}": setting for key, setting in settings.items()}}
    (tmp_path / "Pulumi.lab.yaml").write_text(yaml.safe_dump(config))
    monkeypatch.setenv("PULUMI_BACKEND_URL", f"file://{tmp_path}/state")
    return tmp_path


def test_a_measured_day_becomes_a_patch_that_the_catalogue_takes(
    prometheus: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["-C", str(folder), "recommend", "-s", "lab", "--prometheus", prometheus]
    assert main([*command, "--json", "--output", str(folder / "sizes.patch")]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["measured_s"] > 23 * 3600
    found = {one["entry"]: one for one in report["recommendations"]}
    figures = ("cpu_request", "cpu_limit", "memory_request", "memory_limit")
    assert {name: [one[figure]["advised"] for figure in figures] for name, one in found.items()} == {
        # 0.25 x 1.15; 450 x 1.15. Its settings follow from its memory limit, which stays.
        "postgres": [290, 2000, 528, 2048],
        # The limit: 60 x 1.15 x (1 + 1 / a day), measured for a little less than one.
        "redis": [25, 1000, 72, 512],
        # Throttled: half as much again. Killed: 100 MiB above its peak of 15.
        "pgbouncer": [120, 1500, 116, 128],
    }
    assert found["pgbouncer"]["notes"] == ["killed for memory once", "throttled in 50% of its periods"]

    subprocess.run(["git", "apply", "sizes.patch"], check=True, cwd=folder)
    after = load_catalogue(folder / "catalogue")
    assert (after.service("postgres").requests.cpu, after.service("postgres").requests.memory) == (290, 528)
    assert after.service("pgbouncer").limits.cpu == 1500

    # Taken, there is nothing more to say but of what was throttled, which this day still is.
    assert main([*command, "--output", "-"]) == 0
    added = [line for line in capsys.readouterr().out.splitlines() if line.startswith("+ ")]
    assert added == ["+    limits: {cpu: 2.25, memory: 128Mi}"]
