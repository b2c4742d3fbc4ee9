"""Containers of one test run, run as the stack runs them, and the whole reference system made of them."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self, TypeVar
from uuid import uuid4

import docker
import httpx
import pytest
from docker.models.containers import Container

from sutazai_infra.operations.images import build_images, image_refs

IMAGES = Path(__file__).parents[2] / "images"
DATABASE = {
    "POSTGRES_USER": "sutazai",
    "POSTGRES_DB": "sutazai",
    "POSTGRES_PASSWORD_FILE": "/run/secrets/postgres",
}
PGDATA = "/var/lib/postgresql/data"
T = TypeVar("T")


def eventually(check: Callable[[], T | None], seconds: float = 30, interval: float = 0.2) -> T:
    """Wait until `check` gives something true; what it raises until then is part of the waiting."""
    deadline = time.monotonic() + seconds
    last: object = None
    while time.monotonic() < deadline:
        try:
            if found := check():
                return found
        except (httpx.HTTPError, KeyError, AssertionError) as error:
            last = error
        time.sleep(interval)
    pytest.fail(f"not within {seconds} s; the last that was heard: {last!r}")


def execute(container: Container, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a container, as a probe does."""
    # Not by docker-py, which leaves the connection of an exec open.
    return subprocess.run(
        ["docker", "exec", str(container.id), *command], capture_output=True, text=True, timeout=30, check=False
    )


class Lab:
    """Containers of this run alone: own names, own network, own volumes, all gone at the end."""

    def __init__(self, client: docker.DockerClient, secrets: Path) -> None:
        self.secrets = secrets
        self._client = client
        self._refs = image_refs(IMAGES)
        self.prefix = f"sutazai-test-{uuid4().hex[:8]}"
        self._network = client.networks.create(self.prefix)
        self._containers: dict[str, Container] = {}
        self._volumes: set[str] = set()

    @classmethod
    @contextmanager
    def opened(cls, client: docker.DockerClient, secrets: Path) -> Iterator[Self]:
        """Yield a lab with built images and passwords; nothing of it is left at the end."""
        build_images(None, IMAGES, client)
        (secrets / "postgres").write_text("pg-secret\n")
        (secrets / "redis").write_text("redis-secret\n")
        (secrets / "redis.conf").write_text("requirepass redis-secret\nsave ''\n")
        # The containers read them as other users.
        secrets.chmod(0o755)
        lab = cls(client, secrets)
        try:
            yield lab
        finally:
            lab.clean()

    def run(self, image: str, name: str, command: list[str], *, memory: int = 128, **options: Any) -> Container:
        """Start a container without rights, on a read-only root, with little memory."""
        self.remove(name)
        endpoint = self._client.api.create_endpoint_config(aliases=[name])
        settings: dict[str, Any] = {
            "name": f"{self.prefix}-{name}",
            "read_only": True,
            "cap_drop": ["ALL"],
            "security_opt": ["no-new-privileges"],
            "mem_limit": f"{memory}m",
            "pids_limit": 64,
            "network": self.prefix,
            "networking_config": {self.prefix: endpoint},
            "tmpfs": {"/tmp": "size=16m"} | options.pop("tmpfs", {}),  # noqa: S108 - a path in the container
            "volumes": [f"{self.secrets}:/run/secrets:ro", *options.pop("volumes", [])],
        }
        container: Container = self._client.containers.create(self._refs[image], command, **(settings | options))
        # Known before it is started: what fails to start must be removed too.
        self._containers[name] = container
        container.start()
        return container

    def postgres(self, name: str, volume: str) -> Container:
        """Start PostgreSQL on a volume that is made when it isn't there."""
        return self.run(
            "postgres",
            name,
            ["postgres", "-c", "shared_buffers=16MB"],
            memory=256,
            environment=DATABASE,
            tmpfs={"/var/run/postgresql": "size=1m"},
            volumes=[f"{self.volume(volume)}:{PGDATA}"],
        )

    def backend(self, name: str, **environment: str) -> Container:
        """Start a backend."""
        return self.run(
            "workload",
            name,
            ["backend"],
            environment=DATABASE | {"REDIS_PASSWORD_FILE": "/run/secrets/redis"} | environment,
            ports={"8000/tcp": ("127.0.0.1", None)},
        )

    def agent(self, name: str, agent_type: str = "worker") -> Container:
        """Start an agent that asks and beats often."""
        identity = {"AGENT_NAME": name, "AGENT_TYPE": agent_type, "AGENT_ROLE": "tester"}
        rhythm = {"AGENT_IDLE_POLL_SECONDS": "0.3", "AGENT_HEARTBEAT_SECONDS": "1"}
        return self.run("workload", name, ["agent"], memory=64, environment=identity | rhythm)

    def on_volume(self, volume: str, script: str) -> str:
        """Run a shell script in PostgreSQL's folder, with no server running; what it printed."""
        mount = [f"{self.volume(volume)}:{PGDATA}"]
        tool = self.run("postgres", "tool", ["sh", "-ec", f"cd {PGDATA}; {script}"], volumes=mount)
        assert tool.wait(timeout=30)["StatusCode"] == 0, tool.logs()
        printed = tool.logs().decode()
        self.remove("tool")
        return printed

    def url(self, name: str, port: int) -> str:
        """Where a container's port is reached from here; it changes with every start."""
        container = self._containers[name]
        container.reload()
        bound = container.ports[f"{port}/tcp"] or []
        return f"http://127.0.0.1:{bound[0]['HostPort']}"

    def address(self, name: str) -> str:
        """Where a container is in this run's network; it changes with every start."""
        container = self._containers[name]
        container.reload()
        return str(container.attrs["NetworkSettings"]["Networks"][self.prefix]["IPAddress"])

    def remove(self, *names: str) -> None:
        """Remove containers, running or not."""
        for name in names:
            if container := self._containers.pop(name, None):
                container.remove(force=True, v=True)

    def clean(self) -> None:
        """Remove everything of this run."""
        self.remove(*self._containers)
        for volume in self._volumes:
            self._client.api.remove_volume(volume, force=True)
        self._network.remove()

    def volume(self, name: str) -> str:
        """Name a volume of this run; it is made by the first that mounts it, and gone at the end."""
        full = f"{self.prefix}-{name}"
        self._volumes.add(full)
        return full


