"""What restic is asked for, and what becomes of its answers; a program stands in that keeps how it is called."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sutazai_infra.model.errors import SutazaiError
from sutazai_infra.model.settings import Keep
from sutazai_infra.operations.snapshots import sets
from sutazai_infra.operations.snapshots.archives import Sink
from sutazai_infra.operations.snapshots.manifest import Drill, Manifest
from sutazai_infra.operations.snapshots.restic import Repository

PASSWORD = "only by a descriptor"  # noqa: S105  a test's
# Keeps what is saved in a folder, one file each beside its tags.
PROGRAM = f"""#!{sys.executable} -IS
import json, os, sys, time
folder, words = os.path.dirname(os.path.abspath(__file__)), sys.argv[1:]
assert words[0] == "--repo" and words[2] == "--password-file"
password = open(words[3]).read()
command, rest = words[4], words[5:]
with open(f"{{folder}}/calls", "a") as calls:
    in_words = [word for word in words if password in word]
    calls.write(json.dumps([password, in_words, os.environ.get("RESTIC_PASSWORD")]) + "\\n")
saved = f"{{folder}}/saved"
known = json.load(open(saved)) if os.path.exists(saved) else []
if os.path.exists(f"{{folder}}/says"):
    sys.exit(open(f"{{folder}}/says").read())
if command == "backup":
    content = sys.stdin.buffer.read().decode()
    tags = [rest[i + 1] for i, word in enumerate(rest) if word == "--tag"]
    path = rest[rest.index("--stdin-filename") + 1]
    now = str(time.time_ns())
    known.append({{"id": now, "time": now, "paths": [path], "tags": tags, "content": content}})
    json.dump(known, open(saved, "w"))
    print(json.dumps({{"message_type": "summary", "data_added": 7}}))
elif command == "snapshots":
    wanted = set(rest[rest.index("--tag") + 1].split(","))
    print(json.dumps([row for row in known if wanted <= set(row["tags"])]))
elif command == "dump":
    sys.stdout.write(next(row["content"] for row in known if row["id"] == rest[0]))
elif command == "forget" and "--dry-run" in rest:
    tag, keep = rest[rest.index("--tag") + 1], int(rest[rest.index("--keep-last") + 1])
    print(json.dumps([{{"remove": [row for row in known if tag in row["tags"]][:-keep]}}]))
elif command == "forget":
    json.dump([row for row in known if row["id"] not in rest], open(saved, "w"))
