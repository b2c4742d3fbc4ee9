"""stop-grace: what is stopped has the time to finish, and a database to write what it holds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Annotated, Any

from pulumi_policy import Severity
from pydantic import Field

from sutazai_policy import reading
from sutazai_policy.exceptions import ExceptableSettings
from sutazai_policy.facts import Container, Facts, Workload
from sutazai_policy.messages import told
from sutazai_policy.reading import Reading
from sutazai_policy.roles import image_names, is_database
from sutazai_policy.rule import Category, Rule, Violation

__all__ = ["RULE"]

_SWARM_DEFAULT = Fraction(10)
_UNHEARD = frozenset({"KILL", "STOP", "9", "19"})
_ZEROS = re.compile(r"\A\+?0*(?=\d)", re.ASCII)
_OWN_LIMIT = "stopTimeout"


class StopGraceSettings(ExceptableSettings):
    """Which workloads are databases, and how long those need."""

    databases: Annotated[
        Sequence[str],
        Field(description="Databases by name, beside those that their image tells. Default: none."),
    ] = ()
    database_s: Annotated[
        int, Field(ge=0, le=86400, description="Seconds that a database has to stop in. Default: 30.")
    ] = 30


def check(facts: Facts, settings: StopGraceSettings) -> Iterator[Violation]:
    """Judge what will run; what is stopped has nothing to finish."""
    for one in facts.workloads:
        if one.runs:
            for problem in (*_grace_problems(one, facts, settings), *_signal_problems(one)):
                yield Violation(f"{one.name} {problem}", one.urn)


def _grace_problems(one: Workload, facts: Facts, settings: StopGraceSettings) -> Iterator[str]:
    least = settings.database_s
    for key, grace, seconds in _graces(one):
        if grace.problem is not None:
            yield f"has a {key} that {grace.problem}"
        elif not seconds and key != _OWN_LIMIT:
            yield f"has no {key}, so it is killed at once: set it to the seconds that it takes to stop"
        elif seconds < least and is_database(one, settings.databases, facts):
            yield f"is a database and has {_text(seconds, grace)} s to stop ({key}) of at least {least}: raise it"
        elif seconds < least and one.image.problem is not None and not any(image_names(one, facts)):
            yield (
                f"has {_text(seconds, grace)} s to stop ({key}), and an image that {one.image.problem};"
                f" if it is a database it needs {least}"
            )


def _graces(one: Workload) -> Iterator[tuple[str, Reading[Any], Fraction]]:
    """Return the time that the provider gives it, and the one that Docker gives it when the host goes down."""
    if one.kind == "service":
        grace = one.stop_grace
        yield "stopGracePeriod", grace, _SWARM_DEFAULT if grace.value is None else grace.value
        return
    yield "destroyGraceSeconds", one.stop_grace, one.stop_grace.value or Fraction(0)
    own = reading.whole(one.properties, _OWN_LIMIT)
    if not own.absent:
        yield _OWN_LIMIT, own, Fraction(own.value or 0)


def _text(seconds: Fraction, *sources: Reading[Any]) -> str:
    return told(f"{float(seconds):g}", *sources)


def _signal_problems(one: Workload) -> Iterator[str]:
    where = Reading(one.properties) if isinstance(one, Container) else one.spec
    signal = where.then(lambda found: reading.text(found, "stopSignal"))
    if signal.problem is not None:
        yield f"has a stopSignal that {signal.problem}"
    elif _ZEROS.sub("", (signal.value or "").upper().removeprefix("SIG")) in _UNHEARD:
        yield "has a stopSignal that no program can hear, so it is killed at once: leave it out, or set SIGTERM"


RULE = Rule(
    name="stop-grace",
    description="What is stopped has to get the time to finish, and a database the time to write what it holds.",
    category=Category.SHAPE,
    severity=Severity.HIGH,
    why=(
        "Without destroyGraceSeconds the provider kills a container outright when it replaces it: requests are cut"
        " off, and a database has to recover from its log, if it can."
    ),
    source="provider: decision 11",
    remediation=(
        "1. Set destroyGraceSeconds to the seconds that the program takes to stop; 30 or more for a database.\n"
        "2. Set stopTimeout likewise: Docker goes by it when the host goes down.\n"
        "3. Of a Swarm service, set stopGracePeriod in taskSpec.containerSpec, as in 30s.\n"
        "4. A database whose image doesn't tell is named in databases."
    ),
    settings=StopGraceSettings,
    check=check,
    alone=True,
)
