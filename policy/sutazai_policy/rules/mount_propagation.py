"""mount-propagation: what a container mounts doesn't appear on the host."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pulumi_policy import Severity

from sutazai_policy import reading
from sutazai_policy.exceptions import ExceptableSettings
from sutazai_policy.facts import VOLUME, Facts, Workload
from sutazai_policy.host_paths import mount_flags
from sutazai_policy.parts import shown
from sutazai_policy.reading import Reading
from sutazai_policy.rule import Category, Rule, Violation

__all__ = ["RULE"]

_ONE_WAY = frozenset({"private", "rprivate", "slave", "rslave"})
_BOTH_WAYS = frozenset({"shared", "rshared"})
_NOTHING: Reading[str] = Reading()


class MountPropagationSettings(ExceptableSettings):
    """Nothing but exceptions."""


def check(facts: Facts, _settings: MountPropagationSettings) -> Iterator[Violation]:
    """Judge mounts, and the options of volumes."""
    for one in facts.workloads:
        yield from (Violation(f"{one.name} {problem}", one.urn) for problem in _mounts(one))
    for volume in facts.of_type(VOLUME):
        options = reading.table(volume.properties, "driverOpts")
        yield from (Violation(f"{volume.name} {problem}", volume.urn) for problem in _options(options))


def _mounts(one: Workload) -> Iterator[str]:
    if one.mounts.problem is not None:
        yield f"has a list of mounts that {one.mounts.problem}"
    for given in one.mounts.value or ():
        if given.value is None:
            yield f"has a mount that {given.problem or 'is null: leave it out'}"
        else:
            yield from _target(given.value.target)
            yield from _propagation(given.value.propagation)
            yield from _options(given.value.driver_options)


def _target(target: Reading[str]) -> Iterator[str]:
    if target.problem is not None:
        yield f"has a mount target that {target.problem}"
    elif ":" in (target.value or ""):
        yield f"has the mount target {_told(target)}, of which Docker takes a part for options: name a plain path"


def _propagation(propagation: Reading[str]) -> Iterator[str]:
    if propagation.problem is not None:
        yield f"has a propagation that {propagation.problem}"
    elif propagation.value is not None and propagation.value not in _ONE_WAY:
        yield (
            f"has the propagation {_told(propagation)}, so what it mounts may appear on the host: leave it out,"
            " or set it to rslave if it has to see what the host mounts"
        )


def _told(given: Reading[str]) -> str:
    return "that is a secret" if given.secret else shown(str(given.value))


def _options(options: Reading[Mapping[str, Reading[str]]]) -> Iterator[str]:
    """Judge a volume's options; only `o` may have such a flag."""
    if options.problem is not None:
        yield f"has a group of driver options that {options.problem}"
    flags = (options.value or {}).get("o", _NOTHING)
    if flags.problem is not None:
        yield f"has a driver option o that {flags.problem}"
    if mount_flags(flags.value or "") & _BOTH_WAYS:
        yield "has a driver option o that lets mounts in it appear elsewhere: leave shared and rshared out of it"


RULE = Rule(
    name="mount-propagation",
    description="What a container mounts has to stay its own, and out of the host.",
    category=Category.SECURITY,
    severity=Severity.HIGH,
    why=(
        "With shared propagation a mount that a container makes appears on the host and in other containers,"
        " over whatever is there."
    ),
    source="CIS Docker Benchmark 5.20; KICS: Shared Volumes Between Containers",
    remediation=(
        "1. Leave bindOptions.propagation out: Docker then takes rprivate.\n"
        "2. Where a container has to see what the host mounts later, take rslave.\n"
        "3. Write a target as a plain path, and read-only as readOnly."
    ),
    settings=MountPropagationSettings,
    check=check,
    alone=True,
)
