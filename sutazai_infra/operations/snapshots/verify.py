"""Is a set whole, and does it come back? Checked in the repository, and tried out in throw-away containers."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256

from sutazai_infra.model.errors import SutazaiError
from sutazai_infra.operations.snapshots import sets
from sutazai_infra.operations.snapshots.create import Source
from sutazai_infra.operations.snapshots.manifest import Drill, Manifest
from sutazai_infra.operations.snapshots.restic import Repository
from sutazai_infra.operations.snapshots.restore import filled
from sutazai_infra.operations.snapshots.trial import Trial

__all__ = ["drill", "verify"]

Tell = Callable[[str], None]


def verify(repository: Repository, manifest: Manifest, tell: Tell) -> int:
    """Read all of the repository, and hold each file of the set against its checksum; how many were.

    Raises `SutazaiError`.
    """
    tell("the repository, with all data")
    repository.check()
    count = 0
    for store in manifest.stores:
        for file in store.files:
            tell(f"{store.volume}/{file.name}")
            digest = sha256()
            for chunk in repository.read(sets.part(repository, manifest.set, store, file)):
                digest.update(chunk)
            if digest.hexdigest() != file.sha256:
                raise SutazaiError(
                    f"snapshot {manifest.set}: {store.volume}/{file.name}: checksum {digest.hexdigest()[:12]}, "
                    f"taken was {file.sha256[:12]}; don't rely on it: take another set, restore from an older one"
                )
            count += 1
    return count


def drill(source: Source, repository: Repository, manifest: Manifest, tell: Tell) -> tuple[Drill, str]:
    """Restore a set into throw-away containers; how it went is kept, and what was wrong is told."""
    began, wrong = time.monotonic(), ""
    try:
        _tried(source, repository, manifest, tell)
    except SutazaiError as error:
        wrong = str(error)
    seconds = round(time.monotonic() - began, 3)
    result = Drill(set=manifest.set, at=datetime.now(UTC), ok=not wrong, seconds=seconds)
    sets.record_drill(repository, result)
    return result, wrong


def _tried(source: Source, repository: Repository, manifest: Manifest, tell: Tell) -> None:
    stores = {store.volume: store for store in source.stores}
    for entry in manifest.stores:
        tell(entry.volume)
        if entry.volume not in stores:
            raise SutazaiError(f"{entry.volume}: isn't in the stack any more, so nothing says how to try it")
        with Trial.of(source.client, source.spec.stack, stores[entry.volume]) as trial:
            filled(trial, repository, manifest.set, entry)
