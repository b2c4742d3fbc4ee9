"""An immutable set of cores, written as Docker writes it: `2-3,6`.

Deliberately no set of its own for "all cores" or "no limit": an empty core set is empty, as in a host that
reserves none, though Docker's empty string means *every* core; the planner gives no service an empty one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, Self

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

__all__ = ["CoreSet"]

_RANGE = re.compile(r"(\d{1,5})(?:-(\d{1,5}))?")


class CoreSet:
    """Cores by number, sorted and without repeats; hashable, comparable, iterable in order."""

    __slots__ = ("_cores", "_members")
    _cores: tuple[int, ...]
    _members: frozenset[int]

    def __init__(self, cores: Iterable[int] = ()) -> None:
        found = tuple(sorted(set(cores)))
        if found and found[0] < 0:
            raise ValueError(f"core {found[0]} is negative: cores are numbered from 0")
        object.__setattr__(self, "_cores", found)
        object.__setattr__(self, "_members", frozenset(found))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `2-3,6`; raises `ValueError` for anything else, also for a descending range such as `5-2`."""
        cores: list[int] = []
        for part in text.strip().split(","):
            match = _RANGE.fullmatch(part.strip())
            if match is None:
                raise ValueError(f"{text!r} is no core set: write it as in 2-3,6")
            first = int(match[1])
            last = int(match[2] or first)
            if last < first:
                raise ValueError(f"{text!r} is no core set: {part!r} descends; write {last}-{first}")
            cores.extend(range(first, last + 1))
        return cls(cores)

    @classmethod
    def span(cls, first: int, count: int) -> Self:
        """Return `count` adjacent cores from `first` on."""
        return cls(range(first, first + count))

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a core set is immutable: {name} can't be set")

    def __iter__(self) -> Iterator[int]:
        return iter(self._cores)

    def __len__(self) -> int:
        return len(self._cores)

    def __contains__(self, core: object) -> bool:
        return core in self._members

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CoreSet) and self._cores == other._cores

    def __hash__(self) -> int:
        return hash(self._cores)

    def __lt__(self, other: CoreSet) -> bool:
        return self._cores < other._cores

    def __or__(self, other: CoreSet) -> CoreSet:
        return CoreSet(self._members | other._members)

    def __and__(self, other: CoreSet) -> CoreSet:
        return CoreSet(self._members & other._members)

    def __sub__(self, other: CoreSet) -> CoreSet:
        return CoreSet(self._members - other._members)

    def __le__(self, other: CoreSet) -> bool:
        return self._members <= other._members

    def last(self, count: int) -> CoreSet:
        """Return the `count` highest-numbered cores (all of them where there are fewer)."""
        return CoreSet(self._cores[max(0, len(self._cores) - count) :])

    def __str__(self) -> str:
        return ",".join(_format_range(first, last) for first, last in self._ranges())

    def __repr__(self) -> str:
        return f"CoreSet({str(self)!r})"

    def _ranges(self) -> Iterator[tuple[int, int]]:
        start: int | None = None
        previous = -2
        for core in self._cores:
            if start is None:
                start = core
            elif core != previous + 1:
                yield start, previous
                start = core
            previous = core
        if start is not None:
            yield start, previous

    @classmethod
    def _validated(cls, value: object) -> CoreSet:
        if isinstance(value, CoreSet):
            return value
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise ValueError(f"{value!r} is no core set: write it as in 2-3,6")
        return cls.parse(str(value)) if str(value).strip() else cls()

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            cls._validated, serialization=core_schema.to_string_ser_schema()
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"type": "string", "pattern": r"^(\d+(-\d+)?(,\d+(-\d+)?)*)?$", "description": "cores: 2-3,6"}


def _format_range(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}-{last}"
