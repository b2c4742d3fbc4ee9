"""Snapshots of a running stack: taken, spoilt, restored, tried out; and by a command that is killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sutazai_infra.inputs.secretstore import read_secrets
from sutazai_infra.operations.snapshots import sets
from sutazai_infra.operations.snapshots.archives import facts_of_tar
from sutazai_infra.operations.snapshots.manifest import Facts
from sutazai_infra.operations.snapshots.restic import Repository
from tests.integration.data_lab import fed, inside_postgres, is_served, over_tcp, redis_cli
from tests.integration.stack_lab import StackLab, eventually

pytestmark = pytest.mark.engine

STORES = ["chromadb-data", "postgres-data", "redis-data"]
TABLE = "sutazai.public.snapped"
# Rows of every kind of type whose text depends on a setting of the server's.
FILL = """
CREATE TABLE snapped (id int PRIMARY KEY, line text, share float8, at timestamptz, took interval, raw bytea);
INSERT INTO snapped SELECT i, 'line ' || i, i / 7.0, now() + i * interval '1 min', i * interval '1 hour',
decode(md5(i::text), 'hex') FROM generate_series(1, 5000) AS i;
"""


def snapshot(lab: StackLab, *words: str) -> tuple[int, str]:
    """Run a command; its exit status and the last line that it wrote."""
    done = lab.run("sutazai", "snapshot", *words, "--stack", lab.stack)
    return done.code, done.lines[-1]


def told(lab: StackLab, *words: str) -> dict[str, Any]:
    """Run a command for programs; its answer, without what it tells a person beside it."""
    done = subprocess.run(
        ["sutazai", "snapshot", *words, "--stack", lab.stack, "--json"],
        cwd=lab.folder,
        env=lab.environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def content(lab: StackLab) -> tuple[str, list[str], Facts]:
    """What is in each store; of Chroma's, which it writes to at each start, one folder."""
    rows = inside_postgres(lab, "SELECT count(*), sum(hashtextextended(t::text, 0)) FROM snapped AS t;")
    chunks, _ = lab.container("chromadb").get_archive("/data/kept")
    return rows, redis_cli(lab, "GET snapped", "XLEN stream", "TTL fleeting")[:2], facts_of_tar(chunks)


def spoil(lab: StackLab) -> None:
    inside_postgres(lab, "DELETE FROM snapped WHERE id % 2 = 0; UPDATE snapped SET line = 'spoilt';")
    redis_cli(lab, "SET snapped spoilt", "DEL stream")
    assert fed(lab.container("chromadb"), ["sh", "-c", "echo spoilt > /data/kept/line"], "").returncode == 0


def repository(lab: StackLab, monkeypatch: pytest.MonkeyPatch) -> Repository:
    monkeypatch.setenv("PULUMI_BACKEND_URL", lab.environment["PULUMI_BACKEND_URL"])
    password = read_secrets(lab.stack)["snapshot-password"].value
    return Repository("restic", str(lab.state / "snapshots" / lab.stack), password, lab.stack)


@pytest.fixture(scope="module")
def filled(working: StackLab) -> Iterator[StackLab]:
    """Return a stack with something in each store, and a first set of it."""
    inside_postgres(working, FILL)
    redis_cli(working, "SET snapped kept", "XADD stream * a b", "SET fleeting x EX 1000")
    assert (
        fed(
            working.container("chromadb"), ["sh", "-c", "mkdir /data/kept; echo kept > /data/kept/line"], ""
        ).returncode
        == 0
    )
    told(working, "create", "--yes")
    yield working
    inside_postgres(working, "DROP TABLE snapped;")
    redis_cli(working, "DEL snapped stream fleeting")
    told(working, "confirm", "--yes")


def test_all_stores_are_taken_at_one_moment_and_writers_hardly_wait(filled: StackLab) -> None:
    would = told(filled, "create", "--dry-run")
    held = [f"sutazai-{filled.stack}-{name}" for name in ("gateway", "pgbouncer", "backend")]
    assert [store["volume"] for store in would["stores"]] == [f"sutazai-{filled.stack}-{v}" for v in STORES]
    assert would["held"] == held

    manifest = told(filled, "create")
    stores = {store["volume"]: store for store in manifest["stores"]}
    assert sorted(stores) == STORES
    assert stores["postgres-data"]["facts"]["counts"][TABLE] == 5000
    assert stores["redis-data"]["facts"]["counts"]["db0 lasting keys"] >= 2
    assert manifest["held_s"] < 10
    assert manifest["images"]["postgres"] == filled.container("postgres").attrs["Image"]
    assert all(filled.container(name).status == "running" for name in ("gateway", "backend", "chromadb"))


