"""What the Docker engine says about itself and about what runs on it. Read only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import ceil
from typing import Any

import docker
from docker.errors import DockerException
from pydantic import Field
from requests.exceptions import RequestException

from sutazai_infra.inputs.address_pools import networks_at_most
from sutazai_infra.model.base import Frozen
from sutazai_infra.model.host import Foreign

__all__ = ["STACK_LABEL", "UNANSWERED", "EngineContainer", "EngineFacts", "look_at_engine"]

STACK_LABEL = "sutazai.stack"
_MIB = 1024 * 1024
_ROUNDING_MIB = 64
_DEFAULT_SHARES = 1024
UNANSWERED = (DockerException, RequestException)  # docker-py lets those of its HTTP library through


class EngineContainer(Frozen):
    """A container that is there, running or not."""

    name: str
    stack: str | None
    running: bool
    host_ports: frozenset[int] = frozenset()


class EngineFacts(Frozen):
    """An engine: its size, its cgroups, the containers on it, and how much the foreign ones take."""

    cores: int = Field(ge=1)
    memory_mib: int = Field(ge=1)
    cgroup_driver: str
    cgroup_version: str
    kernel: str
    networks_at_most: int = Field(31, ge=0, description="Networks that it has addresses for.")
    containers: tuple[EngineContainer, ...] = ()
    foreign: tuple[Foreign, ...] = ()

    @property
    def systemd(self) -> bool:
        """Whether cgroup parents are slices."""
        return self.cgroup_driver == "systemd"

    @property
    def info(self) -> Mapping[str, str]:
        """What of the engine's own `info` says where its cgroups are."""
        return {
            "CgroupDriver": self.cgroup_driver,
            "CgroupVersion": self.cgroup_version,
            "KernelVersion": self.kernel,
        }


def look_at_engine(stack: str, timeout_s: int = 10) -> EngineFacts | None:
    """Ask the engine of `DOCKER_HOST` or the default socket; None when none answers."""
    try:
        client = docker.from_env(timeout=timeout_s)
    except (*UNANSWERED, ValueError):  # ValueError: an address that is none
        return None
    try:
        info = client.info()
        listed = client.api.containers(all=True)
        return EngineFacts(
            cores=info["NCPU"],
            memory_mib=info["MemTotal"] // _MIB,
            cgroup_driver=info.get("CgroupDriver", "cgroupfs"),
            cgroup_version=str(info.get("CgroupVersion", "1")),
            kernel=info.get("KernelVersion", ""),
            networks_at_most=networks_at_most(info),
            containers=tuple(_container(entry) for entry in listed),
            foreign=tuple(_foreign(client, listed, stack)),
        )
    except UNANSWERED:
        return None
    finally:
        client.close()


def _container(entry: Mapping[str, Any]) -> EngineContainer:
    return EngineContainer(
        name=entry["Names"][0].removeprefix("/") if entry.get("Names") else entry["Id"][:12],
        stack=(entry.get("Labels") or {}).get(STACK_LABEL),
        running=entry["State"] == "running",
        host_ports=frozenset(p["PublicPort"] for p in entry.get("Ports") or () if p.get("PublicPort")),
    )


def _foreign(client: docker.DockerClient, listed: list[Mapping[str, Any]], stack: str) -> Iterator[Foreign]:
    for entry in listed:
        container = _container(entry)
        if container.running and container.stack != stack:
            try:
                yield _taken(client, entry["Id"], container.name)
            except UNANSWERED:  # gone between the two calls
                continue


def _taken(client: docker.DockerClient, identity: str, name: str) -> Foreign:
    """Charge what it reserves, else what it is limited to, else what it uses now (rounded up)."""
    host_config = client.api.inspect_container(identity)["HostConfig"]
    shares = host_config.get("CpuShares") or 0
    memory = host_config.get("MemoryReservation") or host_config.get("Memory") or 0
    cpu = 0 if shares in {0, _DEFAULT_SHARES} else 1000 * shares // _DEFAULT_SHARES
    mib = memory // _MIB if memory else _used_mib(client, identity)
    return Foreign(name=name, cpu=cpu, memory_mib=mib)


def _used_mib(client: docker.DockerClient, identity: str) -> int:
    usage: int = client.api.stats(identity, stream=False, one_shot=True).get("memory_stats", {}).get("usage", 0)
    return ceil(usage / _MIB / _ROUNDING_MIB) * _ROUNDING_MIB
