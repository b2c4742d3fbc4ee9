"""Places, words for the exporter, schedules, and how Redis counts."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from sutazai_infra.inputs.secretstore import read_secrets, store_path
from sutazai_infra.model.errors import ConfigError, SutazaiError
from sutazai_infra.model.settings import Settings, Snapshots
from sutazai_infra.operations.snapshots.manifest import Drill, SetRow
from sutazai_infra.operations.snapshots.places import alone, default_repository, open_repository
from sutazai_infra.operations.snapshots.program import restic_program
from sutazai_infra.operations.snapshots.redis import keyspace
from sutazai_infra.operations.snapshots.restic import Repository
from sutazai_infra.operations.snapshots.schedule import crontab, units
from sutazai_infra.operations.snapshots.word import word

AT = datetime(2026, 11, 25, 3, 17, tzinfo=UTC)


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PULUMI_BACKEND_URL", f"file://{tmp_path}")
    monkeypatch.setattr(Repository, "exists", lambda _self: True)
    return tmp_path


def test_a_repository_lies_beside_a_local_state_or_where_the_stack_says(state: Path) -> None:
    named = Snapshots(repository="s3:https://objects/lab")
    beside = open_repository("restic", "lab", Snapshots(), make=True)
    elsewhere = open_repository("restic", "lab", named)
    assert (beside.address, elsewhere.address) == (f"{state}/snapshots/lab", "s3:https://objects/lab")
    assert beside.password == elsewhere.password == read_secrets("lab")["snapshot-password"].value
    assert len(beside.password) == 32


def test_a_state_in_a_bucket_wants_a_repository_to_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_BACKEND_URL", "s3://states")
    assert default_repository("lab") is None
    with pytest.raises(SutazaiError) as refusal:
        open_repository("restic", "lab", Snapshots(), make=True)
    assert str(refusal.value) == (
        "stack lab: its state is at s3://states, beside which no folder can be; name a restic repository in the "
        "setting snapshots.repository"
    )


@pytest.mark.usefixtures("state")
def test_only_taking_a_snapshot_makes_a_password() -> None:
    with pytest.raises(SutazaiError) as refusal:
        open_repository("restic", "lab", Snapshots())
    assert str(refusal.value) == (
        f"{store_path('lab')}: has no snapshot-password, without which no snapshot opens; restore that file, or "
        "begin anew: sutazai snapshot create --stack lab"
    )
    assert read_secrets("lab") == {}


@pytest.mark.usefixtures("state")
def test_a_second_command_of_the_stack_is_refused_and_one_of_another_is_not() -> None:
    with alone("lab"), alone("other"), pytest.raises(SutazaiError) as refusal, alone("lab"):
        pytest.fail("there were two")
    assert str(refusal.value) == "stack lab: another snapshot command is at work; wait for it"
    with alone("lab"):
        pass


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        (
            {"repository": "rest:https://me:secret@host/"},
            "repository: a password is in it; restic takes credentials from its own environment variables",
        ),
        (
            {"keep": {"last": 0, "daily": 0, "weekly": 0, "monthly": 0}},
            "keep: nothing would be kept; give at least one of last, daily, weekly and monthly",
        ),
    ],
)
def test_a_setting_that_loses_a_password_or_all_snapshots_is_refused(
    given: dict[str, object], problem: str
) -> None:
    with pytest.raises(ConfigError) as refusal:
        Settings.parsed("Pulumi.lab.yaml", {"snapshots": given})
    assert str(refusal.value) == f"Pulumi.lab.yaml: snapshots/{problem}"


def test_restic_is_taken_from_the_path_or_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("os.geteuid", lambda: 0)
    for name in ("apt-get", "restic"):
        (tmp_path / name).write_text("#!/bin/sh\nexit 1\n")
        (tmp_path / name).chmod(0o755)
    assert restic_program(lambda _: pytest.fail("asked"), print) == str(tmp_path / "restic")

    (tmp_path / "restic").unlink()
    with pytest.raises(SutazaiError) as refusal:
        restic_program(lambda _: False, print)
    assert str(refusal.value) == (
        "restic: not on PATH; give --yes to have it installed, or do it yourself: `apt-get install restic`, or "
        "https://restic.net"
    )
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    with pytest.raises(SutazaiError) as other:
        restic_program(lambda _: pytest.fail("asked"), print)
    assert str(other.value).startswith("restic: not on PATH, and only root on Debian or Ubuntu has it installed")


def test_the_exporter_is_told_what_is_known() -> None:
    row = SetRow(set="1", taken=AT, plan="0", volumes=("a",), bytes=5, added_bytes=1, seconds=1)
    drill = Drill(set="1", at=AT, ok=True, seconds=2)
    assert word((), ()) == {
        "last_success_timestamp_seconds": None,
        "last_bytes": None,
        "sets": 0,
        "last_drill_timestamp_seconds": None,
        "last_drill_ok": None,
    }
    assert word((row, row), (drill,)) == {
        "last_success_timestamp_seconds": AT.timestamp(),
        "last_bytes": 5,
        "sets": 2,
        "last_drill_timestamp_seconds": AT.timestamp(),
        "last_drill_ok": True,
    }


def test_of_redis_only_keys_without_an_end_are_counted() -> None:
    info = "# Keyspace\r\ndb0:keys=5,expires=2,avg_ttl=100\r\ndb3:keys=1,expires=0,avg_ttl=0\r\n"
    assert keyspace(info).counts == {"db0 lasting keys": 3, "db3 lasting keys": 1}


def test_a_schedule_is_a_set_a_day_with_pruning_and_a_drill_a_week() -> None:
    files = units(["/srv/.venv/bin/sutazai"], "lab", {"PULUMI_BACKEND_URL": "s3://a%b"})
    assert list(files) == [
        "sutazai-lab-snapshot.service",
        "sutazai-lab-snapshot.timer",
        "sutazai-lab-drill.service",
        "sutazai-lab-drill.timer",
    ]
    assert files["sutazai-lab-snapshot.service"] == (
        "[Unit]\nDescription=Snapshot of lab\n\n[Service]\nType=oneshot\n"
        'Environment="PULUMI_BACKEND_URL=s3://a%%b"\n'
        "ExecStart=/srv/.venv/bin/sutazai snapshot create --stack lab --yes\n"
        "ExecStart=/srv/.venv/bin/sutazai snapshot prune --stack lab --yes\n"
    )
    assert "OnCalendar=Sun *-*-* 04:43:00\nPersistent=true\n" in files["sutazai-lab-drill.timer"]


def test_a_crontab_does_the_same() -> None:
    assert crontab(["/srv/my project/sutazai"], "lab", {"DOCKER_HOST": "a%b"}) == [
        "17 3 * * * DOCKER_HOST=a\\%b '/srv/my project/sutazai' snapshot create --stack lab --yes"
        " && DOCKER_HOST=a\\%b '/srv/my project/sutazai' snapshot prune --stack lab --yes",
        "43 4 * * 0 DOCKER_HOST=a\\%b '/srv/my project/sutazai' snapshot drill --stack lab --yes",
    ]
