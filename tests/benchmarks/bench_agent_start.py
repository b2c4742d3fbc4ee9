"""Start to healthy, the real system's way against ours.

    python -m tests.benchmarks.bench_agent_start [agents] [folder of wheels]

The real system's agents share an image of Python and install their packages at every start; ours have them in
the image. Same application, same probe (every 2 s), all agents started at once, times from the engine's events.
With a folder of wheels the installation downloads nothing, which favours the real system's way; without one it
uses the package index that the container reaches.
"""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, quantiles
from typing import Any
from uuid import uuid4

import docker

from sutazai_infra.operations.images import build_images
from tests.integration.engine_events import Watch, seconds_of

IMAGES = Path(__file__).parents[2] / "images"
PACKAGES = ("fastapi", "uvicorn", "httpx", "redis", "pydantic", "prometheus-client")
APP = "from fastapi import FastAPI\napp = FastAPI()\n@app.get('/health')\nasync def health():\n    return {}\n"
SERVE = "exec python3 -m uvicorn app:app --host 0.0.0.0 --port 8080"
PROBE = {
    "test": ["CMD", "busybox", "wget", "-q", "-O", "/dev/null", "http://127.0.0.1:8080/health"],
    "interval": 2_000_000_000,
    "timeout": 5_000_000_000,
    "retries": 300,
}
PATIENCE_S = 1200


@dataclass(frozen=True)
class Measured:
    """Seconds from each agent's start to its health, and from the first start to the last health."""

    each: Sequence[float]
    all: float


def main(agents: int = 69, wheels: str = "") -> None:
    """Measure both ways, one after the other, and print them side by side."""
    client = docker.from_env(timeout=600)
    refs = {result.name: result.ref for result in build_images(["agent"], IMAGES, client)}
    with _with_pip(client, refs["python"]) as with_pip:
        source = f"--no-index --find-links {wheels}" if wheels else ""
        install = f"pip install -q --no-cache-dir --break-system-packages {source} {' '.join(PACKAGES)}"
        mounts = [f"{wheels}:{wheels}:ro"] if wheels else []
        ways: dict[str, tuple[str, str, dict[str, Any]]] = {
            "installs at start": (with_pip, f"{install} && {SERVE}", {"user": "root", "volumes": mounts}),
            "installed at build": (refs["agent"], SERVE, {"read_only": True, "cap_drop": ["ALL"]}),
        }
        found = {
            way: _measured(client, agents, image, script, options)
            for way, (image, script, options) in ways.items()
        }
    for way, measured in found.items():
        p95 = quantiles(measured.each, n=20)[-1]
        print(
            f"  {way}: all {len(measured.each)} of {agents} healthy after {measured.all:.1f} s; "
            f"each mean {mean(measured.each):.1f} s, p95 {p95:.1f} s",
            flush=True,
        )
    before, after = found.values()
    print(f"  start-up time: {100 * (mean(after.each) / mean(before.each) - 1):+.0f} % a container (target -60 %)")


@contextmanager
def _with_pip(client: docker.DockerClient, python: str) -> Iterator[str]:
    """Build the real system's kind of image, Python and pip; it is gone at the end."""
    lines = (
        f"FROM {python}\nUSER root\nRUN apt-get update && apt-get install -y --no-install-recommends python3-pip\n"
    )
    image, _ = client.images.build(fileobj=io.BytesIO(lines.encode()), rm=True, forcerm=True)
    try:
        yield str(image.id)
    finally:
        client.images.remove(str(image.id), force=True)


def _measured(
    client: docker.DockerClient, agents: int, image: str, script: str, options: dict[str, Any]
) -> Measured:
    mark = f"bench-start-{uuid4().hex[:6]}"
    command = ["sh", "-c", f'cd /tmp && printf %s "$APP" > app.py && {script}']
    settings = _settings(command, mark) | options
    containers = [client.containers.create(image, name=f"{mark}-{n}", **settings) for n in range(agents)]
    try:
        with Watch.opened(client, f"bench={mark}") as watch:
            with ThreadPoolExecutor(8) as starters:
                list(starters.map(lambda container: container.start(), containers))
            return _healthy(watch, client, agents)
    finally:
        with ThreadPoolExecutor(8) as removers:
            list(removers.map(lambda container: container.remove(force=True, v=True), containers))


def _settings(command: list[str], mark: str) -> dict[str, Any]:
    return {
        "command": command,
        "labels": {"bench": mark},
        "environment": {"APP": APP, "MALLOC_ARENA_MAX": "2"},
        "healthcheck": PROBE,
        "mem_limit": "256m",
        "tmpfs": {"/tmp": "size=16m"},  # noqa: S108 - a path in the container
    }


def _healthy(watch: Watch, client: docker.DockerClient, agents: int) -> Measured:
    """Wait until all are healthy for the first time; raises if one ends or too few come."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        started = {event["Actor"]["ID"]: seconds_of(event) for event in watch.of("start")}
        healthy: dict[str, float] = {}
        for event in watch.of("health_status: healthy"):
            healthy.setdefault(event["Actor"]["ID"], seconds_of(event))
        if len(healthy) == agents:
            each = [healthy[key] - started[key] for key in healthy]
            return Measured(each, max(healthy.values()) - min(started.values()))
        for event in watch.of("die"):
            log = client.containers.get(event["Actor"]["ID"]).logs(tail=5).decode()
            raise RuntimeError(f"{event['Actor']['Attributes']['name']} ended:\n{log}")
        if time.monotonic() > deadline:
            raise TimeoutError(f"{len(healthy)} of {agents} agents were healthy within {PATIENCE_S} s")
        watch.wait(1)


if __name__ == "__main__":
    main(*(int(argument) if argument.isdigit() else argument for argument in sys.argv[1:]))  # type: ignore[arg-type]
