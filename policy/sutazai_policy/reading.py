"""Reading single properties of a resource without ever failing.

A property is read, absent, or odd. A value that the preview doesn't know yet is odd like any other, with its
problem in words; a secret is read like a plain value, and no problem quotes it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any, Generic, TypeVar, cast

from sutazai_policy.core_set import parse_core_set
from sutazai_policy.resource import UNKNOWN, Secret

__all__ = [
    "Reading",
    "core_set",
    "cpus",
    "duration",
    "flag",
    "items",
    "nested",
    "pairs",
    "raw",
    "table",
    "text",
    "texts",
    "whole",
]

T = TypeVar("T")
U = TypeVar("U")

# Beyond 2^53 the engine's own numbers (doubles) aren't exact, and no host has as many bytes, MB or shares.
_LARGEST = 2**53
_UNKNOWN = "is unknown until the update runs: give a plain value, not another resource's output"
_HIDDEN = "is a secret that can't be read as what belongs here: give a plain value"
_DECIMAL = re.compile(r"\d{1,9}(\.\d{1,9})?", re.ASCII)
_DURATION = re.compile(r"(?:(\d{1,9}(?:\.\d{1,9})?)(ns|us|µs|ms|s|m|h))", re.ASCII)
_SECONDS = {"ns": Fraction(1, 10**9), "us": Fraction(1, 10**6), "µs": Fraction(1, 10**6), "ms": Fraction(1, 1000)}
_SECONDS |= {"s": Fraction(1), "m": Fraction(60), "h": Fraction(3600)}


@dataclass(frozen=True, slots=True)
class Reading(Generic[T]):
    """A value, or nothing (absent), or a problem in words that follow the property's name."""

    value: T | None = None
    problem: str | None = None
    secret: bool = False

    def then(self, parse: Callable[[T], Reading[U]]) -> Reading[U]:
        """Parse the value further, if there is one."""
        if self.value is None:
            return cast("Reading[U]", self)  # nothing in it is of the value's type
        found = parse(self.value)
        return _kept_secret(found) if self.secret else found

    @property
    def absent(self) -> bool:
        """Whether nothing was given, as opposed to a value or one that can't be read."""
        return self.value is None and self.problem is None

    @property
    def unknown(self) -> bool:
        """Whether only the update will tell the value: a rule may know what it comes from."""
        return self.problem == _UNKNOWN


def _kept_secret(found: Reading[U]) -> Reading[U]:
    """Mark a part of a secret, and the elements of a list, as one: no problem may quote them."""
    value: Any = found.value
    if isinstance(value, tuple):
        value = tuple(_kept_secret(one) if isinstance(one, Reading) else one for one in value)
    return Reading(value, found.problem if found.problem in (None, _UNKNOWN) else _HIDDEN, secret=True)


def raw(properties: Any, key: str | int) -> Reading[Any]:
    """Read one property or list element as it is; `None` counts as absent."""
    try:
        value = properties[key]
    except (KeyError, IndexError):
        return _ABSENT
    return _revealed(value)


# Most of what a container could say is left out: one value says so for all.
_ABSENT: Reading[Any] = Reading()


def _revealed(value: Any) -> Reading[Any]:
    if value is None:
        return _ABSENT
    if value is UNKNOWN:
        return Reading(problem=_UNKNOWN)
    if isinstance(value, Secret):
        inner = _revealed(value.value)
        return Reading(_secret_parts(inner.value), inner.problem, secret=True)
    return Reading(value)


