"""log-rotation: no log fills the host's disk."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import lru_cache
from typing import Annotated, Any

from pulumi_policy import Severity
from pydantic import Field

from sutazai_policy.exceptions import ExceptableSettings
from sutazai_policy.facts import Facts, Workload
from sutazai_policy.messages import told
from sutazai_policy.reading import Reading
from sutazai_policy.rule import Category, Rule, Violation
from sutazai_policy.settings import Mib
from sutazai_policy.units import MIB, mib_text

__all__ = ["RULE"]

_SENDING = frozenset(
    {
        "awslogs",
        "etwlogs",
        "fluentd",
        "gcplogs",
        "gelf",
        "journald",
        "logentries",
        "loki",
        "none",
        "splunk",
        "syslog",
    }
)
_LOKI_PLUGIN = re.compile(r"(?:[^/]+/)*loki(?:-docker-driver)?(?::[^/]+)?")
_SIZE = re.compile(r"(\d{1,15}(?:\.\d{1,9})?) ?([kmgtp]?)i?b?", re.ASCII | re.IGNORECASE)
_COUNT = re.compile(r"0*[1-9]\d{0,8}", re.ASCII)
_POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4, "p": 5}
# What Docker takes where a driver keeps logs, or a copy of those that it sends, and isn't told how many.
_DEFAULTS = (Reading("20m"), Reading("5"))
_LEFT_OUT: Reading[str] = Reading()
_LIMITS, _COPY_LIMITS = ("max-size", "max-file"), ("cache-max-size", "cache-max-file")

Options = Mapping[str, Reading[str]]


class LogRotationSettings(ExceptableSettings):
    """How much log a container may keep on the host."""

    largest_mib: Annotated[
        Mib, Field(description="MiB of log that a container may keep: max-size x max-file. Default: 100.")
    ] = 100


def check(facts: Facts, settings: LogRotationSettings) -> Iterator[Violation]:
    """Judge all workloads, whether they are to run or not."""
    for one in facts.workloads:
        for problem in _problems(one, settings.largest_mib):
            yield Violation(f"{one.name} {problem}", one.urn)


def _problems(one: Workload, largest: int) -> Iterator[str]:
    driver, options = one.log_driver, one.log_options
    keys = ("logDriver", "logOpts") if one.kind == "container" else ("logDriver.name", "logDriver.options")
    readings: tuple[Reading[Any], ...] = (driver, options)
    for key, found in zip(keys, readings, strict=True):
        if found.problem is not None:
            yield f"has a {key} that {found.problem}"
    if driver.problem is None and options.problem is None:
        given = options.value or {}
        if driver.value in (None, "json-file"):
            yield from _kept(given, _LIMITS, keys[1], largest)
        elif driver.value == "local":
            yield from _kept(_filled(given, _LIMITS), _LIMITS, keys[1], largest)
        elif driver.value not in _SENDING and not _LOKI_PLUGIN.fullmatch(driver.value):
            yield f"has a {keys[0]} that nothing is known of: set it to local, or to json-file and bound it"
        elif not given.keys().isdisjoint(_COPY_LIMITS):
            yield from _kept(_filled(given, _COPY_LIMITS), _COPY_LIMITS, keys[1], largest)


def _filled(given: Options, keys: tuple[str, str]) -> Options:
    """Take Docker's defaults for what isn't given."""
    found = {key: given.get(key, _LEFT_OUT) for key in keys}
    return {
        key: default if one.absent else one for (key, one), default in zip(found.items(), _DEFAULTS, strict=True)
    }


def _kept(given: Options, keys: tuple[str, str], group: str, largest: int) -> Iterator[str]:
    size, count = given.get(keys[0], _LEFT_OUT).then(_size), given.get(keys[1], _LEFT_OUT).then(_count)
    readings: tuple[Reading[Any], ...] = (size, count)
    for key, found, example in zip(keys, readings, ("10m", "3"), strict=True):
        if found.problem is not None:
            yield f"has a {group} {key} that {found.problem}"
        elif found.value is None:
            yield f'has no {group} {key}, so its log is never rotated: set it, as in "{example}"'
    if size.value is not None and count.value is not None and size.value * count.value > largest * MIB:
        yield (
            f"keeps {told(mib_text(size.value * count.value), size, count)} MiB of log"
            f" ({keys[0]} x {keys[1]}) of at most {largest}: lower them, or raise largest_mib"
        )


@lru_cache(maxsize=1024)
def _size(value: str) -> Reading[int]:
    """Read a size in bytes; where k is 1000 to Docker and 1024 to others, the larger counts."""
    match = _SIZE.fullmatch(value)
    if match is None:
        return Reading(problem='is no size: write it as in "10m"')
    return Reading(math.ceil(Fraction(match[1]) * 1024 ** _POWERS[match[2].lower()]))


@lru_cache(maxsize=1024)
def _count(value: str) -> Reading[int]:
    if _COUNT.fullmatch(value) is None:
        return Reading(problem='is no number of files: write it as in "3"')
    return Reading(int(value))


RULE = Rule(
    name="log-rotation",
    description="The log that a container keeps on the host has to be bounded.",
    category=Category.SHAPE,
    severity=Severity.MEDIUM,
    why=(
        "Docker keeps what a container writes to its log for as long as the container exists. Without rotation one"
        " talkative program fills the disk, and every database on the host stops."
    ),
    source="strategy: log rotation; Docker Engine: the default json-file never rotates",
    remediation=(
        "1. Set logDriver to json-file and logOpts to max-size 10m and max-file 3, both as texts.\n"
        "2. Or set logDriver to local, which rotates by itself, or to a driver that sends the log elsewhere.\n"
        "3. Of a Swarm service, set taskSpec.logDriver: name and options."
    ),
    settings=LogRotationSettings,
    check=check,
    alone=True,
)
