"""bounded-restart: what fails again and again is started again only so often."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Annotated, Any

from pulumi_policy import Severity
from pydantic import Field

from sutazai_policy import reading
from sutazai_policy.exceptions import ExceptableSettings
from sutazai_policy.facts import Container, Facts, Service
from sutazai_policy.messages import told
from sutazai_policy.reading import Reading
from sutazai_policy.rule import Category, Rule, Violation

__all__ = ["RULE"]

_DEFAULT_DELAY = Fraction(5)
# Docker calls a container that has run for ten seconds started, and counts its failures anew.
_STARTED = 10


class BoundedRestartSettings(ExceptableSettings):
    """How often a container may be restarted."""

    most: Annotated[
        int, Field(ge=1, le=10**6, description="Restarts in a row that a container may have. Default: 5.")
    ] = 5


def check(facts: Facts, settings: BoundedRestartSettings) -> Iterator[Violation]:
    """Judge all workloads, whether they are to run or not."""
    for container in facts.containers:
        for problem in _of_container(container, settings.most):
            yield Violation(f"{container.name} {problem}", container.urn)
    for service in facts.services:
        for problem in _of_service(service, settings.most):
            yield Violation(f"{service.name} {problem}", service.urn)


def _of_container(one: Container, most: int) -> Iterator[str]:
    restart, count = one.restart, reading.whole(one.properties, "maxRetryCount")
    if count.problem is not None:
        yield f"has a maxRetryCount that {count.problem}"
    if restart.problem is not None:
        yield f"has a restart that {restart.problem}"
    elif restart.value in ("always", "unless-stopped"):
        yield (
            f"restarts without end (restart {told(restart.value, restart)}):"
            f" set restart to on-failure, and maxRetryCount to up to {most}"
        )
    elif restart.value == "on-failure":
        yield from _count_problem("maxRetryCount", count, most)
    elif restart.value not in (None, "no"):
        yield "has a restart that Docker doesn't know: set it to on-failure or no"


def _count_problem(key: str, count: Reading[int], most: int) -> Iterator[str]:
    if count.problem is None and not count.value:
        yield f"restarts on failure without end, since it has no {key}: set it to up to {most}"
    elif count.value is not None and count.value > most:
        yield f"has a {key} of {told(count.value, count)} of at most {most}: lower it, or raise most"


def _of_service(one: Service, most: int) -> Iterator[str]:
    policy = one.task.then(lambda found: reading.nested(found, "restartPolicy"))
    condition = policy.then(lambda found: reading.text(found, "condition"))
    if condition.problem is not None:
        yield f"has a restartPolicy.condition that {condition.problem}"
    elif condition.value in (None, "any"):
        yield (
            f"restarts without end (restartPolicy.condition {told(condition.value or 'left out', condition)}):"
            f" set it to on-failure, and maxAttempts to up to {most}"
        )
    elif condition.value == "on-failure":
        yield from _attempt_problems(policy, most)
    elif condition.value != "none":
        yield "has a restartPolicy.condition that Swarm doesn't know: set it to on-failure or none"


def _attempt_problems(policy: Reading[Mapping[str, Any]], most: int) -> Iterator[str]:
    attempts = policy.then(lambda found: reading.whole(found, "maxAttempts"))
    window = policy.then(lambda found: reading.duration(found, "window"))
    delay = policy.then(lambda found: reading.duration(found, "delay"))
    for key, one in (("maxAttempts", attempts), ("window", window), ("delay", delay)):
        if one.problem is not None:
            yield f"has a restartPolicy.{key} that {one.problem}"
    yield from _count_problem("restartPolicy.maxAttempts", attempts, most)
    pause = _DEFAULT_DELAY if delay.value is None else delay.value
    if window.value and attempts.value and window.value < attempts.value * (pause + _STARTED):
        yield (
            "restarts without end, since its attempts are spread over more time than"
            f" restartPolicy.window counts ({told(f'{float(window.value):g} s', window)}): leave window out"
        )


RULE = Rule(
    name="bounded-restart",
    description="What fails has to be restarted only so often.",
    category=Category.SHAPE,
    severity=Severity.MEDIUM,
    why=(
        "A container that fails at its start and is restarted without end takes CPU from the others, fills logs,"
        " and never shows as failed."
    ),
    source="CIS Docker Benchmark 5.15; KICS: Restart Policy On Failure Not Set To 5",
    remediation=(
        "1. Set restart to on-failure and maxRetryCount to 5, or restart to no for what ends by itself.\n"
        "2. Of a Swarm service, set taskSpec.restartPolicy: condition on-failure, maxAttempts 5, no window.\n"
        "3. Where more restarts are meant, raise most."
    ),
    settings=BoundedRestartSettings,
    check=check,
    alone=True,
)