class Servers:
    """PostgreSQL, Redis and a backend."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.postgres = lab.postgres("postgres", "data")
        self.redis = lab.run("redis", "redis", ["redis-server", "/run/secrets/redis.conf", "--maxmemory", "16mb"])
        self.backend = lab.backend("backend", VISIBILITY_TIMEOUT_SECONDS="4", QUEUE_LIMIT="5")

    def get(self, path: str) -> Any:
        """Ask the backend."""
        return httpx.get(self.lab.url("backend", 8000) + path, timeout=10).raise_for_status().json()

    def post_task(self, payload: Mapping[str, Any], agent_type: str = "worker", backend: str = "backend") -> str:
        """Post a task; its id."""
        url = self.lab.url(backend, 8000) + "/api/v1/tasks"
        answer = httpx.post(url, json={"type": agent_type, "payload": payload}, timeout=10)
        return str(answer.raise_for_status().json()["id"])

    def task(self, task_id: str, status: str, seconds: float = 30) -> dict[str, Any]:
        """Wait for a task to have this status."""

        def check() -> dict[str, Any]:
            task: dict[str, Any] = self.get(f"/api/v1/tasks/{task_id}")
            assert task["status"] == status, task
            return task

        return eventually(check, seconds)

    def healthy(self, backend: str = "backend") -> bool:
        """Whether a backend reaches both servers."""
        return httpx.get(self.lab.url(backend, 8000) + "/health", timeout=10).status_code == 200

    def alive(self) -> set[str]:
        """The names of the agents that are alive."""
        return {agent["name"] for agent in self.get("/api/v1/agents")["agents"] if agent["alive"]}


class System(Servers):
    """The servers with two agents and a front end."""

    def __init__(self, lab: Lab) -> None:
        super().__init__(lab)
        page = {"8501/tcp": ("127.0.0.1", None)}
        self.frontend = lab.run("workload", "frontend", ["frontend"], memory=64, ports=page)
        self.agents = {name: lab.agent(name) for name in ("first", "second")}

    @property
    def containers(self) -> list[Container]:
        """All of them."""
        return [self.postgres, self.redis, self.backend, self.frontend, *self.agents.values()]
