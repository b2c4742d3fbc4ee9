"""known-resources: a stack has nothing that no rule sees."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Annotated

from pulumi_policy import Severity
from pydantic import Field

from sutazai_policy.exceptions import ExceptableSettings
from sutazai_policy.facts import CONTAINER, NETWORK, REMOTE_IMAGE, SERVICE, VOLUME, Facts
from sutazai_policy.rule import Category, Rule, Violation

__all__ = ["RULE"]

_DOCKER = "docker"
_KNOWN = frozenset(
    {
        CONTAINER,
        NETWORK,
        REMOTE_IMAGE,
        SERVICE,
        VOLUME,
        "docker:index/image:Image",
        "docker:index/registryImage:RegistryImage",
        "docker:index/secret:Secret",
        "docker:index/serviceConfig:ServiceConfig",
        "docker:index/tag:Tag",
    }
)
_PROVIDER = "pulumi:providers:"


class KnownResourcesSettings(ExceptableSettings):
    """Whose resources a stack may have."""

    packages: Annotated[
        Sequence[str],
        Field(description="Packages whose resources a stack may have. Default: docker, pulumi, random, tls."),
    ] = (_DOCKER, "pulumi", "random", "tls")


def check(facts: Facts, settings: KnownResourcesSettings) -> Iterator[Violation]:
    """Judge what a provider makes: a component is only the sum of its parts."""
    found: dict[tuple[str, str], str | None] = {}
    for one in facts.resources:
        if one.provider is None:
            continue
        key = (one.type, one.provider.urn)
        if key not in found:
            found[key] = _problem(*key, settings.packages)
        if problem := found[key]:
            yield Violation(f"{one.name} is a {one.type}, {problem}", one.urn)


def _problem(kind: str, provider: str, packages: Collection[str]) -> str | None:
    for package in (kind.partition(":")[0], _package(provider)):
        if package not in packages:
            return (
                f"and no rule sees what {package} starts: make it a docker resource, or name {package} in packages"
            )
    if kind.startswith(f"{_DOCKER}:") and kind not in _KNOWN:
        return "which can start what no rule sees: remove it, and set up on the host what the stack needs of it"
    return None


def _package(provider: str) -> str:
    """Return the package of a provider by its URN, as in `urn:pulumi:prod::a::pulumi:providers:docker::main`."""
    kind = provider.split("::")[2:3]
    return "".join(kind).rpartition("$")[2].removeprefix(_PROVIDER)


RULE = Rule(
    name="known-resources",
    description="What a stack makes has to be something that a rule can judge.",
    category=Category.SECURITY,
    severity=Severity.HIGH,
    why=(
        "A command, a dynamic resource or an engine's plugin can start a program on the host that no budget counts"
        " and no rule has seen."
    ),
    source="Pulumi's packages (command, pulumi-python's dynamic resources), Docker's plugins and builders",
    remediation=(
        "1. Declare what has to run as a docker.Container or docker.Service.\n"
        "2. Do what is done once for a host, such as a plugin, when the host is set up.\n"
        "3. A package that starts nothing on the host can be named in packages."
    ),
    settings=KnownResourcesSettings,
    check=check,
    alone=True,
)
