"""Which volumes a workload writes to: each one once, by whichever mount or name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from sutazai_policy import reading
from sutazai_policy.facts import VOLUME, Facts, Workload
from sutazai_policy.messages import told
from sutazai_policy.parts import Mount, problems
from sutazai_policy.reading import Reading
from sutazai_policy.resource import Resource

__all__ = ["Volume", "Volumes", "Writes"]


@dataclass(frozen=True, slots=True)
class Volume:
    """One volume: its Docker name, or its resource's URN while that has none; how to call it; who declares it."""

    key: str
    shown: str
    declared: tuple[Resource, ...] = ()

    def matches(self, globs: Sequence[str]) -> bool:
        """Whether one of the globs means it, by its Docker name or its resource's."""
        own = (self.key, *(one.name for one in self.declared))
        return any(fnmatchcase(name, glob) for glob in globs for name in own)


@dataclass(slots=True)
class Writes:
    """What a workload writes to, and why more can't be told, in words that follow the workload's name."""

    volumes: dict[str, Volume] = field(default_factory=dict)
    unnamed: list[str] = field(default_factory=list)
    of_another: bool = False
    problems: list[str] = field(default_factory=list)


class Volumes:
    """The stack's volumes. Two resources may declare one Docker name: each of them can remove the volume."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._by_name: defaultdict[str | None, list[Resource]] = defaultdict(list)
        for one in facts.of_type(VOLUME):
            self._by_name[reading.text(one.properties, "name").value].append(one)

    def written_by(self, one: Workload) -> Writes:
        """Return what a workload may write to: whatever isn't plainly mounted read-only."""
        found = Writes(problems=[f"has a mount that {problem}" for problem in problems(one.mounts)])
        for given in one.mounts.value or ():
            if given.value is not None:
                self._add(one, given.value, found)
        return found

    def _add(self, one: Workload, mount: Mount, found: Writes) -> None:
        if mount.kind == "from":
            found.of_another = True
        elif mount.read_only:
            return
        elif mount.odd_kind is not None:
            found.problems.append(f"has a mounts[].type that {mount.odd_kind}")
        elif mount.kind == "anonymous":
            found.unnamed.append(told(mount.target.value or "an unknown path", mount.target))
        elif mount.kind == "volume":
            for volume in self._named(one, mount.source, found):
                found.volumes[volume.key] = volume

    def _named(self, one: Workload, name: Reading[str], found: Writes) -> Iterator[Volume]:
        if name.value is not None:
            yield Volume(name.value, told(name.value, name), tuple(self._by_name.get(name.value, ())))
        elif not name.unknown:
            found.problems.append(f"has a volume name that {name.problem}")
        else:
            sources = self._sources(one)
            yield from map(self._declared, sources)
            if not sources:
                found.problems.append(
                    "has a volume name that is unknown until the update runs, and comes from no docker.Volume"
                    " of this stack: give the name, or declare the volume"
                )

    def _sources(self, one: Workload) -> list[Resource]:
        keys = ("volumes", "mounts") if one.kind == "container" else ("taskSpec",)
        return [source for key in keys for source in self._facts.sources(one, key, VOLUME)]

    def _declared(self, source: Resource) -> Volume:
        name = reading.text(source.properties, "name")
        if name.value is None:
            return Volume(source.urn, source.name, (source,))
        return Volume(name.value, told(name.value, name), tuple(self._by_name[name.value]))
