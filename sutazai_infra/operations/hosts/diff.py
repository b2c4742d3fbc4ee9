"""What a preparation changes, as a value: shown first, then applied."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

__all__ = ["CgroupDiff", "Change", "HostDiff", "Kind", "Make", "Reclaim", "Step", "Write", "shown", "unlimited"]

Kind = Literal["created", "changed", "unchanged", "removed"]

_MIB = 1024 * 1024
# cgroup v1 writes "no limit" as the largest page-aligned number.
_UNLIMITED = 1 << 62
_PLAIN = frozenset({"memory.use_hierarchy"})
_SYMBOLS: dict[Kind, str] = {"created": "+", "changed": "~", "unchanged": " ", "removed": "-"}


@dataclass(frozen=True)
class Change:
    """One key of a cgroup; `old` is None where there was none."""

    key: str
    old: str | None
    new: str

    def __str__(self) -> str:
        if self.old is None:
            return f"{self.key} {shown(self.key, self.new)}"
        return f"{self.key} {shown(self.key, self.old)} -> {shown(self.key, self.new)}"


@dataclass(frozen=True)
class CgroupDiff:
    """One cgroup, or one slice: what becomes of it."""

    name: str
    kind: Kind
    changes: tuple[Change, ...] = ()

    def __str__(self) -> str:
        head = f"{_SYMBOLS[self.kind]} {self.name} {self.kind}"
        return "\n".join([head, *(f"    {change}" for change in self.changes)])


@dataclass(frozen=True)
class Make:
    """Make a cgroup."""

    path: Path


@dataclass(frozen=True)
class Write:
    """Set a control file; `old` puts it back when a later step fails."""

    path: Path
    value: str
    old: str | None = None
    optional: bool = False


@dataclass(frozen=True)
class Reclaim:
    """Make sure that a cgroup's use is within a new limit before the limit is set (v2 kills otherwise)."""

    use: Path
    limit: int


Step = Make | Write | Reclaim


@dataclass(frozen=True)
class HostDiff:
    """All cgroups of one stack; `waiting` says what a later run finishes, `steps` is the order of effects."""

    cgroups: tuple[CgroupDiff, ...]
    waiting: tuple[str, ...] = ()
    note: str = ""
    steps: tuple[Step, ...] = ()

    @property
    def changed(self) -> bool:
        """Whether applying it does anything."""
        return any(cgroup.kind != "unchanged" for cgroup in self.cgroups)

    def lines(self) -> list[str]:
        """Return the text that a person is shown."""
        texts = [line for cgroup in self.cgroups for line in str(cgroup).splitlines()]
        return [*texts, *self.waiting, *([self.note] if self.note and self.changed else [])]


def unlimited(value: str) -> bool:
    """Whether a limit's text means none."""
    return value == "max" or (value.isdigit() and int(value) >= _UNLIMITED)


def shown(key: str, value: str) -> str:
    """Write a control file's value for a person: memory in MiB, no limit as `unlimited`."""
    if unlimited(value):
        return "unlimited"
    if not key.startswith("memory.") or not value.isdigit() or key in _PLAIN:
        return value or "none"
    number = int(value)
    return f"{number // _MIB} MiB" if number % _MIB == 0 else f"{number} bytes"
