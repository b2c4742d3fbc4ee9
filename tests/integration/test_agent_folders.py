"""Three agents, each built another way, dropped in by the catalogue alone and run by the program."""

from __future__ import annotations

import json

import httpx
import pytest

from tests.integration.image_lab import execute
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