"""


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    program = tmp_path / "restic"
    program.write_text(PROGRAM)
    program.chmod(0o755)
    return Repository(str(program), "/srv/snapshots", PASSWORD, "lab", "/state/lab.json")


def sending(text: str) -> Callable[[Sink], None]:
    return lambda sink: sink(text.encode())


def says(repository: Repository, text: str) -> None:
    (Path(repository.program).parent / "says").write_text(text)


def part(repository: Repository, name: str) -> None:
    repository.save("/redis-data/dump.rdb", ["part", f"set={name}"], sending(name))


def manifest(name: str) -> Manifest:
    return Manifest.model_validate(
        {
            "set": name,
            "stack": "lab",
            "taken": datetime(2026, 11, int(name), tzinfo=UTC),
            "plan": "0123456789ab",
            "images": {},
            "stores": [
                {
                    "volume": "redis-data",
                    "service": "redis",
                    "way": "redis",
                    "files": [{"name": "dump.rdb", "bytes": 2, "sha256": "0"}],
                    "facts": {},
                    "seconds": 1,
                }
            ],
            "held_s": 0.4,
            "seconds": 3.21,
        }
    )


def whole(repository: Repository, name: str) -> None:
    part(repository, name)
    sets.record(repository, manifest(name), 9)


def test_the_password_is_in_no_argument_and_no_environment(repository: Repository) -> None:
    part(repository, "1")
    assert repository.exists()
    calls = (Path(repository.program).parent / "calls").read_text().splitlines()
    assert [json.loads(call) for call in calls] == [[PASSWORD, [], None]] * 2


def test_a_file_is_saved_with_its_checksum_and_read_again(repository: Repository) -> None:
    stored, added = repository.save("/redis-data/dump.rdb", ["part", "set=1"], sending("abc"))
    assert (stored.name, stored.bytes, added) == ("dump.rdb", 3, 7)
    assert stored.sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    (entry,) = repository.entries("part", "set=1")
    assert (entry.path, entry.tag("set"), entry.tag("plan")) == ("/redis-data/dump.rdb", "1", "")
    assert b"".join(repository.read(entry)) == b"abc"


def test_of_a_source_that_fails_nothing_is_saved(repository: Repository) -> None:
    def fails(sink: Sink) -> None:
        sink(b"half of it")
        raise SutazaiError("pg_dump ended with 1")

    with pytest.raises(SutazaiError, match=r"^pg_dump ended with 1$"):
        repository.save("/a", ["part"], fails)
    assert repository.entries("part") == ()


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            "Fatal: wrong password or no key found",
            "/srv/snapshots: doesn't open with this stack's snapshot-password; put the one that it was made with "
            "into /state/lab.json, or name another repository in the setting snapshots.repository",
        ),
        ("Fatal: no space left on device", "/srv/snapshots: restic cat failed: Fatal: no space left on device"),
    ],
)
def test_what_restic_says_is_told_with_the_way_out(repository: Repository, said: str, told: str) -> None:
    says(repository, said)
    with pytest.raises(SutazaiError) as refusal:
        repository.exists()
    assert str(refusal.value) == told


def test_a_repository_that_isnt_there_is_no_error(repository: Repository) -> None:
    says(repository, "Fatal: unable to open config file\nIs there a repository at the following location?")
    assert not repository.exists()


def test_a_set_is_listed_by_its_manifest_alone(repository: Repository) -> None:
    whole(repository, "1")
    part(repository, "2")
    (row,) = sets.rows(repository)
    assert row.model_dump() == {
        "set": "1",
        "taken": datetime(2026, 11, 1, tzinfo=UTC),
        "plan": "0123456789ab",
        "volumes": ("redis-data",),
        "bytes": 2,
        "added_bytes": 9,
        "seconds": 3.2,
    }
    assert sets.read_manifest(repository, row) == manifest("1")


def test_a_set_is_found_by_its_name_or_as_the_newest(repository: Repository) -> None:
    with pytest.raises(SutazaiError) as none:
        sets.find(repository, None)
    for name in ("1", "2"):
        whole(repository, name)
    with pytest.raises(SutazaiError) as unknown:
        sets.find(repository, "3")
    assert [sets.find(repository, name).set for name in (None, "latest", "1")] == ["2", "2", "1"]
    assert str(none.value) == "/srv/snapshots: holds no snapshot yet; `sutazai snapshot create` takes one"
    assert str(unknown.value) == "there is no snapshot '3'; there are: 1, 2 (`sutazai snapshot list` has all)"


def test_a_part_that_is_gone_is_told(repository: Repository) -> None:
    whole(repository, "1")
    (store,) = manifest("1").stores
    assert sets.part(repository, "1", store, store.files[0]).path == "/redis-data/dump.rdb"
    repository.forget(repository.entries("part"))
    with pytest.raises(SutazaiError) as refusal:
        sets.part(repository, "1", store, store.files[0])
    assert str(refusal.value) == (
        "snapshot 1: /redis-data/dump.rdb isn't in the repository any more; take another set"
    )


def test_sets_go_as_a_whole_and_torn_ones_too_but_take_nobodys_place(repository: Repository) -> None:
    for name in ("1", "2", "3"):
        whole(repository, name)
    part(repository, "4")
    keep = Keep(last=2, daily=0, weekly=0, monthly=0)

    gone, torn = sets.prune(repository, keep, dry_run=True)
    assert ([row.set for row in gone], torn, len(sets.rows(repository))) == (["1"], 1, 3)
    sets.prune(repository, keep, dry_run=False)
    assert [row.set for row in sets.rows(repository)] == ["2", "3"]
    assert [entry.tag("set") for entry in repository.entries("part")] == ["2", "3"]
    assert sets.prune(repository, keep, dry_run=False) == ((), 0)


def test_the_last_drills_are_remembered(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sets, "KEPT_DRILLS", 2)
    moments = [datetime(2026, 11, 25, 3, minute, tzinfo=UTC) for minute in range(4)]
    for at in moments:
        sets.record_drill(repository, Drill(set="1", at=at, ok=at.minute % 2 == 0, seconds=2.5))
    known = sets.drills(repository)
    assert [drill.at for drill in known] == moments[2:]
    assert known[-1] == Drill(set="1", at=moments[-1], ok=False, seconds=2.5)


def test_a_policy_is_said_in_restics_words() -> None:
    assert sets.keep_words(Keep(last=1, daily=0, weekly=2, monthly=0)) == [
        *("--keep-last", "1"),
        *("--keep-weekly", "2"),
    ]
