"""Word left for the stack's exporter of what was taken and tried out last: it has neither repository nor password.

The file goes into a volume that the exporter mounts read-only, by way of a container that never runs.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping

from sutazai_infra.model.container import ContainerSpec
from sutazai_infra.operations.snapshots import sets
from sutazai_infra.operations.snapshots.archives import tar_of_file
from sutazai_infra.operations.snapshots.create import Source
from sutazai_infra.operations.snapshots.manifest import Drill, SetRow
from sutazai_infra.operations.snapshots.restic import Repository
from sutazai_infra.operations.snapshots.trial import labels, put, volume_exists
from sutazai_infra.planning.declaration import full_name

__all__ = ["leave_word", "word"]

VOLUME, _FILE, _ROLE = "snapshot-facts", "snapshots.json", "word"


def leave_word(source: Source, repository: Repository) -> bool:
    """Tell the exporter how it stands; whether there is one that could be told."""
    volume = full_name(source.spec.stack, VOLUME)
    readers = [one for one in source.spec.containers if volume in {mount.volume for mount in one.mounts}]
    if not readers or not volume_exists(source.client, volume):
        return False
    text = json.dumps(word(sets.rows(repository), sets.drills(repository)), indent=1).encode()
    _put(source, readers[0], volume, text)
    return True


def word(rows: tuple[SetRow, ...], drills: tuple[Drill, ...]) -> Mapping[str, float | None]:
    """Say how it stands, by the names of the exporter's metrics."""
    last, drill = rows[-1] if rows else None, drills[-1] if drills else None
    return {
        "last_success_timestamp_seconds": None if last is None else last.taken.timestamp(),
        "last_bytes": None if last is None else last.bytes,
        "sets": len(rows),
        "last_drill_timestamp_seconds": None if drill is None else drill.at.timestamp(),
        "last_drill_ok": None if drill is None else drill.ok,
    }


def _put(source: Source, reader: ContainerSpec, volume: str, text: bytes) -> None:
    container = source.client.containers.create(
        reader.image,
        name=f"{volume}-{secrets.token_hex(3)}",
        labels=labels(source.spec.stack, _ROLE),
        network_mode="none",
        volumes=[f"{volume}:/word"],
    )
    try:
        put(container, "/word", tar_of_file(_FILE, len(text), [text]))
    finally:
        container.remove(force=True)
