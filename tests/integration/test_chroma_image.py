"""Chroma's image: it keeps vectors, without rights, and holds nothing of how and where it was built."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docker
import httpx
import pytest
from docker.models.containers import Container

from sutazai_infra.operations.images import build_images
from tests.integration.image_lab import IMAGES, Lab, eventually, execute

pytestmark = pytest.mark.engine

COLLECTIONS = "/api/v2/tenants/default_tenant/databases/default_database/collections"
VECTORS = {"north": [0.0, 1.0, 0.0], "east": [1.0, 0.0, 0.0], "up": [0.0, 0.0, 1.0]}


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    client = docker.from_env()
    build_images(["chromadb"], IMAGES, client)
    lab = Lab(client, tmp_path_factory.mktemp("secrets"))
    try:
        yield lab
    finally:
        lab.clean()
        client.close()


def started(lab: Lab) -> Container:
    """Start Chroma as the stack does, on the volume that it had before, and wait until it answers."""
    data = lab.volume("vectors")
    ports = {"8000/tcp": ("127.0.0.1", None)}
    container = lab.run("chromadb", "chromadb", ["run", "/config.yaml"], volumes=[f"{data}:/data"], ports=ports)
    eventually(lambda: asked(lab, "GET", "/api/v2/heartbeat"))
    return container


def asked(lab: Lab, method: str, path: str, **message: Any) -> Any:
    """Ask Chroma's API; what it answers."""
    url = lab.url("chromadb", 8000) + path
    answer = httpx.request(method, url, json=message or None, timeout=10)
    return answer.raise_for_status().json()


def found(lab: Lab, near: list[float]) -> list[str]:
    """Name the two documents that are nearest to a vector."""
    collection = asked(lab, "GET", f"{COLLECTIONS}/places")["id"]
    query = {"query_embeddings": [near], "n_results": 2, "include": ["documents"]}
    documents: list[str] = asked(lab, "POST", f"{COLLECTIONS}/{collection}/query", **query)["documents"][0]
    return documents


def test_a_vector_is_found_by_its_neighbours_and_survives_a_restart(lab: Lab) -> None:
    started(lab)
    collection = asked(lab, "POST", COLLECTIONS, name="places")["id"]
    stored = {
        "ids": [*VECTORS],
        "embeddings": [*VECTORS.values()],
        "documents": [f"the {name}" for name in VECTORS],
    }
    asked(lab, "POST", f"{COLLECTIONS}/{collection}/add", **stored)
    assert found(lab, [0.9, 0.2, 0.0]) == ["the east", "the north"]

    started(lab)
    assert found(lab, [0.0, 0.3, 0.9]) == ["the up", "the north"]


def test_it_is_nobody_stops_when_told_and_stays_within_little_memory(lab: Lab) -> None:
    container = started(lab)
    assert execute(container, "busybox", "id", "-u").stdout == "10001\n"
    assert execute(container, "busybox", "touch", "/usr/bin/mine").returncode != 0
    assert execute(container, "busybox", "touch", "/data/mine").returncode == 0
    container.stop(timeout=20)
    container.reload()
    # 137 would be a kill: it hears SIGTERM itself, as process 1.
    assert container.attrs["State"]["ExitCode"] == 0


def test_it_holds_neither_tools_nor_anything_of_the_machine_that_built_it(lab: Lab, tmp_path: Path) -> None:
    container = started(lab)
    names = files_of(container, tmp_path)
    assert "opt/chroma/chromadb_rust_bindings/chromadb_rust_bindings.abi3.so" in names
    assert not [name for name in names if name.split("/")[0] == ".machine"]
    assert not [
        name for name in names if name.rpartition("/")[2] in {"pip", "pip.conf", "gcc", "cc", "make", "curl"}
    ]
    assert not [line for line in layers_of(container) if "machine" in line or "PROXY" in line.upper()]


def layers_of(container: Container) -> list[str]:
    """Return what made the layers of a container's image."""
    command = ["docker", "history", "--no-trunc", "--format", "{{.CreatedBy}}", container.attrs["Image"]]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=30).stdout.splitlines()


def files_of(container: Container, folder: Path) -> set[str]:
    """Name every file of a container's root."""
    archive = folder / "root.tar"
    subprocess.run(["docker", "export", "-o", str(archive), str(container.id)], check=True, timeout=60)
    listed = subprocess.run(["tar", "-tf", str(archive)], check=True, capture_output=True, text=True, timeout=60)
    return set(listed.stdout.splitlines())
