from __future__ import annotations

from typing import Any

from sutazai_infra.model.update import Result
from sutazai_infra.operations.history.listing import history_rows
from sutazai_infra.operations.history.plain import read_plain
from tests.unit.operations.history.history_samples import update

PLAIN: dict[str, Any] = {
    "kind": "update",
    "startTime": "2026-11-01T13:30:00.000Z",
    "endTime": "2026-11-01T13:30:12.000Z",
    "message": "by hand",
    "environment": {"git.head": "b" * 40, "git.dirty": "true", "git.committer": "Ada"},
    "config": {},
    "result": "succeeded",
    "resourceChanges": {"same": 20, "update": 2},
}


def test_what_plain_pulumi_did_stands_between_ours_without_a_number() -> None:
    rows = history_rows([update(1), update(2, Result.FAILED, restores=1)], read_plain([PLAIN]))
    assert [(row.number, row.result, row.restores) for row in rows] == [
        (2, "failed", 1),
        (None, "succeeded", None),
        (1, "succeeded", None),
    ]
    plain = rows[1]
    assert (plain.seconds, plain.by, plain.message, plain.dirty) == (12, "Ada", "by hand", True)
    assert (plain.revision, plain.changes) == ("b" * 40, {"update": 2})


def test_our_own_entries_previews_and_what_changed_nothing_are_left_out() -> None:
    assert (
        read_plain(
            [
                PLAIN | {"message": "sutazai update 3: more memory"},
                PLAIN | {"kind": "preview"},
                PLAIN | {"resourceChanges": {"same": 22}},
            ]
        )
        == ()
    )


def test_what_failed_before_it_changed_anything_is_an_update_too() -> None:
    (failed,) = read_plain([PLAIN | {"resourceChanges": {}, "result": "failed"}])
    assert (failed.result, failed.changes) == ("failed", {})


def test_a_removal_is_named_and_an_entry_without_times_or_git_is_read() -> None:
    bare = {"kind": "destroy", "result": "succeeded", "resourceChanges": {"delete": 9}, "startTime": None}
    rows = history_rows((), read_plain([bare]))
    assert [(row.message, row.revision, row.seconds) for row in rows] == [("(destroy)", None, None)]
