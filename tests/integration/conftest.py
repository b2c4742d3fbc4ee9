"""Stacks for tests that read them, and clean slates for tests that change them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import docker
import pytest

from tests.integration.data_lab import inside_postgres, redis_cli
from tests.integration.stack_lab import AGENTS, StackLab, free_port
from tests.integration.stack_sweep import sweep


@pytest.fixture(scope="session")
def swept() -> None:
    """Remove what killed runs left, once."""
    client = docker.from_env()
    sweep(client)
    client.close()


@pytest.fixture
def lab(swept: None, tmp_path: Path) -> Iterator[StackLab]:
    """Return a project with an empty stack, for one test."""
    del swept
    with StackLab.opened(tmp_path) as opened:
        yield opened


@pytest.fixture(scope="session")
def deployed(swept: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StackLab]:
    """Return a stack that is up: databases, backend, frontend and two agents. Tests only read it."""
    del swept
    with StackLab.opened(tmp_path_factory.mktemp("deployed")) as opened:
        opened.settings["publish"] = {"backend": free_port(), "frontend": free_port()}
        opened.configure()
        opened.up().worked()
        yield opened


@pytest.fixture(scope="session")
def working(swept: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StackLab]:
    """Return a stack that is up and may be worked on, by `sutazai` too, if it is left whole.

    Its databases have other limits than those of `deployed`; a row and a key are in them from the start.
    """
    del swept
    with StackLab.opened(tmp_path_factory.mktemp("working")) as opened:
        opened.settings |= {
            "services": {"only": ["postgres", "redis", "pgbouncer", "backend", "gateway", "chromadb"]},
            "agents": [AGENTS[0]],
            "publish": {"backend": free_port()},
            "overrides": {
                "postgres": {"memory_request": "256Mi", "memory_limit": "384Mi", "cpu_limit": "1"},
                "redis": {"memory_request": "48Mi", "memory_limit": "96Mi"},
            },
        }
        opened.configure()
        opened.admit()
        opened.up().worked()
        inside_postgres(opened, "CREATE TABLE kept (line text); INSERT INTO kept VALUES ('before');")
        redis_cli(opened, "SET kept before")
        yield opened
