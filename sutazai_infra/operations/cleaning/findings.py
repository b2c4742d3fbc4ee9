"""What of all that the engine holds a stack has left behind, and why. Pure: values in, values out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum

from pydantic import Field

from sutazai_infra.model.base import Frozen
from sutazai_infra.operations.images.prune import KEPT, superseded
from sutazai_infra.operations.images.source import PREFIX

__all__ = [
    "CARRIER_SUFFIX",
    "Keep",
    "Kind",
    "Leftover",
    "Snapshot",
    "SomeContainer",
    "SomeImage",
    "SomeNetwork",
    "leftovers",
]

CARRIER_SUFFIX = "-files"
STAGE_LABEL = "sutazai.stage"
_BASE_LABEL = "org.opencontainers.image.base.name"
_TITLE_LABEL = "org.opencontainers.image.title"
# A stage that is younger may belong to a build that is under way.
_GRACE_S = 3600
_STOPPED = frozenset({"exited", "dead"})


class Kind(StrEnum):
    """What is removed, in this order: an image only goes when no stopped container needs it any more."""

    CONTAINER = "container"
    NETWORK = "network"
    IMAGE = "image"
    LOG = "log"


class SomeImage(Frozen):
    """An image that the engine lists. `own_bytes` are those that no other image shares with it."""

    identity: str
    tags: tuple[str, ...] = ()
    labels: dict[str, str] = Field({})
    created_s: int
    own_bytes: int = Field(ge=0)


class SomeContainer(Frozen):
    """A container, with what it has written itself, and its rotated logs with their sizes."""

    identity: str
    name: str
    stack: str | None
    service: str | None = None
    state: str
    image: str
    networks: frozenset[str] = frozenset()
    own_bytes: int = Field(0, ge=0)
    rotated_logs: dict[str, int] = Field({})


class SomeNetwork(Frozen):
    """A network, and the stack that it belongs to."""

    identity: str
    name: str
    stack: str | None


class Snapshot(Frozen):
    """All that the engine holds, at one time, in seconds since 1970."""

    taken_s: int
    images: tuple[SomeImage, ...] = ()
    containers: tuple[SomeContainer, ...] = ()
    networks: tuple[SomeNetwork, ...] = ()
    notes: tuple[str, ...] = Field((), description="What couldn't be looked at, and why.")


class Keep(Frozen):
    """What stays: names of containers and networks that a plan of the stack has, and current images by name."""

    containers: frozenset[str]
    networks: frozenset[str]
    images: dict[str, str]


class Leftover(Frozen):
    """One thing that can go. A size is null where removing frees no space that can be told."""

    kind: Kind
    name: str
    identity: str
    size_bytes: int | None
    reason: str


def leftovers(snapshot: Snapshot, stack: str, keep: Keep) -> tuple[Leftover, ...]:
    """List what can go, in the order in which it has to."""
    gone = tuple(_containers(snapshot.containers, stack, keep.containers))
    staying = [c for c in snapshot.containers if c.identity not in {one.identity for one in gone}]
    return (
        *gone,
        *_networks(snapshot.networks, staying, stack, keep.networks),
        *_images(snapshot, {container.image for container in staying}, keep.images),
        *_logs(staying, stack),
    )


def _containers(containers: Iterable[SomeContainer], stack: str, kept: frozenset[str]) -> Iterator[Leftover]:
    for one in sorted(containers, key=lambda each: each.name):
        carrier = one.name.endswith(CARRIER_SUFFIX) or (one.service or "").endswith(CARRIER_SUFFIX)
        if one.stack == stack and one.state in _STOPPED and one.name not in kept and not carrier:
            reason = f"{one.state}, and in no plan of {stack}"
            yield Leftover(
                kind=Kind.CONTAINER, name=one.name, identity=one.identity, size_bytes=one.own_bytes, reason=reason
            )


def _networks(
    networks: Iterable[SomeNetwork], staying: Iterable[SomeContainer], stack: str, kept: frozenset[str]
) -> Iterator[Leftover]:
    joined = frozenset(name for container in staying for name in container.networks)
    for one in sorted(networks, key=lambda each: each.name):
        if one.stack == stack and one.name not in kept | joined:
            reason = f"nobody's, and in no plan of {stack}"
            yield Leftover(kind=Kind.NETWORK, name=one.name, identity=one.identity, size_bytes=None, reason=reason)


def _images(snapshot: Snapshot, used: set[str], current: Mapping[str, str]) -> Iterator[Leftover]:
    old = _superseded(snapshot.images, current)
    reasons = {
        image.identity: reason
        for image in snapshot.images
        if image.identity not in used and (reason := _why_image(image, old, snapshot.taken_s))
    }
    _spare_bases(snapshot.images, reasons)
    # Who stands on another is younger, and goes first.
    for one in sorted(snapshot.images, key=lambda image: -image.created_s):
        if one.identity not in reasons:
            continue
        # By name where it has one: with several, the engine removes the content with the last.
        for number, tag in enumerate(one.tags or (one.identity,), start=1):
            yield Leftover(
                kind=Kind.IMAGE,
                name=tag.removeprefix("sha256:")[:12] if not one.tags else tag,
                identity=tag,
                size_bytes=one.own_bytes if number == max(1, len(one.tags)) else 0,
                reason=reasons[one.identity],
            )


def _spare_bases(images: Sequence[SomeImage], going: dict[str, str]) -> None:
    """Take out of `going` what an image that stays stands on, and what that stands on."""
    while spared := _stood_on(images, going):
        for identity in spared:
            del going[identity]


def _stood_on(images: Sequence[SomeImage], going: Mapping[str, str]) -> set[str]:
    bases = {image.labels.get(_BASE_LABEL) for image in images if image.identity not in going}
    return {image.identity for image in images if image.identity in going and bases & set(image.tags)}


def _why_image(image: SomeImage, old: set[str], now_s: int) -> str:
    """Say why an image that nobody uses can go; empty where it can't."""
    if image.tags:
        return f"older than the last {KEPT} builds" if set(image.tags) <= old else ""
    if not _built_here(image) or now_s - image.created_s <= _GRACE_S:
        return ""
    return "a stage of builds" if STAGE_LABEL in image.labels else "a build that lost its name"


def _superseded(images: Iterable[SomeImage], current: Mapping[str, str]) -> set[str]:
    listed = [{"Created": image.created_s, "RepoTags": image.tags} for image in images]
    return {tag for name, reference in current.items() for tag in superseded(listed, name, reference)}


def _built_here(image: SomeImage) -> bool:
    """Tell by its labels that an image without a name was built by this project."""
    base = image.labels.get(_BASE_LABEL, "")
    ours = base.startswith((PREFIX, "debian:")) and _TITLE_LABEL in image.labels
    return STAGE_LABEL in image.labels or ours


def _logs(staying: Iterable[SomeContainer], stack: str) -> Iterator[Leftover]:
    for one in sorted(staying, key=lambda each: each.name):
        if one.stack == stack:
            for path, size in sorted(one.rotated_logs.items()):
                number = path.rpartition("-json.log.")[2]
                name = f"{one.name}, rotated log {number}"
                yield Leftover(
                    kind=Kind.LOG,
                    name=name,
                    identity=path,
                    size_bytes=size,
                    reason="rotated; the current one stays",
                )
