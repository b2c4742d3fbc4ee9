"""What would make an update fail halfway, found before it starts: names, ports, images, host and cgroups."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from math import ceil
from typing import Any

import docker
from docker.errors import NotFound

from sutazai_infra.inputs.engine import STACK_LABEL, UNANSWERED, EngineFacts
from sutazai_infra.model.catalogue import Catalogue
from sutazai_infra.model.container import ContainerSpec, StackSpec, carrier_name, file_volumes
from sutazai_infra.model.errors import SutazaiError
from sutazai_infra.model.host import Host
from sutazai_infra.model.settings import ImageSource, PoolCgroups
from sutazai_infra.operations.address_pools import address_problems
from sutazai_infra.operations.gathering import Gathered
from sutazai_infra.operations.kept_data import kept_data_problems

__all__ = ["PreflightError", "check", "require_engine"]

_MIB = 1024 * 1024


class PreflightError(SutazaiError):
    """The update would fail; nothing was changed. One line per reason."""


def check(gathered: Gathered, spec: StackSpec, *, updating: bool = True) -> None:
    """Refuse an update that the engine would not take; raises `PreflightError` with every reason.

    A preview needs no images: they are built between it and the update.
    """
    engine = require_engine(gathered.engine)
    problems = [
        *_host_problems(gathered.host, engine),
        *_name_problems(spec, engine),
        *_claimed_problems(spec, gathered.catalogue, engine),
        *_port_problems(spec, engine),
        *_cgroup_problems(gathered),
        *(_image_problems(gathered, spec) if updating else ()),
        *_memory_problems(spec, engine),
    ]
    if problems:
        raise PreflightError("\n".join(problems))


def require_engine(engine: EngineFacts | None) -> EngineFacts:
    """Return the engine, or say how to get one."""
    if engine is None:
        raise PreflightError(
            "engine: no Docker engine answers at DOCKER_HOST or the default socket; start one (`make toolchain` "
            "installs and starts it), or set DOCKER_HOST"
        )
    return engine


@contextmanager
def _asking(what: str) -> Iterator[docker.DockerClient]:
    """Ask the engine once more; one that has gone meanwhile is told as such."""
    try:
        with closing(docker.from_env()) as client:
            yield client
    except UNANSWERED as error:
        raise PreflightError(f"engine: can't {what}: {error}") from error


def _host_problems(host: Host, engine: EngineFacts) -> Iterator[str]:
    if engine.cores < host.cores:
        yield f"host: the stack declares {host.cores} cores and the engine has {engine.cores}; deploy it there"
    if engine.memory_mib < host.memory_mib - host.emergency_mib:
        yield (
            f"host: the stack declares {host.memory_mib} MiB and the engine has {engine.memory_mib} MiB; "
            "deploy it there, or declare less"
        )


def _name_problems(spec: StackSpec, engine: EngineFacts) -> Iterator[str]:
    there = {container.name: container.stack for container in engine.containers}
    named = {c.name: f"services/{c.instance}" for c in spec.containers}
    named |= {carrier_name(spec.stack, c.pool): f"pools/{c.pool}" for c in spec.containers if c.files}
    for name, path in named.items():
        if name in there and there[name] != spec.stack:
            owner = f"stack {there[name]}" if there[name] else "nobody's stack"
            yield (
                f"{path}: a container named {name} is there already ({owner}); "
                f"rename or remove it: docker rm -f {name}"
            )


def _claimed_problems(spec: StackSpec, catalogue: Catalogue, engine: EngineFacts) -> Iterator[str]:
    """Docker would take a volume of the same name for the wanted one, and it would go with the stack."""
    volumes = {volume.name for volume in spec.volumes}
    volumes |= {name for c in spec.containers for name in file_volumes(spec.stack, c).values()}
    wanted = {"volume": volumes, "network": {network.name for network in spec.networks}}
    with _asking("list its volumes and networks") as client:
        there = {"volume": client.api.volumes()["Volumes"] or (), "network": client.api.networks()}
    for kind, listed in there.items():
        for entry in listed:
            if entry["Name"] in wanted[kind] and (entry.get("Labels") or {}).get(STACK_LABEL) != spec.stack:
                yield (
                    f"{kind} {entry['Name']} is there already and not of stack {spec.stack}; "
                    f"rename or remove it: docker {kind} rm {entry['Name']}"
                )
    yield from address_problems(wanted["network"], there["network"], engine.networks_at_most)
    yield from kept_data_problems(spec, catalogue, {entry["Name"] for entry in there["volume"]})


def _port_problems(spec: StackSpec, engine: EngineFacts) -> Iterator[str]:
    held = {port: c for c in engine.containers if c.running for port in c.host_ports}
    for wanted in spec.containers:
        for port in wanted.ports:
            holder = held.get(port.host)
            if holder is not None and holder.name == wanted.name and holder.stack == spec.stack:
                continue
            if holder is not None or not _free(port.host):
                by = f"container {holder.name}" if holder is not None else "another process"
                yield f"publish/{wanted.service}: port {port.host} on 127.0.0.1 is taken by {by}; choose another"


def _free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _cgroup_problems(gathered: Gathered) -> Iterator[str]:
    if gathered.settings.pool_cgroups is PoolCgroups.REQUIRED and not gathered.cgroups_prepared():
        yield (
            f"pool_cgroups: required, but not prepared on this host; run `sutazai host prepare --stack "
            f"{gathered.stack}` as root, or set pool_cgroups to auto"
        )


def _image_problems(gathered: Gathered, spec: StackSpec) -> Iterator[str]:
    """Built images must be there; upstream ones are pulled by the engine."""
    if gathered.settings.images is not ImageSource.BUILT:
        return
    with _asking("list its images") as client:
        present = {tag for image in client.api.images() for tag in image.get("RepoTags") or ()}
    for reference in sorted({c.image for c in spec.containers} - present):
        yield f"images: {reference} isn't built on this engine; run `sutazai images build` (`make up` does)"


def _memory_problems(spec: StackSpec, engine: EngineFacts) -> Iterator[str]:
    """A limit lowered in place below what is used: an older kernel refuses halfway, a newer one kills."""
    own = {c.name for c in engine.containers if c.running and c.stack == spec.stack}
    lowerable = [container for container in spec.containers if container.name in own]
    if not lowerable:
        return
    with _asking("look at its containers") as client:
        for wanted in lowerable:
            used = _used_mib(client, wanted)
            if used > wanted.memory_mib:
                yield (
                    f"services/{wanted.instance}: uses {used} MiB of its new limit of {wanted.memory_mib} MiB; "
                    f"give it at least {used} MiB, or stop it first: docker stop {wanted.name}"
                )


def _used_mib(client: docker.DockerClient, wanted: ContainerSpec) -> int:
    """What a container holds and can't give back, where its limit is lowered in place; else nothing."""
    try:
        there = client.api.inspect_container(wanted.name)
        if there["HostConfig"]["Memory"] <= wanted.memory_mib * _MIB or _is_replaced(wanted, there["Config"]):
            return 0
        memory = client.api.stats(wanted.name, stream=False, one_shot=True).get("memory_stats", {})
    except NotFound:
        return 0
    except UNANSWERED as error:
        raise PreflightError(f"engine: can't look at {wanted.name}: {error}") from error
    counted = memory.get("stats", {})
    idle: int = counted.get("total_inactive_file", counted.get("inactive_file", 0))
    used: int = memory.get("usage", 0) - idle
    return ceil(used / _MIB)


def _is_replaced(wanted: ContainerSpec, config: Mapping[str, Any]) -> bool:
    """Whether the update replaces the container, as when its settings follow its limit: a new one starts small."""
    env = {f"{key}={value}" for key, value in wanted.env.items()}
    return (
        config["Image"] != wanted.image
        or bool(wanted.command and list(wanted.command) != config["Cmd"])
        or not env <= set(config["Env"] or ())
    )
