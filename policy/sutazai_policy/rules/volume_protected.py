"""volume-protected: no update removes data that somebody wrote."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated

from pulumi_policy import Severity
from pydantic import Field

from sutazai_policy.exceptions import ExceptableSettings
from sutazai_policy.facts import Facts
from sutazai_policy.messages import names
from sutazai_policy.rule import Category, Rule, Violation
from sutazai_policy.volumes import Volume, Volumes, Writes

__all__ = ["RULE"]


class VolumeProtectedSettings(ExceptableSettings):
    """The volumes that may be lost."""

    unprotected: Annotated[
        Sequence[str],
        Field(description="Names, or globs, of volumes whose data may be lost. Default: none."),
    ] = ()


def check(facts: Facts, settings: VolumeProtectedSettings) -> Iterator[Violation]:
    """Judge what will run: a container that is stopped only carries files into a volume."""
    volumes = Volumes(facts)
    for one in facts.workloads:
        if one.runs:
            for problem in _problems(volumes.written_by(one), settings.unprotected):
                yield Violation(f"{one.name} {problem}", one.urn)


def _problems(writes: Writes, unprotected: Sequence[str]) -> Iterator[str]:
    yield from writes.problems
    for path in writes.unnamed:
        yield (
            f"writes to a volume without a name at {path}, which a new container doesn't find again:"
            " name a docker.Volume there, or use tmpfs"
        )
    for volume in writes.volumes.values():
        if not volume.matches(unprotected):
            yield from _unprotected(volume)


def _unprotected(volume: Volume) -> Iterator[str]:
    bare = [one.name for one in volume.declared if not one.protect]
    if not volume.declared:
        yield (
            f"writes to the volume {volume.shown}, which this stack doesn't declare:"
            " declare a docker.Volume with protect=True, or name it in unprotected"
        )
    elif bare:
        yield (
            f"writes to the volume {volume.shown}, which {names(bare)} declares without protection:"
            " give its resource options protect=True, or name it in unprotected"
        )


RULE = Rule(
    name="volume-protected",
    description="Every volume that holds data has to be declared, and protected from removal.",
    category=Category.DATA,
    severity=Severity.HIGH,
    why=(
        "A renamed volume is a new, empty one, and the same update removes the old one with all its data."
        " A protected resource can't be removed before somebody has said so."
    ),
    source="strategy: persistent data; provider: decision 11",
    remediation=(
        "1. Declare each volume as a docker.Volume with protect=True in its resource options.\n"
        "2. Mount it by name: a volume without one is left behind by the next container.\n"
        "3. Name caches and other data that may be lost in unprotected."
    ),
    settings=VolumeProtectedSettings,
    check=check,
)
