from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from sutazai_infra.cli.project import CALLED_FROM
from tests.unit.cli.projects import write_project

# The command sets what is missing of these; monkeypatch puts them back.
TOUCHED = ("PULUMI_BACKEND_URL", "PULUMI_CONFIG_PASSPHRASE", "PULUMI_SKIP_UPDATE_CHECK", "VIRTUAL_ENV", "PATH")
OF_THE_USER = ("SUTAZAI_STACK", "SUTAZAI_DEBUG", "YES", "CI", "FORCE_COLOR", "COLUMNS", "DOCKER_CONTEXT")


@pytest.fixture(autouse=True)
def no_engine_and_no_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in OF_THE_USER:
        monkeypatch.delenv(name, raising=False)
    for name in TOUCHED:
        monkeypatch.setenv(name, os.environ.get(name, ""))
    monkeypatch.setattr("sutazai_infra.operations.gathering.look_at_engine", lambda _stack: None)
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/nobody.sock")
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PULUMI_BACKEND_URL", f"file://{tmp_path}/state")
    yield
    CALLED_FROM.folder = None


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return write_project(folder)
