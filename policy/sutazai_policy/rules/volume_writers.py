"""volume-writers: a volume has one writer, or was made for several."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated

from pulumi_policy import Severity
from pydantic import Field

from sutazai_policy.exceptions import ExceptableSettings
from sutazai_policy.facts import Facts, Workload
from sutazai_policy.rule import Category, Rule, Violation
from sutazai_policy.volumes import Volume, Volumes, Writes
from sutazai_policy.workload import Service

__all__ = ["RULE"]

_WAY_OUT = "let one of them write and the others mount it readOnly, or name it in shared"


class VolumeWritersSettings(ExceptableSettings):
    """The volumes that several may write to."""

    shared: Annotated[
        Sequence[str],
        Field(description="Names, or globs, of volumes that several workloads may write to. Default: none."),
    ] = ()


def check(facts: Facts, settings: VolumeWritersSettings) -> Iterator[Violation]:
    """Judge all workloads: one that is stopped wrote, or will write, too."""
    volumes = Volumes(facts)
    writers: dict[str, list[Workload]] = {}
    shown: dict[str, Volume] = {}
    for one in facts.workloads:
        writes = volumes.written_by(one)
        own = [volume for volume in writes.volumes.values() if not volume.matches(settings.shared)]
        for problem in _problems(one, writes, own):
            yield Violation(f"{one.name} {problem}", one.urn)
        for volume in own:
            writers.setdefault(volume.key, []).append(one)
            shown[volume.key] = volume
    for key, its in writers.items():
        yield from _second_writers(shown[key], its)


def _problems(one: Workload, writes: Writes, own: Sequence[Volume]) -> Iterator[str]:
    yield from writes.problems
    if writes.of_another:
        yield "takes over all volumes of another container (fromContainer): mount by name those that it needs"
    if isinstance(one, Service):
        for volume in own:
            yield from _replicas(one, volume)


def _replicas(one: Service, volume: Volume) -> Iterator[str]:
    if one.replicas.problem is not None:
        yield f"writes to the volume {volume.shown} in a number of replicas that {one.replicas.problem}"
    elif one.replicas.value is not None and one.replicas.value > 1:
        yield (
            f"runs {one.replicas.value} replicas that all write to the volume {volume.shown}:"
            " run one, or name it in shared"
        )


def _second_writers(volume: Volume, writers: Sequence[Workload]) -> Iterator[Violation]:
    first, *others = writers
    more = f" (and {len(others) - 1} more)" if len(others) > 1 else ""
    for one in others:
        yield Violation(
            f"{one.name} writes to the volume {volume.shown}, as {first.name} does{more}: {_WAY_OUT}", one.urn
        )


RULE = Rule(
    name="volume-writers",
    description="A volume has to have one writer, unless it is made for several.",
    category=Category.DATA,
    severity=Severity.HIGH,
    why=(
        "Two databases, or two copies of one, that write to the same files destroy them: each trusts that it is"
        " alone. It shows only when one of them reads what the other wrote."
    ),
    source="strategy: persistent data",
    remediation=(
        "1. Give each writer a volume of its own, and let the others ask it over the network.\n"
        "2. Mount the volume readOnly where it is only read.\n"
        "3. Name a volume in shared if its writers know of each other, as with uploaded files."
    ),
    settings=VolumeWritersSettings,
    check=check,
)
