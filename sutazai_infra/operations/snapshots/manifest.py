"""What a set of snapshots holds: of which moment, plan and images, and by what it is known again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from pydantic import Field

from sutazai_infra.model.base import Frozen
from sutazai_infra.model.catalogue import SnapshotWay

__all__ = ["Drill", "Facts", "Manifest", "SetRow", "StoreEntry", "StoredFile", "differences"]


class StoredFile(Frozen):
    """One file of a store, as it lies in the repository."""

    name: str
    bytes: int = Field(ge=0)
    sha256: str


class Facts(Frozen):
    """What a store's content is known again by, wherever it is restored: counts, and checksums of the content."""

    counts: dict[str, int] = Field({})
    digests: dict[str, str] = Field({})


class StoreEntry(Frozen):
    """One volume of the set."""

    volume: str = Field(description="The catalogue's name.")
    service: str
    way: SnapshotWay
    files: tuple[StoredFile, ...]
    facts: Facts
    seconds: float = Field(ge=0)

    @property
    def bytes(self) -> int:
        """All that was taken of it."""
        return sum(file.bytes for file in self.files)


class Manifest(Frozen):
    """A set: written last, so that a set without one is none."""

    version: Literal[1] = 1
    set: str
    stack: str
    taken: datetime = Field(description="The moment that all stores are of.")
    plan: str = Field(description="First 12 hex digits of the deployed plan's SHA-256.")
    images: dict[str, str] = Field(description="Service -> id of the image that it ran.")
    stores: tuple[StoreEntry, ...]
    held_s: float = Field(ge=0, description="How long writers were held.")
    seconds: float = Field(ge=0)

    @property
    def bytes(self) -> int:
        """All that was taken."""
        return sum(store.bytes for store in self.stores)


class SetRow(Frozen):
    """A set as the repository lists it, without reading its manifest."""

    set: str
    taken: datetime
    plan: str
    volumes: tuple[str, ...]
    bytes: int
    added_bytes: int = Field(description="What the repository grew by.")
    seconds: float


class Drill(Frozen):
    """One trial of a set, and whether it came out as it was taken."""

    set: str
    at: datetime
    ok: bool
    seconds: float


def differences(taken: Facts, found: Facts) -> list[str]:
    """Say in which counts and checksums what was found isn't what was taken."""
    return [
        *_unequal("count", taken.counts, found.counts),
        *_unequal("checksum", taken.digests, found.digests),
    ]


def _unequal(kind: str, taken: Mapping[str, object], found: Mapping[str, object]) -> list[str]:
    return [
        f"{name}: {kind} {found.get(name, 'none')}, taken was {taken.get(name, 'none')}"
        for name in sorted({*taken, *found})
        if taken.get(name) != found.get(name)
    ]
