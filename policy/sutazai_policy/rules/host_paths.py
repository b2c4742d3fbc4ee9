"""host-paths: what a container reaches of the host's files is what somebody named."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated

from pulumi_policy import Severity
from pydantic import AfterValidator, Field

from sutazai_policy import reading
from sutazai_policy.exceptions import ExceptableSettings
from sutazai_policy.facts import VOLUME, Facts
from sutazai_policy.host_paths import HostPath, host_paths
from sutazai_policy.messages import names
from sutazai_policy.parts import shown
from sutazai_policy.paths import covers, host_path
from sutazai_policy.reading import Reading
from sutazai_policy.rule import Category, Rule, Violation

__all__ = ["RULE"]

_READ_ONLY = ":ro"


def _place(given: str) -> str:
    found = host_path(given.removesuffix(_READ_ONLY))
    if found.value is None:
        raise ValueError(f"the path {found.problem}")
    return found.value + (_READ_ONLY if given.endswith(_READ_ONLY) else "")


class HostPathsSettings(ExceptableSettings):
    """What of the host may be mounted, and which volume drivers there are."""

    allowed: Annotated[
        Sequence[Annotated[str, AfterValidator(_place)]],
        Field(
            description="Paths of the host that may be mounted, with all that lies below them; with :ro at its"
            " end, as in /proc:ro, only read-only. Default: none."
        ),
    ] = ()
    drivers: Annotated[Sequence[str], Field(description="Volume drivers that may be used. Default: local.")] = (
        "local",
    )


def check(facts: Facts, settings: HostPathsSettings) -> Iterator[Violation]:
    """Judge mounts, and volumes that are a path of the host by their options."""
    writable = [one for one in settings.allowed if not one.endswith(_READ_ONLY)]
    read_only = [one.removesuffix(_READ_ONLY) for one in settings.allowed if one.endswith(_READ_ONLY)]
    for one in host_paths(facts):
        if problem := _problem(one, writable, read_only):
            yield Violation(f"{one.name} {problem}", one.urn)
    for name, urn, driver in _drivers(facts):
        if driver.problem is not None:
            yield Violation(f"{name} has a volume driver that {driver.problem}", urn)
        elif driver.value is not None and driver.value not in settings.drivers:
            told = "that is a secret" if driver.secret else shown(driver.value)
            yield Violation(
                f"{name} has the volume driver {told}, and there is {names(settings.drivers)}:"
                " leave the driver out, or name it in drivers",
                urn,
            )


def _problem(one: HostPath, writable: Sequence[str], read_only: Sequence[str]) -> str | None:
    path = one.path.value
    if path is None:
        return f"has a {one.what} that {one.path.problem}"
    if covers(writable, path):
        return None
    if not covers(read_only, path):
        return f"mounts the host path {one.shown}: keep the data in a volume, or name the path in allowed"
    return (
        None
        if one.read_only
        else f"mounts the host path {one.shown} writable: mount it read-only, as allowed says"
    )


def _drivers(facts: Facts) -> Iterator[tuple[str, str, Reading[str]]]:
    for one in facts.workloads:
        for given in one.mounts.value or ():
            if given.value is not None:
                yield one.name, one.urn, given.value.driver
    for volume in facts.of_type(VOLUME):
        yield volume.name, volume.urn, reading.text(volume.properties, "driver")


RULE = Rule(
    name="host-paths",
    description="What a container mounts of the host's files has to be allowed by its path.",
    category=Category.SECURITY,
    severity=Severity.HIGH,
    why=(
        "Who writes the host's files owns the host, and who reads them reads every secret on it; a volume's"
        " options can name such a path as well as a bind."
    ),
    source="CIS Docker Benchmark 5.6; KICS: Host Directory Mounted, Volume Has Sensitive Host Directory",
    remediation=(
        "1. Keep data in a named volume without driverOpts.\n"
        "2. Give a container files with uploads, which copies them into it.\n"
        "3. Where a program has to see the host, name the path in allowed, with :ro at its end if it only reads."
    ),
    settings=HostPathsSettings,
    check=check,
    alone=True,
)
