"""health-check: Docker can tell whether what runs also works."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from pulumi_policy import Severity

from sutazai_policy import reading
from sutazai_policy.exceptions import ExceptableSettings
from sutazai_policy.facts import Container, Facts, Workload
from sutazai_policy.messages import told
from sutazai_policy.parts import shown
from sutazai_policy.reading import Reading
from sutazai_policy.rule import Category, Rule, Violation
from sutazai_policy.shell import can_fail, script_can_fail

__all__ = ["RULE"]

_ASK = 'ask the program itself, as in ["CMD", "pg_isready"]'
_LONGEST = 24 * 3600
_SHOWN = 60
# What Docker takes where nothing, or zero, is given.
_SECONDS, _RETRIES = 30, 3


class HealthCheckSettings(ExceptableSettings):
    """Nothing but exceptions."""


def check(facts: Facts, _settings: HealthCheckSettings) -> Iterator[Violation]:
    """Judge what will run: nobody asks what is stopped."""
    for one in facts.workloads:
        if one.runs:
            for problem in (*_test_problems(one), *_time_problems(one)):
                yield Violation(f"{one.name} {problem}", one.urn)


def _test_problems(one: Workload) -> Iterator[str]:
    tests = one.health_test
    if tests.problem is not None:
        yield f"has a healthcheck.tests that {tests.problem}"
        return
    unread = [part.problem for part in tests.value or () if part.problem is not None]
    words = [part.value or "" for part in tests.value or ()]
    if unread:
        yield f"has a word in healthcheck.tests that {unread[0]}"
    elif not words:
        yield f"has no healthcheck.tests, so nobody knows whether it works: {_ASK}"
    elif words[0] == "NONE":
        yield f"turns its health check off (healthcheck.tests {_quoted(words, tests)}): {_ASK}"
    elif words[0] not in ("CMD", "CMD-SHELL"):
        yield f"has a healthcheck.tests that begins with neither CMD nor CMD-SHELL, so Docker runs none: {_ASK}"
    elif not (script_can_fail(words[1]) if words[0] == "CMD-SHELL" and words[1:] else can_fail(words[1:])):
        yield f"has healthcheck.tests that succeed whether it works or not ({_quoted(words[1:], tests)}): {_ASK}"


def _quoted(words: Sequence[str], tests: Reading[tuple[Reading[str], ...]]) -> str:
    """Write a command by its end, which is what lets it succeed."""
    text = " ".join(words)
    secret = any(part.secret for part in tests.value or ())
    return shown(text if len(text) <= _SHOWN else f"...{text[3 - _SHOWN :]}", secret=secret)


def _time_problems(one: Workload) -> Iterator[str]:
    group = _group(one)
    if group.problem is not None:  # which is the tests' problem too
        return
    interval, timeout, start = (_duration(group, key) for key in ("interval", "timeout", "startPeriod"))
    retries = group.then(lambda found: reading.whole(found, "retries"))
    times: dict[str, Reading[Any]] = {
        "interval": interval, "timeout": timeout, "startPeriod": start, "retries": retries
    }  # fmt: skip
    for key, found in times.items():
        if found.problem is not None:
            yield f"has a healthcheck.{key} that {found.problem}"
    each = float(interval.value or _SECONDS) + float(timeout.value or _SECONDS)
    longest = float(start.value or 0) + each * (retries.value or _RETRIES)
    if longest > _LONGEST:
        hours = told(f"{math.ceil(longest / 36) / 100:.15g}", *times.values())
        yield (
            f"may fail for {hours} hours before it shows, of at most {_LONGEST // 3600}"
            " (healthcheck: startPeriod + retries x (interval + timeout)): shorten them"
        )


def _group(one: Workload) -> Reading[Mapping[str, Any]]:
    if isinstance(one, Container):
        return reading.nested(one.properties, "healthcheck")
    return one.spec.then(lambda found: reading.nested(found, "healthcheck"))


def _duration(group: Reading[Mapping[str, Any]], key: str) -> Reading[Fraction]:
    return group.then(lambda found: reading.duration(found, key))


RULE = Rule(
    name="health-check",
    description="What runs has to have a health check that can fail.",
    category=Category.SHAPE,
    severity=Severity.MEDIUM,
    why=(
        "A process can hang and still be there: only a check that asks the program itself shows it, and only then"
        " can an update wait for it and an operator see it."
    ),
    source="CIS Docker Benchmark 4.6, 5.27; KICS: Healthcheck Not Set",
    remediation=(
        "1. Set healthcheck.tests to a command that asks the program itself and fails when it doesn't answer.\n"
        "2. Take off what makes it succeed in any case, as || true or ; exit 0 at its end.\n"
        "3. A job that ends by itself and answers nobody is excepted, with that as its reason."
    ),
    settings=HealthCheckSettings,
    check=check,
    alone=True,
)
