"""When an update that fails is taken back by itself; going back as such is tried on the engine."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sutazai_infra.cli.project import Project
from sutazai_infra.cli.rollback import unless_rolled_back
from sutazai_infra.operations.deploy.errors import DeployError, StoppedError
from sutazai_infra.operations.rollback.choice import RollbackError
from tests.unit.operations.history.history_samples import update

SICK = DeployError("stack lab: not healthy: api")


@pytest.fixture
def went_back(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return why it was gone back, and have going back work."""
    reasons: list[str] = []

    def perform(_say: object, message: str) -> int:
        reasons.append(message)
        return 0

    ready = SimpleNamespace(target=update(1), remarks=(), perform=perform)
    monkeypatch.setattr("sutazai_infra.cli.rollback._prepared", lambda *_: ready)
    return reasons


def failing(wanted: bool | None, number: int | None = 2, error: Exception = SICK, folder: Path = Path()) -> str:
    """Run an update that fails; what is said at its end."""
    made: Any = SimpleNamespace(number=number)
    with (
        pytest.raises(DeployError) as raised,
        unless_rolled_back(Project(folder, "lab"), made, wanted=wanted),
    ):
        raise error
    return str(raised.value)


def test_where_it_is_wanted_a_failed_update_is_taken_back_and_stays_a_failure(went_back: list[str]) -> None:
    assert failing(wanted=True) == f"{SICK}\nrolled back: update 1 is in force again"
    assert went_back == ["update 2 failed"]


def test_where_it_is_not_wanted_all_stays_as_it_is(went_back: list[str]) -> None:
    assert failing(wanted=False) == str(SICK)
    assert went_back == []


@pytest.mark.parametrize(("said", "times"), [("true", 1), ("false", 0)])
def test_unless_told_otherwise_the_stacks_setting_decides(
    went_back: list[str], tmp_path: Path, said: str, times: int
) -> None:
    (tmp_path / "Pulumi.lab.yaml").write_text(f"config:\n  sutazai-infra:rollback_on_failure: {said}\n")
    failing(wanted=None, folder=tmp_path)
    assert len(went_back) == times


def test_what_failed_before_its_first_change_needs_no_way_back(went_back: list[str]) -> None:
    assert failing(wanted=True, number=None) == str(SICK)
    assert went_back == []


def test_what_somebody_stopped_is_his_to_go_on_with(went_back: list[str]) -> None:
    assert failing(wanted=True, error=StoppedError("stopped by you")) == "stopped by you"
    assert went_back == []


def test_where_there_is_no_way_back_that_is_said_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere(*_: object) -> None:
        raise RollbackError("no update before 2 ended well")

    monkeypatch.setattr("sutazai_infra.cli.rollback._prepared", nowhere)
    assert failing(wanted=True) == f"{SICK}\nit stays as it is: no update before 2 ended well"


def test_a_way_back_that_fails_is_said_too(monkeypatch: pytest.MonkeyPatch) -> None:
    ready = SimpleNamespace(target=update(1), remarks=(), perform=lambda *_: 1)
    monkeypatch.setattr("sutazai_infra.cli.rollback._prepared", lambda *_: ready)
    assert failing(wanted=True) == f"{SICK}\ngoing back to update 1 failed, too (exit status 1)"
