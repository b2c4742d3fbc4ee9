from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from sutazai_infra.cli.app import main
from sutazai_infra.operations.deploy.hostwork import HostWork
from sutazai_infra.operations.hosts import CgroupDiff, HostDiff
from tests.unit.cli.projects import write_project

pytestmark = pytest.mark.usefixtures("project")

CHANGED = HostDiff((CgroupDiff("/sutazai/lab/web", "created"),))
SAME = HostDiff((CgroupDiff("/sutazai/lab/web", "unchanged"),))


@pytest.fixture
def applied(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    done: list[str] = []
    monkeypatch.setattr("sutazai_infra.cli.host.engine_client", lambda: SimpleNamespace(close=lambda: None))
    for name in ("preparing", "undoing"):
        work = HostWork(CHANGED, lambda name=name: done.append(name) or CHANGED)  # type: ignore[misc, func-returns-value]
        monkeypatch.setattr(f"sutazai_infra.operations.deploy.hostwork.{name}", lambda *_, work=work: work)
    return done


def test_what_changes_is_shown_and_then_done(applied: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["host", "prepare", "-s", "lab", "--yes"]) == 0
    assert capsys.readouterr().out == "  + /sutazai/lab/web created\nstack lab: pool cgroups prepared\n"
    assert applied == ["preparing"]


def test_a_dry_run_only_shows(applied: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["host", "prepare", "-s", "lab", "--dry-run"]) == 0
    assert capsys.readouterr().out == "  + /sutazai/lab/web created\n"
    assert applied == []


def test_where_nobody_can_be_asked_nothing_is_changed(
    applied: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["host", "prepare", "-s", "lab"]) == 1
    assert capsys.readouterr().err == "nothing was changed; give --yes where nobody can be asked\n"
    assert applied == []


def test_ci_is_a_yes(applied: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    assert main(["host", "prepare", "-s", "lab"]) == 0
    assert applied == ["preparing"]


def test_undoing_is_asked_and_done_alike(applied: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["host", "prepare", "--undo", "-s", "lab", "--yes"]) == 0
    assert capsys.readouterr().out.endswith("stack lab: pool cgroups removed\n")
    assert applied == ["undoing"]


def test_a_host_that_is_prepared_is_left_alone(
    applied: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(
        "sutazai_infra.operations.deploy.hostwork.preparing", lambda *_: HostWork(SAME, lambda: SAME)
    )
    assert main(["host", "prepare", "-s", "lab"]) == 0
    assert capsys.readouterr().out.endswith("stack lab: prepared already\n")
    assert applied == []


@pytest.mark.usefixtures("applied")
def test_a_stack_without_pool_cgroups_prepares_none(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_project(project, pool_cgroups="off")
    assert main(["host", "prepare", "-s", "lab", "--yes"]) == 1
    assert capsys.readouterr().err == "pool_cgroups: off in stack lab; set it to auto or required first\n"


def test_facts_are_shown_without_an_engine(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["host", "show", "-s", "lab"]) == 0
    lines = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    assert lines == [
        "host     declared by the stack",
        "cores    12, of which 0-1 reserved for the system",
        "memory   29.38 GiB, of which 2.00 GiB for the system and 389 MiB for emergencies",
        "to give  cores 2-11 and 27.00 GiB",
        "engine   none answers at DOCKER_HOST or the default socket",
        "pools    pool cgroups (auto): not prepared; run: sutazai host prepare --stack lab",
    ]