def test_what_was_spoilt_is_as_it_was_taken_and_for_pulumi_nothing_has_changed(filled: StackLab) -> None:
    # As if the password had been another one when the set was taken.
    today = filled.secrets()["postgres-password"]
    inside_postgres(filled, "ALTER ROLE sutazai PASSWORD 'that of last week';")
    taken, before = told(filled, "create"), content(filled)
    spoil(filled)
    assert content(filled) != before

    refused = "nothing was changed; give --yes where nobody can be asked"
    # Which CI, or YES, is a yes to.
    nobody = filled.run("sutazai", "snapshot", "restore", taken["set"], "--stack", filled.stack, CI="", YES="")
    assert (nobody.code, nobody.lines[-1]) == (1, refused)
    restored = told(filled, "restore", taken["set"], "--yes")

    assert content(filled) == before
    assert over_tcp(filled, today, "SELECT 1") == "1\n"
    assert eventually(lambda: is_served(filled))
    kept = [one["before"] for one in restored["restored"]]
    assert [volume in filled.remains() for volume in kept] == [True] * 3
    assert restored["rto_s"] > 0
    filled.preview("--refresh", "--expect-no-changes").worked()

    assert told(filled, "confirm", "--yes") == {"volumes": sorted(kept), "removed": True}
    assert not set(kept) & set(filled.remains())


def test_a_volume_that_was_deleted_comes_back(filled: StackLab) -> None:
    before = content(filled)
    taken = told(filled, "create")
    filled.container("chromadb").remove(force=True)
    filled.client.volumes.get(f"sutazai-{filled.stack}-chromadb-data").remove()

    restored = told(filled, "restore", taken["set"], "--service", "chromadb", "--yes")
    assert [(one["volume"], one["before"]) for one in restored["restored"]] == [("chromadb-data", None)]
    assert content(filled)[2] == before[2]
    filled.preview("--refresh", "--expect-no-changes").worked()


def test_a_drill_and_a_check_leave_the_stack_alone_and_are_remembered(filled: StackLab) -> None:
    runs = {str(one.name): one.attrs["State"]["StartedAt"] for one in filled.containers(running=True)}
    remains = sorted(filled.remains())
    checked, tried = told(filled, "verify"), told(filled, "drill")
    assert (checked["ok"], checked["files"], tried["ok"]) == (True, 5, True)
    assert {str(one.name): one.attrs["State"]["StartedAt"] for one in filled.containers(running=True)} == runs
    assert sorted(filled.remains()) == remains
    assert told(filled, "list")["drills"][-1] == {key: tried[key] for key in ("set", "at", "ok", "seconds")} | {
        "seconds": round(tried["seconds"], 1)
    }


def test_a_set_that_is_not_what_its_manifest_says_fails_its_drill_and_is_not_restored(
    filled: StackLab, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = repository(filled, monkeypatch)
    manifest = sets.read_manifest(store, sets.find(store, None))
    forged = json.loads(manifest.model_dump_json())
    parts = store.entries("part", f"set={manifest.set}")
    rows = next(one for one in forged["stores"] if one["volume"] == "postgres-data")
    rows["facts"]["counts"][TABLE] = 4999
    before = content(filled)
    store.forget([entry for entry in store.entries("manifest") if entry.tag("set") == manifest.set])
    sets.record(store, type(manifest).model_validate(forged), 0)
    assert len(parts) == 5

    said = f"postgres-data isn't what was taken: {TABLE}: count 5000, taken was 4999"
    assert snapshot(filled, "drill") == (1, f"snapshot {manifest.set}: {said}")
    assert told(filled, "list")["drills"][-1]["ok"] is False
    assert snapshot(filled, "restore", "--service", "postgres", "--yes") == (1, f"snapshot {manifest.set}: {said}")
    assert content(filled) == before


def test_a_killed_command_holds_nobody_and_what_it_left_is_no_set_and_goes(
    filled: StackLab, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    store, before = repository(filled, monkeypatch), told(filled, "list")["sets"]
    said = tmp_path / "said"
    with said.open("w") as output:
        process = subprocess.Popen(
            ["sutazai", "snapshot", "create", "--stack", filled.stack],
            cwd=filled.folder,
            env=filled.environment,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    whole = {row["set"] for row in before}
    assert eventually(lambda: any(e.tag("set") not in whole for e in store.entries("part")), 90), said.read_text()
    os.kill(process.pid, signal.SIGKILL)
    process.wait()

    assert eventually(lambda: {one.status for one in filled.containers(running=True)} == {"running"})
    assert told(filled, "list")["sets"] == before
    pruned = told(filled, "prune", "--yes")
    assert pruned["torn_files"] > 0
    assert {entry.tag("set") for entry in store.entries("part")} <= whole
