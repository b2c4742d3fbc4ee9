"""ulimits: a container's own limits are limits, and small enough for its host."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pulumi_policy import Severity
from pydantic import Field

from sutazai_policy import reading
from sutazai_policy.exceptions import ExceptableSettings
from sutazai_policy.facts import Facts
from sutazai_policy.parts import problems, readable, shown
from sutazai_policy.rule import Category, Rule, Violation

__all__ = ["RULE"]

_UNLIMITED = -1
# The most of each, in what setrlimit(2) counts it in; without a number, any that is finite.
_LARGEST: dict[str, int | None] = {
    "core": 0,
    "cpu": None,
    "data": None,
    "fsize": None,
    "locks": None,
    "memlock": 65536,
    "msgqueue": 819200,
    "nice": 20,
    "nofile": 1048576,
    "nproc": 32768,
    "rss": None,
    "rtprio": 0,
    "rttime": None,
    "sigpending": 32768,
    "stack": 67108864,
}
_Kind = Literal[
    "core", "cpu", "data", "fsize", "locks", "memlock", "msgqueue", "nice", "nofile", "nproc", "rss", "rtprio",
    "rttime", "sigpending", "stack",
]  # fmt: skip


class UlimitsSettings(ExceptableSettings):
    """How large each ulimit may be."""

    largest: Annotated[
        dict[_Kind, Annotated[int, Field(ge=-1)]],
        Field(
            default_factory=dict,
            description="The most that an ulimit may be, by its name; -1 lets it be unlimited. Default: core 0,"
            " memlock 65536, msgqueue 819200, nice 20, nofile 1048576, nproc 32768, rtprio 0, sigpending 32768,"
            " stack 67108864; the others any number.",
        ),
    ]


def check(facts: Facts, settings: UlimitsSettings) -> Iterator[Violation]:
    """Judge containers, also stopped ones; the provider gives a Swarm service none."""
    largest = _LARGEST | {str(kind): most for kind, most in settings.largest.items()}
    for one in facts.containers:
        found = reading.pairs(one.properties, "ulimits")
        yield from (Violation(f"{one.name} has an ulimits that {problem}", one.urn) for problem in problems(found))
        for entry in readable(found):
            yield from (Violation(f"{one.name} {problem}", one.urn) for problem in _ulimit(entry, largest))


def _ulimit(entry: Mapping[str, Any], largest: Mapping[str, int | None]) -> Iterator[str]:
    name = reading.text(entry, "name")
    if name.value is None:
        yield f"has an ulimit with a name that {name.problem or 'is missing: give it one'}"
    elif (kind := name.value.upper().lower()) not in largest:  # Docker writes it in capitals before it looks
        yield f"has an ulimit {shown(name.value, secret=name.secret)}, which Linux doesn't have: remove it"
    else:
        yield from _sizes(entry, kind, largest[kind])


def _sizes(entry: Mapping[str, Any], kind: str, most: int | None) -> Iterator[str]:
    soft, hard = (reading.whole(entry, side, least=_UNLIMITED) for side in ("soft", "hard"))
    for side, found in (("soft", soft), ("hard", hard)):
        if found.value is None:
            yield f"has an ulimit {kind} with a {side} that {found.problem or 'is missing: give it a number'}"
    sizes = [_size(found.value) for found in (soft, hard) if found.value is not None]
    if sizes:
        yield from _too_large(max(sizes), kind, most, secret=soft.secret or hard.secret)
    if len(sizes) == 2 and sizes[0] > sizes[1]:
        yield f"has an ulimit {kind} whose soft is above its hard, which Docker refuses: lower its soft"


def _size(value: int) -> float:
    return math.inf if value == _UNLIMITED else value


def _too_large(size: float, kind: str, most: int | None, *, secret: bool) -> Iterator[str]:
    bound = "a number" if most is None else f"{most} at most"
    if size == math.inf and most != _UNLIMITED:
        yield f"has an unlimited ulimit {kind}: set its soft and hard to {bound}, or raise largest.{kind}"
    elif most not in (None, _UNLIMITED) and size > most:
        told = shown(f"{size}", secret=secret)
        yield f"has an ulimit {kind} of {told}, and {most} is the most: lower it, or raise largest.{kind}"


RULE = Rule(
    name="ulimits",
    description="A container's ulimits have to be finite, and no larger than its host can bear.",
    category=Category.SECURITY,
    severity=Severity.MEDIUM,
    why=(
        "An ulimit that is set replaces what the engine's operator chose. One without an end lets a container take"
        " the host's processes, files or locked memory, or write all that it holds to the host's disk as it dies."
    ),
    source="CIS Docker Benchmark 5.19",
    remediation=(
        "1. Leave the ulimit out: the engine's default holds.\n"
        "2. If the program asks for one, give it the number that it documents, soft no larger than hard.\n"
        "3. If that is more than this rule lets through, raise largest.NAME, or except the one service."
    ),
    settings=UlimitsSettings,
    check=check,
    alone=True,
)
