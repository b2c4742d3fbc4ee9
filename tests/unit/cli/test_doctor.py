from __future__ import annotations

import json
from pathlib import Path

import pytest
from docker.errors import DockerException

from sutazai_infra.cli.app import main
from sutazai_infra.cli.checks.engine import _kernel, _slow_start
from sutazai_infra.cli.checks.finding import Level
from tests.unit.cli.projects import write_project

pytestmark = pytest.mark.usefixtures("project")


@pytest.fixture(autouse=True)
def no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_: object) -> None:
        raise DockerException("Connection refused\nmore")

    monkeypatch.setattr("sutazai_infra.cli.checks.engine.from_env", refuse)


def findings(capsys: pytest.CaptureFixture[str], status: int = 1) -> dict[str, dict[str, str]]:
    assert main(["doctor", "--stack", "lab", "--json"]) == status
    return {one["check"]: one for one in json.loads(capsys.readouterr().out)}


def test_an_engine_that_does_not_answer_is_a_failure_with_a_fix(capsys: pytest.CaptureFixture[str]) -> None:
    assert findings(capsys)["engine"] == {
        "check": "engine",
        "level": "fail",
        "text": "none answers: Connection refused",
        "fix": "make toolchain, or set DOCKER_HOST",
    }


def test_a_missing_cli_is_a_failure_with_a_fix(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    found = findings(capsys)["pulumi"]
    assert (found["level"], found["text"]) == ("fail", "not on PATH")
    assert found["fix"] == 'make toolchain; eval "$(make -s env)"'


def test_a_cli_with_its_host_and_provider_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("pulumi", "pulumi-language-python"):
        (tmp_path / name).write_text("#!/bin/sh\necho v3.259.0\n")
        (tmp_path / name).chmod(0o755)
    (tmp_path / "home" / "plugins" / "resource-docker-v5.2.0").mkdir(parents=True)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    found = findings(capsys)
    assert found["pulumi"]["text"] == f"3.259.0 ({tmp_path}/pulumi)"
    assert found["language host"]["text"] == f"{tmp_path}/pulumi-language-python"
    assert found["docker provider"]["text"] == "5.2.0"


def test_a_stack_that_does_not_fit_is_a_failure_with_its_reason(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_project(project, overrides={"redis": {"memory_request": "20Gi", "memory_limit": "20Gi"}})
    assert "requests 21504 MiB of 14336 MiB (redis 20480, postgres 1024)" in findings(capsys)["stack lab"]["text"]


def test_a_lock_of_another_update_is_a_warning(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lock = tmp_path / "state" / ".pulumi" / "locks" / "organization" / "sutazai-infra" / "lab" / "1.json"
    lock.parent.mkdir(parents=True)
    lock.write_text("{}")
    assert findings(capsys)["lock"]["fix"].endswith("pulumi cancel --stack lab")


def test_people_get_a_table_with_the_fix_below(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--stack", "lab"]) == 1
    lines = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    at = next(index for index, line in enumerate(lines) if line.startswith("fail  engine"))
    assert lines[at].endswith("none answers: Connection refused")
    assert lines[at + 1].strip() == "fix: make toolchain, or set DOCKER_HOST"


def test_a_kernel_without_core_sets_is_a_failure() -> None:
    found = next(_kernel({"CPUSet": False, "KernelVersion": "6.1"}))
    assert (found.level, found.text) == (Level.FAIL, "no core sets")


def test_an_old_engine_is_told_what_it_costs() -> None:
    assert _slow_start("1.44") == ""
    assert _slow_start("1.41") == "; older than 1.44, so a health check first runs after a whole interval"
