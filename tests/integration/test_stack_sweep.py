"""What a killed test run left on the engine is removed by the next one; what belongs to a living one stays."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import docker
import pytest

from tests.integration.stack_sweep import LABEL, remove_stack, sweep

pytestmark = pytest.mark.engine


@pytest.fixture
def client() -> Iterator[docker.DockerClient]:
    opened = docker.from_env()
    yield opened
    opened.close()


def ended_process() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def leave(client: docker.DockerClient, stack: str) -> None:
    """Make a volume, a network and a container of a stack."""
    name, labels = f"sutazai-{stack}-left", {LABEL: stack}
    client.volumes.create(name, labels=labels)
    client.networks.create(name, labels=labels)
    image = str(client.images.list("debian:bookworm-slim")[0].id)
    client.containers.create(image, name=name, labels=labels, volumes=[f"{name}:/left"], network=name)


def there(client: docker.DockerClient, stack: str) -> int:
    filters = {"label": f"{LABEL}={stack}"}
    return (
        len(client.containers.list(all=True, filters={**filters}))
        + len(client.networks.list(filters=filters))
        + len(client.volumes.list(filters=filters))
    )


def test_leftovers_of_a_killed_run_go_and_those_of_a_living_one_stay(client: docker.DockerClient) -> None:
    killed, living = f"t{ended_process():x}-dead", f"t{os.getpid():x}-feed"
    try:
        leave(client, killed)
        leave(client, living)

        sweep(client)

        assert (there(client, killed), there(client, living)) == (0, 3)
    finally:
        remove_stack(client, killed)
        remove_stack(client, living)


def test_stacks_of_people_are_never_swept(client: docker.DockerClient) -> None:
    stack = "test-of-somebody"
    try:
        leave(client, stack)

        sweep(client)

        assert there(client, stack) == 3
    finally:
        remove_stack(client, stack)
