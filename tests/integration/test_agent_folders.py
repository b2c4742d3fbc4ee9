"""Agents, each built another way, dropped in by the catalogue alone and run by the program; one has packages."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from uuid import uuid4

import docker
import httpx
import pytest

from sutazai_infra.operations.images import build_images, image_refs
from sutazai_infra.operations.images.source import ImageError
from tests.integration.image_lab import IMAGES, execute
from tests.integration.stack_lab import CORE, StackLab, eventually, free_port

pytestmark = pytest.mark.engine

FOLDERS = ("factory", "fastapi-module", "plain-asgi")


def drop_in(lab: StackLab) -> None:
    """Add an agent for each example folder to this stack's copy of the catalogue."""
    entries = "".join(
        f"  own-{folder}: {{type: testing, role: tests, host_port: {11980 + number}, app: agents/{folder}}}\n"
        for number, folder in enumerate(FOLDERS)
    )
    lab.edit("agents.yaml", "\nagents:\n", f"\nagents:\n{entries}")


def registered(port: int) -> set[str]:
    """Return who is alive for the backend."""
    answer = httpx.get(f"http://127.0.0.1:{port}/api/v1/agents", timeout=10).raise_for_status().json()
    return {agent["name"] for agent in answer["agents"] if agent["alive"]}


def health(lab: StackLab, name: str) -> str:
    """Return what Docker says of an agent's health."""
    return str(lab.container(name).attrs["State"]["Health"]["Status"])


def test_three_differently_built_agents_are_healthy_answer_and_register(lab: StackLab) -> None:
    drop_in(lab)
    port, names = free_port(), {f"own-{folder}" for folder in FOLDERS}
    lab.configure(agents=sorted(names), services={"only": list(CORE)}, publish={"backend": port})
    lab.up().worked()
    for folder in FOLDERS:
        container = lab.container(f"own-{folder}")
        assert eventually(lambda name=f"own-{folder}": health(lab, name) == "healthy"), container.logs()
        assert container.attrs["Config"]["Image"].startswith(f"sutazai/agent-{folder}:")
        answer = execute(container, "busybox", "wget", "-q", "-O", "-", "http://127.0.0.1:8080/health")
        assert json.loads(answer.stdout) == {"status": "healthy", "built": folder}
    assert eventually(lambda: registered(port) == names), registered(port)


# Debian's FastAPI takes `lifespan=` and ignores it: this one says whether it got the newer one that it asks for.
NEWER = """
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    app.state.started = True
    yield

app = FastAPI(lifespan=lifespan)
app.state.started = False

@app.get("/health")
async def health() -> dict[str, bool]:
    return {"started": app.state.started}
"""


def test_an_agent_with_packages_of_its_own_has_them_installed_when_its_image_is_built(tmp_path: Path) -> None:
    shutil.copytree(IMAGES, tmp_path / "images", ignore=shutil.ignore_patterns("__pycache__"))
    name = f"test{uuid4().hex[:8]}"
    folder = tmp_path / "agents" / name
    folder.mkdir(parents=True)
    (folder / "app.py").write_text(NEWER)
    (folder / "requirements.txt").write_text("fastapi==0.120.4\n")
    client = docker.from_env()
    reference = image_refs(tmp_path / "images")[f"agent-{name}"]
    container = None
    try:
        build_images([f"agent-{name}"], tmp_path / "images", client)
        container = client.containers.run(reference, detach=True, read_only=True, cap_drop=["ALL"])
        health = ("busybox", "wget", "-q", "-O", "-", "http://127.0.0.1:8080/health")
        assert eventually(lambda: execute(container, *health).stdout == '{"started":true}'), container.logs()
        held = execute(
            container, "sh", "-c", "ls -d /.machine /usr/bin/pip*; ls -d /opt/packages/fastapi /app/app.py"
        )
        assert held.stdout.split() == ["/app/app.py", "/opt/packages/fastapi"]
    finally:
        if container is not None:
            container.remove(force=True)
        client.images.remove(reference, force=True)
        client.close()


def test_a_folder_that_is_not_python_ends_the_build_with_the_line(tmp_path: Path) -> None:
    for part in ("images", "agents"):
        shutil.copytree(IMAGES.parent / part, tmp_path / part)
    module = tmp_path / "agents/factory/app.py"
    module.write_text(f"{module.read_text()}\ndef broken(:\n# {uuid4()}\n")
    client = docker.from_env(timeout=300)
    try:
        with pytest.raises(ImageError) as error:
            build_images(["agent-factory"], tmp_path / "images", client)
    finally:
        client.close()
    assert "def broken(:" in str(error.value)
    assert "SyntaxError" in str(error.value)
