"""What the exporter makes of the word that snapshot commands leave."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from exporter.snapshots import snapshot_metrics

KNOWN = {
    "last_success_timestamp_seconds": 1764000000.5,
    "last_bytes": 1602118,
    "sets": 3,
    "last_drill_timestamp_seconds": None,
    "last_drill_ok": None,
}


def told(word: Path) -> dict[str, float]:
    return {metric.name: metric.samples[0].value for metric in snapshot_metrics(word)}


def test_a_snapshot_that_was_never_tried_out_is_told_without_a_drill(tmp_path: Path) -> None:
    word = tmp_path / "snapshots.json"
    word.write_text(json.dumps(KNOWN))
    assert told(word) == {
        "sutazai_snapshot_last_success_timestamp_seconds": 1764000000.5,
        "sutazai_snapshot_last_bytes": 1602118.0,
        "sutazai_snapshot_sets": 3.0,
    }


def test_a_drill_is_told_with_how_it_went(tmp_path: Path) -> None:
    word = tmp_path / "snapshots.json"
    word.write_text(json.dumps({"last_drill_timestamp_seconds": 1764000100, "last_drill_ok": False}))
    assert told(word) == {
        "sutazai_snapshot_last_drill_timestamp_seconds": 1764000100.0,
        "sutazai_snapshot_last_drill_ok": 0.0,
    }


def test_where_no_snapshot_was_taken_nothing_is_told(tmp_path: Path) -> None:
    assert told(tmp_path / "snapshots.json") == {}


@pytest.mark.parametrize("text", ["", "[]", '{"sets": "many"}'])
def test_a_word_that_makes_no_sense_is_logged_and_tells_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, text: str
) -> None:
    word = tmp_path / "snapshots.json"
    word.write_text(text)
    assert told(word) == {}
    assert f"{word} can't be read" in caplog.text
