"""Stacks for tests that read them, and clean slates for tests that change them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import docker
import pytest

from tests.integration.stack_lab import StackLab, free_port
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
