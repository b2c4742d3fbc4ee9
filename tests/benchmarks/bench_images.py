"""Sizes of the images, and what a changed line costs: `python -m tests.benchmarks.bench_images`.

A line is added to a source file, and its image is built again on the engine, from the layers that it has. With the
real system's way of starting there is no image to build: each of its containers installs its packages again at the
next start, which `bench_agent_start` measures, and keeps them in a layer of its own.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import docker

from sutazai_infra.operations.images import build_images

_ROOT = Path(__file__).parents[2]
# A file of each image whose code is ours; what is dropped into `agents/` is built on the shared image.
_CHANGED = {
    "workload": "images/workload/workload/agent.py",
    "agent-factory": "agents/factory/app.py",
    "exporter": "images/exporter/exporter/__main__.py",
}


def main() -> None:
    """Print a line for each image, and one for each change."""
    client = docker.from_env(timeout=600)
    results = build_images(None, _ROOT / "images", client)
    sizes = {result.name: client.images.get(result.ref).attrs["Size"] for result in results}
    for name, size in sorted(sizes.items(), key=lambda item: -item[1]):
        print(f"  {name:20} {size / 1e6:5.0f} MB")
    for name, path in _CHANGED.items():
        with _copied() as copy:
            before = _rebuilt(copy, name, client)
            file = copy / path
            file.write_text(f"{file.read_text()}\n# changed at {time.time_ns()}\n")
            seconds = _rebuilt(copy, name, client)
            print(f"  {name}: {seconds:.1f} s after a change of one line, {before:.1f} s without one", flush=True)


@contextmanager
def _copied() -> Iterator[Path]:
    with TemporaryDirectory() as folder:
        for part in ("images", "agents"):
            shutil.copytree(_ROOT / part, Path(folder) / part)
        yield Path(folder)


def _rebuilt(copy: Path, name: str, client: docker.DockerClient) -> float:
    start = time.monotonic()
    *_, result = build_images([name], copy / "images", client)
    seconds = time.monotonic() - start
    if result.built:
        client.images.remove(result.ref)
    return seconds


if __name__ == "__main__":
    main()
