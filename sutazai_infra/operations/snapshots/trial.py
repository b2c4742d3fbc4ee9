"""Throw-away containers and volumes: what a snapshot is restored into before anybody relies on it.

They are on no network, without capabilities, with the service's own image, user, cores and memory limit. By their
labels the next command finds what a killed one left.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import docker
from docker.errors import DockerException, NotFound
from docker.models.containers import Container

from sutazai_infra.inputs.engine import STACK_LABEL
from sutazai_infra.model.container import ContainerSpec
from sutazai_infra.model.errors import SutazaiError
from sutazai_infra.operations.snapshots.stores import Store

__all__ = ["BEFORE", "FRESH", "ROLE_LABEL", "SWITCH", "Trial", "labels", "swept", "volume_exists", "volumes_of"]

ROLE_LABEL = "sutazai.snapshot"
FRESH, SWITCH, BEFORE = "fresh", "switch", "before"
_TRIAL = "trial"
_READY_S = 120.0
_POLL_S = 0.2


def labels(stack: str, role: str, **more: str) -> dict[str, str]:
    """Return the labels of something that a snapshot command makes."""
    return {STACK_LABEL: stack, ROLE_LABEL: role, **{f"{ROLE_LABEL}.{key}": value for key, value in more.items()}}


def volumes_of(client: docker.DockerClient, stack: str, role: str) -> list[Any]:
    """List the volumes that snapshot commands made for a purpose, by name."""
    wanted: dict[str, Any] = {"label": [f"{STACK_LABEL}={stack}", f"{ROLE_LABEL}={role}"]}
    return sorted(client.volumes.list(filters=wanted), key=lambda volume: str(volume.name))


def volume_exists(client: docker.DockerClient, name: str) -> bool:
    """Whether the engine has a volume of this name."""
    try:
        client.volumes.get(name)
    except NotFound:
        return False
    return True


def swept(client: docker.DockerClient, stack: str) -> None:
    """Remove what a killed command left; a switch that goes on by itself is waited for."""
    wanted: dict[str, Any] = {"label": [f"{STACK_LABEL}={stack}", ROLE_LABEL]}
    for container in client.containers.list(all=True, filters=wanted, ignore_removed=True):
        if container.labels[ROLE_LABEL] == SWITCH:
            container.wait()
        container.remove(force=True, v=True)
    for volume in volumes_of(client, stack, FRESH):
        volume.remove()


class Trial:
    """One store's throw-away container, and the volumes that it has."""

    def __init__(self, client: docker.DockerClient, stack: str, store: Store) -> None:
        self.client, self.stack, self.store = client, stack, store
        self.name = f"sutazai-{stack}-{_TRIAL}-{store.volume}-{secrets.token_hex(3)}"
        self.fresh, self.scratch = f"{self.name}-data", f"{self.name}-files"
        self._containers: list[Container] = []

    @classmethod
    @contextmanager
    def of(cls, client: docker.DockerClient, stack: str, store: Store) -> Iterator[Trial]:
        """Yield a trial whose volumes are empty; nothing of it is left."""
        trial = cls(client, stack, store)
        try:
            for volume in (trial.fresh, trial.scratch):
                client.volumes.create(volume, labels=labels(stack, FRESH))
            yield trial
        finally:
            trial.close()

    def close(self) -> None:
        """Remove containers and volumes."""
        for container in self._containers:
            container.remove(force=True, v=True)
        for name in (self.fresh, self.scratch):
            try:
                self.client.volumes.get(name).remove()
            except NotFound:
                continue

    def created(self, *, scratch: str = "/restore", **options: Any) -> Container:
        """Create a container with the volumes; raises `SutazaiError`."""
        given = {
            **_settings(self.store.spec),
            "name": f"{self.name}-{len(self._containers)}",
            "labels": labels(self.stack, _TRIAL),
            "volumes": [f"{self.fresh}:{self.store.path}", f"{self.scratch}:{scratch}"],
        }
        try:
            container = self.client.containers.create(self.store.spec.image, **{**given, **options})
        except DockerException as error:
            raise SutazaiError(f"{self.store.service}: no container to try it in: {error}") from error
        self._containers.append(container)
        return container


def put(container: Container, folder: str, archive: Iterable[bytes]) -> None:
    """Unpack an archive below a folder of a volume; raises `SutazaiError`."""
    try:
        container.put_archive(folder, archive)
    except DockerException as error:
        raise SutazaiError(f"{container.name}: can't take files into {folder}: {error}") from error


def taken(container: Container, path: str) -> Iterator[bytes]:
    """Yield an archive of a path; raises `SutazaiError`."""
    try:
        chunks, _ = container.get_archive(path)
        yield from chunks
    except DockerException as error:
        raise SutazaiError(f"{container.name}: can't read {path}: {error}") from error


def ready(container: Container, asked: Callable[[], bool]) -> None:
    """Wait until a server answers; raises `SutazaiError` with its last words where it doesn't."""
    until = time.monotonic() + _READY_S
    while not asked():
        container.reload()
        if container.status not in {"created", "running"} or time.monotonic() > until:
            said = container.logs(tail=5).decode(errors="replace").strip()
            raise SutazaiError(f"{container.name}: doesn't come up: {said}")
        time.sleep(_POLL_S)


def stopped(container: Container, spec: ContainerSpec) -> None:
    """End a server in order; raises `SutazaiError` where it had to be killed."""
    container.stop(timeout=spec.stop_grace_s)
    status = container.wait()["StatusCode"]
    if status not in {0, 143}:
        raise SutazaiError(f"{container.name}: ended with {status} instead of in order")


def _settings(spec: ContainerSpec) -> Mapping[str, Any]:
    return {
        "network_mode": "none",
        "user": spec.user,
        "read_only": spec.read_only,
        "cap_drop": ["ALL"],
        "cap_add": list(spec.capabilities),
        "security_opt": ["no-new-privileges:true"],
        "mem_limit": f"{spec.memory_mib}m",
        "memswap_limit": f"{spec.memory_mib}m",
        "cpuset_cpus": spec.core_set,
        "environment": dict(spec.env),
        "stop_signal": spec.stop_signal,
        "tmpfs": {path: f"rw,nosuid,nodev,size={mib}m" for path, mib in spec.tmpfs.items()},
        "healthcheck": {"test": ["NONE"]},
    }
