"""engine-socket: no container tells the engine what to do."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator

from pulumi_policy import Severity

from sutazai_policy.engine_host import engine_socket
from sutazai_policy.exceptions import ExceptableSettings
from sutazai_policy.facts import Facts, Workload
from sutazai_policy.host_paths import HostPath, host_paths
from sutazai_policy.inspected import plain_env
from sutazai_policy.parts import problems, readable
from sutazai_policy.paths import covers
from sutazai_policy.resource import Provider
from sutazai_policy.rule import Category, Rule, Violation

__all__ = ["RULE"]

# Where engines have their sockets, and what else is theirs there. /var is here as /var/run is a link.
_PLACES = (
    "/run/buildkit",
    "/run/containerd",
    "/run/crio",
    "/run/docker",
    "/run/host-services",
    "/run/k3s",
    "/run/podman",
    "/run/snap.docker",
)
_ABOVE = frozenset({"/", "/run", "/run/user", "/var"})
# A user's own engine, and sockets that are told by their names.
_OWN = re.compile(
    r"/run/user/[^/]+(?:/(?:buildkit|containerd|docker|podman)(?:/.*)?)?|.*/\.docker(?:/(?:run|desktop))?",
    re.DOTALL,
)
_NAMED = re.compile(r"/[^/]*(?:buildkit|containerd|crio|docker|podman)[^/]*\.sock|docker_?engine", re.IGNORECASE)
_VARIABLES = frozenset(
    {"BUILDKIT_HOST", "CONTAINERD_ADDRESS", "CONTAINER_HOST", "CONTAINER_RUNTIME_ENDPOINT", "DOCKER_HOST"}
)


class EngineSocketSettings(ExceptableSettings):
    """Nothing but exceptions."""


def check(facts: Facts, _settings: EngineSocketSettings) -> Iterator[Violation]:
    """Judge mounts, volumes that are a path of the host, and variables that name an engine."""
    sockets = {socket for socket in map(engine_socket, _providers(facts)) if socket is not None}
    for found in host_paths(facts):
        if problem := _mounted(found, sockets):
            yield Violation(f"{found.name} {problem}", found.urn)
    for one in facts.workloads:
        yield from (Violation(f"{one.name} {problem}", one.urn) for problem in _variables(one))


def _providers(facts: Facts) -> Iterable[Provider]:
    """Return each provider once: thousands of resources have the same."""
    return {one.provider.urn: one.provider for one in facts.resources if one.provider is not None}.values()


def _mounted(found: HostPath, sockets: Collection[str]) -> str | None:
    path = found.path.value
    if path is None:
        return f"has a {found.what} that {found.path.problem}"
    if _reaches(path, sockets):
        return (
            f"mounts the host path {found.shown}, by which it may tell the engine to do anything to the host:"
            " remove the mount, or run the program on the host"
        )
    return None


def _reaches(path: str, sockets: Collection[str]) -> bool:
    if path in _ABOVE or covers(_PLACES, path) or _OWN.fullmatch(path) or _NAMED.search(path):
        return True
    return any(covers((path,), socket) for socket in sockets)


def _variables(one: Workload) -> Iterator[str]:
    plain = plain_env(one)
    if plain is not None and not any(name in plain.upper() for name in _VARIABLES):
        return
    for problem in problems(one.env):
        yield f"has an env variable that {problem}"
    for variable in readable(one.env):
        value = variable.value
        if variable.name.upper() in _VARIABLES and (value.value or value.problem):
            yield f"has {variable.name} in its env, so it would tell an engine what to do: remove the variable"


RULE = Rule(
    name="engine-socket",
    description="The engine has to be out of every container's reach.",
    category=Category.SECURITY,
    severity=Severity.CRITICAL,
    why=(
        "Whoever may talk to the engine may start a container with the host's whole file system in it, past every"
        " rule of this pack."
    ),
    source="CIS Docker Benchmark 5.32; KICS: Docker Socket Mounted In Container",
    remediation=(
        "1. Remove the mount, and what it was for, such as DOCKER_HOST in env.\n"
        "2. Let the stack's own program start what the container wanted to start.\n"
        "3. Run a program that watches or manages containers on the host, as part of it."
    ),
    settings=EngineSocketSettings,
    check=check,
    alone=True,
)
