"""Everything that the components declare, resolved to what Docker takes. Secrets stay names until then."""

from __future__ import annotations

from pathlib import PurePosixPath

from pydantic import Field

from sutazai_infra.model.base import Frozen, Verbatim
from sutazai_infra.model.service import Logs, PortNumber

__all__ = [
    "CARRIER_LOGS",
    "ContainerSpec",
    "FileSpec",
    "HealthSpec",
    "MountSpec",
    "NetworkSpec",
    "PortSpec",
    "StackSpec",
    "VolumeSpec",
    "carrier_name",
    "file_volumes",
]

# What carries files never runs, and so says nothing.
CARRIER_LOGS = Logs.model_validate({"size": "1Mi", "files": 1})


class HealthSpec(Frozen):
    """A health check as Docker runs it."""

    test: tuple[Verbatim, ...]
    interval_ms: int
    timeout_s: int
    retries: int
    start_period_s: int


class PortSpec(Frozen):
    """A container's port on this host's loopback."""

    container: PortNumber
    host: PortNumber
    secure: bool = Field(False, description="Whether it speaks TLS.")

    @property
    def url(self) -> str:
        """Where it is reached from this host."""
        return f"{'https' if self.secure else 'http'}://127.0.0.1:{self.host}"


class MountSpec(Frozen):
    """A volume (by its full name) at a path."""

    volume: str
    path: str
    read_only: bool


class FileSpec(Frozen):
    """A file put into the container before it starts; a secret one has `${secret-name}` in its content.

    One that is read `once`, while the service's data is made, is no reason to replace the container.
    """

    path: str
    # HAProxy takes a file whose last line has no end for a truncated one.
    content: Verbatim
    secret: bool = False
    once: bool = False


class NetworkSpec(Frozen):
    """A network; an internal one has no way out of the host."""

    key: str = Field(description="Name within the stack.")
    name: str
    internal: bool


class VolumeSpec(Frozen):
    """A volume; one with data is protected and kept."""

    key: str
    name: str
    data: bool


class ContainerSpec(Frozen):
    """One container, down to the last flag that Docker gets. Memory in MiB, `cpus` in cores."""

    instance: str
    name: str
    service: str
    pool: str
    tier: int
    priority: str
    image: str
    command: tuple[Verbatim, ...]
    env: dict[str, Verbatim]
    user: str | None
    read_only: bool
    tmpfs: dict[str, int]
    capabilities: tuple[str, ...]
    networks: tuple[str, ...]
    ports: tuple[PortSpec, ...]
    mounts: tuple[MountSpec, ...]
    files: tuple[FileSpec, ...]
    sockets: tuple[str, ...] = ()
    log_size_mib: int
    log_files: int
    core_set: str
    cpu_shares: int
    cpus: float | None
    memory_mib: int
    memory_reservation_mib: int
    health: HealthSpec
    restart_retries: int
    stop_grace_s: int
    stop_signal: str | None
    cgroup_parent: str | None
    depends_on: tuple[str, ...]
    awaited: bool


class StackSpec(Frozen):
    """All of a stack's networks, volumes and containers, in start order."""

    stack: str
    networks: tuple[NetworkSpec, ...]
    volumes: tuple[VolumeSpec, ...]
    containers: tuple[ContainerSpec, ...]

    def in_pool(self, pool: str) -> tuple[ContainerSpec, ...]:
        """List the containers of one pool."""
        return tuple(container for container in self.containers if container.pool == pool)


def carrier_name(stack: str, pool: str) -> str:
    """Name the container that carries a pool's files into their volumes, and never runs."""
    return f"sutazai-{stack}-{pool}-files"


def file_volumes(stack: str, container: ContainerSpec) -> dict[str, str]:
    """Name the volumes that hold a container's files: folder -> volume."""
    folders = sorted({str(PurePosixPath(file.path).parent) for file in container.files})
    return {
        folder: f"sutazai-{stack}-files-{container.instance}" + (f"-{number}" if number > 1 else "")
        for number, folder in enumerate(folders, start=1)
    }
