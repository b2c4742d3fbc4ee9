"""Sets in the repository: listed by their tags alone, read by their manifests, gone as a whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from pydantic import ValidationError

from sutazai_infra.model.errors import SutazaiError
from sutazai_infra.model.settings import Keep
from sutazai_infra.operations.snapshots.manifest import Drill, Manifest, SetRow, StoredFile, StoreEntry
from sutazai_infra.operations.snapshots.restic import Entry, Repository

__all__ = ["drills", "find", "keep_words", "part", "prune", "read_manifest", "record", "record_drill", "rows"]

_MANIFEST, _DRILL, _FILE = "manifest", "drill", "/manifest.json"
KEPT_DRILLS = 20


def rows(repository: Repository) -> tuple[SetRow, ...]:
    """List the whole sets, the oldest first."""
    return tuple(_row(entry) for entry in repository.entries(_MANIFEST))


def find(repository: Repository, name: str | None) -> SetRow:
    """Return the set of that name, or the newest; raises `SutazaiError` that names those that there are."""
    there = rows(repository)
    if not there:
        raise SutazaiError(f"{repository.address}: holds no snapshot yet; `sutazai snapshot create` takes one")
    if name in {None, "latest"}:
        return there[-1]
    found = [row for row in there if row.set == name]
    if not found:
        names = ", ".join(row.set for row in there[-5:])
        raise SutazaiError(f"there is no snapshot {name!r}; there are: {names} (`sutazai snapshot list` has all)")
    return found[0]


def record(repository: Repository, manifest: Manifest, added: int) -> None:
    """Save the manifest, which makes a whole set of its parts; `added` is by how many bytes those grew it."""
    text = manifest.model_dump_json(indent=1).encode()
    tags = [
        _MANIFEST,
        f"set={manifest.set}",
        f"taken={manifest.taken.isoformat()}",
        f"plan={manifest.plan}",
        f"volumes={'+'.join(store.volume for store in manifest.stores)}",
        f"bytes={manifest.bytes}",
        f"added={added}",
        f"seconds={manifest.seconds:.1f}",
    ]
    repository.save(_FILE, tags, lambda sink: sink(text))


def read_manifest(repository: Repository, row: SetRow) -> Manifest:
    """Read what a set holds; raises `SutazaiError`."""
    entry = next(one for one in repository.entries(_MANIFEST, f"set={row.set}"))
    try:
        return Manifest.model_validate_json(b"".join(repository.read(entry)))
    except ValidationError as error:
        raise SutazaiError(f"snapshot {row.set}: its manifest is of another version of this program") from error


def part(repository: Repository, name: str, store: StoreEntry, file: StoredFile) -> Entry:
    """Find a file of a set; raises `SutazaiError` where it is gone."""
    path = f"/{store.volume}/{file.name}"
    found = [entry for entry in repository.entries("part", f"set={name}") if entry.path == path]
    if not found:
        raise SutazaiError(f"snapshot {name}: {path} isn't in the repository any more; take another set")
    return found[-1]


def record_drill(repository: Repository, drill: Drill) -> None:
    """Keep how a trial went; of old ones only some."""
    tags = [
        _DRILL,
        f"set={drill.set}",
        f"at={drill.at.isoformat()}",
        f"ok={drill.ok}",
        f"seconds={drill.seconds:.1f}",
    ]
    repository.save("/drill", tags, lambda sink: sink(drill.model_dump_json().encode()))
    repository.forget(repository.entries(_DRILL)[:-KEPT_DRILLS])


def drills(repository: Repository) -> tuple[Drill, ...]:
    """List the trials, the oldest first."""
    return tuple(
        Drill(
            set=entry.tag("set"),
            at=datetime.fromisoformat(entry.tag("at")),
            ok=entry.tag("ok") == "True",
            seconds=float(entry.tag("seconds")),
        )
        for entry in repository.entries(_DRILL)
    )


def prune(repository: Repository, keep: Keep, *, dry_run: bool) -> tuple[tuple[SetRow, ...], int]:
    """Remove the sets that the policy doesn't keep, and what killed runs left: those sets, and the torn parts.

    Only whole sets are counted: a torn one takes nobody's place.
    """
    beyond = repository.beyond(_MANIFEST, keep_words(keep))
    gone = {entry.tag("set") for entry in beyond}
    whole = {row.set for row in rows(repository)}
    parts = repository.entries("part")
    torn = [entry for entry in parts if entry.tag("set") not in whole]
    if not dry_run and (beyond or torn):
        # Manifests first: killed in between, what is left is torn and goes next time.
        repository.forget(beyond)
        repository.forget([*torn, *(entry for entry in parts if entry.tag("set") in gone)])
        repository.prune()
    return tuple(_row(entry) for entry in beyond), len(torn)


def keep_words(keep: Keep) -> Sequence[str]:
    """Say a policy in restic's words."""
    return list(_words(keep))


def _words(keep: Keep) -> Iterator[str]:
    for name, count in keep.model_dump().items():
        if count:
            yield from (f"--keep-{name}", str(count))


def _row(entry: Entry) -> SetRow:
    return SetRow(
        set=entry.tag("set"),
        taken=datetime.fromisoformat(entry.tag("taken")).astimezone(UTC),
        plan=entry.tag("plan"),
        volumes=tuple(entry.tag("volumes").split("+")),
        bytes=int(entry.tag("bytes")),
        added_bytes=int(entry.tag("added")),
        seconds=float(entry.tag("seconds")),
    )
