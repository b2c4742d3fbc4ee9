"""stateful-replacement: whoever replaces a container with data reads it beforehand."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Annotated, Any

from pulumi_policy import EnforcementLevel, Severity
from pydantic import Field

from sutazai_policy import reading
from sutazai_policy.facts import Container, Facts
from sutazai_policy.messages import names
from sutazai_policy.parts import ANY_ADDRESS
from sutazai_policy.reading import Reading
from sutazai_policy.roles import is_database
from sutazai_policy.rule import Category, Rule, Sees, Violation
from sutazai_policy.running import Binding, Running
from sutazai_policy.settings import HostField, Settings
from sutazai_policy.volumes import Volumes

__all__ = ["RULE"]


class StatefulReplacementSettings(Settings):
    """Whose data counts, and where to look."""

    host: HostField
    databases: Annotated[
        Sequence[str],
        Field(description="Databases by name, beside those that their image tells. Default: none."),
    ] = ()


def check(facts: Facts, settings: StatefulReplacementSettings) -> Iterator[Violation]:
    """Judge containers that run already, on a host that was asked: a service's tasks are replaced one by one."""
    running = facts.surveyed.running
    volumes = Volumes(facts)
    for one in facts.containers:
        now = running.get((one.docker_name.value or "").removeprefix("/"))
        changed = [] if now is None else [key for key, differs in _differences(one, now) if differs]
        if not changed:
            continue
        kept = [volume.shown for volume in volumes.written_by(one).volumes.values()]
        if kept or is_database(one, settings.databases, facts):
            yield Violation(f"{one.name} {_told(changed, kept)}", one.urn)


def _told(changed: Sequence[str], kept: Sequence[str]) -> str:
    start = (
        f"is replaced, since {', '.join(changed)} {'differs' if len(changed) == 1 else 'differ'} from what runs"
    )
    if kept:
        return f"{start}, and keeps data in {names(kept)}: back that up first, and expect it to be away meanwhile"
    return f"{start}, and keeps its data in no volume: copy it out first, or give it one"


def _differences(one: Container, now: Running) -> Iterator[tuple[str, bool]]:
    """Compare what the provider replaces a container for; the engine tells the image's own part of it, too."""
    read = one.properties
    yield "image", one.image.value not in (now.image, now.image_id)
    yield "envs", not now.env.issuperset(_wanted(reading.texts(read, "envs"), str))
    yield "labels", not now.labels.issuperset(_wanted(reading.pairs(read, "labels"), _label))
    yield "ports", now.ports != set(_wanted(reading.pairs(read, "ports"), _binding))
    yield "entrypoints", _wanted(reading.texts(read, "entrypoints"), str) not in ([], [*now.entrypoint])
    yield "command", _wanted(reading.texts(read, "command"), str) not in ([], [*now.command])
    yield "user", not one.user.absent and one.user.value != now.user


def _wanted(given: Reading[tuple[Reading[Any], ...]], write: Callable[[Any], Any]) -> list[Any]:
    """Write a list's elements as the engine does; what is unknown yet, or odd, is None, unlike all that runs."""
    if given.problem is not None:
        return [None]
    return [None if one.problem else write(one.value) for one in given.value or () if not one.absent]


def _label(entry: Mapping[str, Any]) -> tuple[str | None, str] | None:
    name, value = reading.text(entry, "label"), reading.text(entry, "value")
    return None if value.problem else (name.value, value.value or "")


def _binding(entry: Mapping[str, Any]) -> Binding | None:
    internal, external = reading.whole(entry, "internal"), reading.whole(entry, "external")
    address, protocol = reading.text(entry, "ip"), reading.text(entry, "protocol")
    if external.problem or address.problem or protocol.problem:
        return None
    port = f"{internal.value}/{protocol.value or 'tcp'}"
    return port, address.value or ANY_ADDRESS, str(external.value or 0)


RULE = Rule(
    name="stateful-replacement",
    description="Whoever replaces a container that keeps data has to know it beforehand.",
    category=Category.DATA,
    severity=Severity.MEDIUM,
    why=(
        "Most properties of a container can't be changed in place: the provider removes it, and makes another. For"
        " a database that is a stop, and a start with another image or another setting on the same files."
    ),
    source="provider: decision 11; Docker Engine",
    remediation=(
        "1. Back up the volume, and read the image's notes on upgrades.\n"
        "2. Update when nobody waits for the service.\n"
        "3. Leave what is named as it was, if no replacement was meant."
    ),
    settings=StatefulReplacementSettings,
    check=check,
    sees=Sees.RUNNING,
    level=EnforcementLevel.ADVISORY,
)
