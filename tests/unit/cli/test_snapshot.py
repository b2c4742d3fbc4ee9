"""`sutazai snapshot` where no engine and no stack is: what it refuses, and what it prints."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from sutazai_infra.cli.app import main
from sutazai_infra.cli.snapshot_tables import pruned_lines, restored_lines, sets_table, taken_lines
from sutazai_infra.model.settings import Keep
from sutazai_infra.operations.snapshots.manifest import Drill, Manifest, SetRow
from sutazai_infra.operations.snapshots.restore import Restored

pytestmark = pytest.mark.usefixtures("project")

AT = datetime(2026, 11, 25, 3, 17, tzinfo=UTC)
MANIFEST = Manifest.model_validate(
    {
        "set": "20261125-031700",
        "stack": "lab",
        "taken": AT,
        "plan": "0123456789ab",
        "images": {"redis": "sha256:1"},
        "stores": [
            {
                "volume": "postgres-data",
                "service": "postgres",
                "way": "postgres",
                "files": [{"name": "globals.sql", "bytes": 500, "sha256": "0"}],
                "facts": {"counts": {"sutazai.public.tasks": 2, "sutazai.public.agents": 1}},
                "seconds": 1.25,
            },
            {
                "volume": "redis-data",
                "service": "redis",
                "way": "redis",
                "files": [{"name": "dump.rdb", "bytes": 2, "sha256": "0"}],
                "facts": {"counts": {"db0 lasting keys": 3}},
                "seconds": 1,
            },
        ],
        "held_s": 0.42,
        "seconds": 3.2,
    }
)
ROW = SetRow(
    set="20261125-031700",
    taken=AT,
    plan="0123456789ab",
    volumes=("redis-data",),
    bytes=502,
    added_bytes=9,
    seconds=3.2,
)


@pytest.mark.parametrize("command", ["create", "restore", "drill"])
def test_of_a_stack_that_isnt_deployed_nothing_is_taken_and_nothing_restored(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["snapshot", command, "-s", "lab"]) == 1
    assert capsys.readouterr().err == "stack lab: isn't deployed; `sutazai up --stack lab` does that\n"


def test_a_schedule_is_printed_and_installs_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["snapshot", "schedule", "-s", "lab"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "# /etc/systemd/system/sutazai-lab-snapshot.service"
    assert lines[-1] == (
        "# then: systemctl daemon-reload && systemctl enable --now sutazai-lab-snapshot.timer "
        "sutazai-lab-drill.timer"
    )
    assert main(["snapshot", "schedule", "-s", "lab", "--json"]) == 0
    assert sorted(json.loads(capsys.readouterr().out)) == ["crontab", "units"]


def test_what_was_taken_is_told_with_its_size_and_how_long_writers_waited() -> None:
    assert taken_lines(MANIFEST, 9) == [
        "postgres-data: 500 bytes by postgres in 1.2 s; 3 rows in 2 tables",
        "redis-data: 2 bytes by redis in 1.0 s; 3 keys",
        "set 20261125-031700 of plan 0123456789ab: 502 bytes, 9 bytes new in the repository, 3.2 s; writers were "
        "held for 0.4 s",
    ]


def test_a_restore_says_where_the_old_content_is_and_how_long_it_took() -> None:
    done = [
        Restored("postgres-data", "postgres", "sutazai-lab-postgres-data-before-1", running=True),
        Restored("redis-data", "redis", None, running=False),
    ]
    told = [
        "postgres-data: as it was taken; what it was before is in sutazai-lab-postgres-data-before-1",
        "redis-data: as it was taken; there was no volume before",
        "set 20261125-031700 is in force, and its services are healthy: recovery took 27.4 s",
    ]
    assert restored_lines(MANIFEST, done, 27.4) == [*told, "once it is found right: sutazai snapshot confirm"]
    assert restored_lines(MANIFEST, done[1:], 27.4) == told[1:]


def test_a_list_ends_with_the_last_drill_and_what_is_to_be_confirmed() -> None:
    drill = Drill(set=ROW.set, at=AT + timedelta(hours=1), ok=False, seconds=2)
    now = AT + timedelta(days=3)
    _, last, confirm = sets_table("/srv/snapshots", [ROW], [drill], ["old"], now)
    assert last == "last drill: 20261125-031700, 2 d ago, did NOT come back"
    assert confirm == "to confirm (sutazai snapshot confirm): old"
    assert list(sets_table("/srv/snapshots", [], [], [], now)) == [
        "/srv/snapshots: no set yet; `sutazai snapshot create` takes one",
        "never tried out; `sutazai snapshot drill` does that",
    ]


def test_what_goes_is_told_with_the_policy() -> None:
    assert pruned_lines([ROW], 2, Keep(), dry_run=True) == [
        "20261125-031700: would be removed",
        "2 files of sets that were never finished: would be removed",
        "1 set would be removed; kept are: last 3, daily 7, weekly 5, monthly 12",
    ]
