"""root-user: what runs is nobody in particular, by number, and in none of the host's groups."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pulumi_policy import Severity

from sutazai_policy import reading
from sutazai_policy.exceptions import ExceptableSettings
from sutazai_policy.facts import Container, Facts, Workload
from sutazai_policy.messages import names
from sutazai_policy.parts import problems, shown, shown_texts
from sutazai_policy.reading import Reading
from sutazai_policy.rule import Category, Rule, Violation

__all__ = ["RULE"]

_NUMBER = re.compile(r"[1-9]\d*", re.ASCII)
# Docker reads a number as Go does: a sign and zeros before it change nothing.
_ZERO = re.compile(r"[+-]?0+", re.ASCII)
_HOST_GROUPS = frozenset({"docker", "disk"})
_ROOT = "root"


class RootUserSettings(ExceptableSettings):
    """Nothing but exceptions."""


def check(facts: Facts, _settings: RootUserSettings) -> Iterator[Violation]:
    """Judge what will run."""
    for one in facts.workloads:
        if one.runs:
            for problem in (*_user(one.user), *_groups(one)):
                yield Violation(f"{one.name} {problem}", one.urn)


def _user(user: Reading[str]) -> Iterator[str]:
    if user.problem is not None:
        yield f"has a user that {user.problem}"
    elif user.value is None:
        yield "runs as its image's user, which is root unless it says otherwise: set user, as in 10001:10001"
    else:
        yield from _named(user.value, shown(user.value, secret=user.secret))


def _named(user: str, told: str) -> Iterator[str]:
    name, group, *_ = (*user.split(":"), "")  # Docker reads no further, either
    if _NUMBER.fullmatch(name) is None:
        # Docker takes root where there is a group and no user.
        if _is_root(name) or not name.strip():
            yield f"runs as root (user {told}): set user to another number, as in 10001:10001"
        else:
            yield (
                f"runs as {told}, a name that its image may give to root: set user to a number, as in 10001:10001"
            )
    # The group 0 isn't judged here: a user without a group has it, too.
    if _plain(group) in _HOST_GROUPS:
        yield f"runs in a group that may take over its host (user {told}): give user another group, or none"


def _groups(one: Workload) -> Iterator[str]:
    if isinstance(one, Container):
        key, groups = "groupAdds", reading.texts(one.properties, "groupAdds")
    else:
        key, groups = "groups", one.spec.then(lambda spec: reading.texts(spec, "groups"))
    yield from (f"has a {key} that {problem}" for problem in problems(groups))
    found = [told for group, told in shown_texts(groups) if _is_root(group) or _plain(group) in _HOST_GROUPS]
    if found:
        yield f"runs in groups that may take over its host ({names(found)}): remove them from its {key}"


def _plain(name: str) -> str:
    return name.strip().casefold()


def _is_root(name: str) -> bool:
    """Whether Docker takes it for number 0, of a user or a group."""
    return _plain(name) == _ROOT or _ZERO.fullmatch(name.strip()) is not None


RULE = Rule(
    name="root-user",
    description="A running container has to have a user by number, not root, and no group that comes to the same.",
    category=Category.SECURITY,
    severity=Severity.HIGH,
    why=(
        "Root in a container is root on the host as soon as one wall has a hole: a mount, a capability, a bug in"
        " the kernel. A name is looked up in the image, where any name may be number 0."
    ),
    source="CIS Docker Benchmark 4.1; KICS: Missing User Instruction, Last User Is 'root' (Dockerfile)",
    remediation=(
        "1. Set user to UID:GID; most images document theirs (postgres 999:999 or 70:70, grafana 472:0).\n"
        "2. Give the volumes that it writes to that user: chown them once, by a container that is stopped after.\n"
        "3. Remove root, docker and disk from groupAdds; what needs the engine goes through a proxy that filters."
    ),
    settings=RootUserSettings,
    check=check,
    alone=True,
)