def _secret_parts(value: Any) -> Any:
    """What is in a secret list or group is as secret, however far in it is read."""
    if isinstance(value, Mapping):
        return {key: Secret(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [Secret(one) for one in value]
    return value


def whole(properties: Any, key: str, least: int = 0) -> Reading[int]:
    """Read a whole number; the engine sends every number as a double, so `256.0` is 256."""
    return raw(properties, key).then(lambda value: _whole(value, least))


def text(properties: Any, key: str) -> Reading[str]:
    """Read a text; an empty one is the provider's way to say absent."""
    return raw(properties, key).then(_text)


def flag(properties: Any, key: str) -> Reading[bool]:
    """Read a true or false."""
    return raw(properties, key).then(
        lambda value: Reading(value) if isinstance(value, bool) else _odd(value, "not true or false")
    )


def core_set(properties: Any, key: str) -> Reading[int]:
    """Read a core set such as `2-3,6` as a mask."""
    return text(properties, key).then(_core_set)


def cpus(properties: Any, key: str) -> Reading[Fraction]:
    """Read a number of CPUs, which the provider takes as text, such as `"1.5"`."""
    return text(properties, key).then(_cpus)


def nested(properties: Any, key: str) -> Reading[Mapping[str, Any]]:
    """Read a group of properties."""
    return raw(properties, key).then(_group)


def items(properties: Any, key: str) -> Reading[tuple[Reading[Any], ...]]:
    """Read a list, each element on its own."""
    return raw(properties, key).then(_items)


def texts(properties: Any, key: str) -> Reading[tuple[Reading[str], ...]]:
    """Read a list of texts, each on its own."""
    return items(properties, key).then(lambda found: Reading(tuple(one.then(_text) for one in found)))


def table(properties: Any, key: str) -> Reading[Mapping[str, Reading[str]]]:
    """Read a table of texts by key, each on its own."""
    return nested(properties, key).then(
        lambda found: Reading({str(name): raw(found, name).then(_text) for name in found})
    )


def pairs(properties: Any, key: str) -> Reading[tuple[Reading[Mapping[str, Any]], ...]]:
    """Read a list of groups of properties, each on its own."""
    return items(properties, key).then(lambda found: Reading(tuple(one.then(_group) for one in found)))


def duration(properties: Any, key: str) -> Reading[Fraction]:
    """Read a duration such as `1m30s`, in seconds."""
    return text(properties, key).then(_duration)


def _group(value: Any) -> Reading[Mapping[str, Any]]:
    return Reading(value) if isinstance(value, Mapping) else _odd(value, "not a group of properties")


@lru_cache(maxsize=1024)
def _duration(value: str) -> Reading[Fraction]:
    parts = _DURATION.findall(value)
    if "".join(number + unit for number, unit in parts) != value:
        return Reading(problem=f'is {_shown(value)}, no duration: write it as in "1m30s"')
    return Reading(sum((Fraction(number) * _SECONDS[unit] for number, unit in parts), Fraction(0)))


def _whole(value: Any, least: int) -> Reading[int]:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return _odd(value, "not a whole number")
    if isinstance(value, float) and (not math.isfinite(value) or not value.is_integer()):
        return _odd(value, "not a whole number")
    if abs(value) > _LARGEST:
        return Reading(problem="is more than any host has: give a number that a host can hold")
    if value < least:
        return Reading(problem=f"is {int(value)}, below {least}: give a number from {max(least, 0)} up")
    return Reading(int(value))


def _text(value: Any) -> Reading[str]:
    if not isinstance(value, str):
        return _odd(value, "not a text")
    return Reading(value) if value else Reading()


def _core_set(value: str) -> Reading[int]:
    try:
        return Reading(parse_core_set(value))
    except ValueError as error:
        return Reading(problem=f'is {_shown(value)}, {error}: write cores as in "4-5,8"')


@lru_cache(maxsize=1024)
def _cpus(value: str) -> Reading[Fraction]:
    if _DECIMAL.fullmatch(value) is None:
        return Reading(problem=f'is {_shown(value)}, no number of CPUs: write it as in "1.5"')
    return Reading(Fraction(value))


def _items(value: Any) -> Reading[tuple[Reading[Any], ...]]:
    if isinstance(value, str) or not isinstance(value, Sequence):
        return _odd(value, "not a list")
    return Reading(tuple(raw(value, index) for index in range(len(value))))


def _odd(value: Any, what: str) -> Reading[Any]:
    return Reading(problem=f"is {_described(value)}, {what}: give {what.removeprefix('not ')}")


def _described(value: Any) -> str:
    if isinstance(value, str):
        return f"the text {_shown(value)}"
    if isinstance(value, Mapping):
        return "a group of properties"
    if isinstance(value, Sequence):
        return "a list"
    return _shown(value) if isinstance(value, bool | int | float) else f"of the type {type(value).__name__}"


def _shown(value: Any) -> str:
    shown = repr(value)
    return shown if len(shown) <= 40 else f"{shown[:37]}..."
