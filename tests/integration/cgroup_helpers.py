"""Pool cgroups and tiny containers on the real engine, under names of their own, cleaned up after killed runs too.

The image is a statically linked busybox from Debian, imported: nothing is pulled.
"""

from __future__ import annotations

import io
import os
import re
import secrets
import subprocess
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import docker
import psutil
import pytest
from docker.models.containers import Container

from sutazai_infra.model.cgroup import PoolCgroup
from sutazai_infra.model.coreset import CoreSet
from sutazai_infra.operations.hosts import CgroupLayout, HostDiff, container_names, detect_layout, prepare, undo
from sutazai_infra.operations.hosts.units import slice_path

# Idle until told by USR1: a container that starts among busy ones of its own pool takes seconds to.
BUSY = ["/bin/sh", "-c", "trap go=1 USR1; until [ $go ]; do sleep 0.1; done; while :; do :; done"]
IDLE = ["/bin/sleep", "600"]
LABEL = "sutazai.test"

# The owner's process id is in the name: a run that was killed is told from one that goes on.
_STACK = re.compile(r"t([0-9a-f]+)-[0-9a-f]{4}")
_REPOSITORY = "sutazai-test-busybox"


def hold(mib: int) -> list[str]:
    """Return a command that takes `mib` of memory and keeps it."""
    return ["/bin/sh", "-c", f"mkfifo /f; sleep 600 < /f & exec dd if=/dev/zero of=/f bs={mib}M count=1"]


class CgroupLab:
    """One stack's name on the real engine, with the containers and cgroups that a test makes in it."""

    def __init__(self, client: docker.DockerClient, layout: CgroupLayout, image: str) -> None:
        self.client, self.layout, self.image = client, layout, image
        self.stack = f"t{os.getpid():x}-{secrets.token_hex(2)}"
        self.names = container_names(client)

    def pool(self, name: str, **changes: Any) -> PoolCgroup:
        """Return a pool of this stack, on the host's last core."""
        values = {"weight": 100, "memory_mib": 256, "pids": 256, "core_set": CoreSet([last_core()])}
        return PoolCgroup.model_validate({"stack": self.stack, "pool": name, **values, **changes})

    def prepare(self, *pools: PoolCgroup) -> HostDiff:
        """Prepare the host for this stack's pools."""
        return prepare(self.layout, pools, names=container_names(self.client))

    def undo(self) -> HostDiff:
        """Remove this stack's cgroups."""
        return undo(self.layout, self.stack, names=container_names(self.client))

    def value(self, pool: PoolCgroup, controller: str, file: str) -> str:
        """Read a control file of a pool."""
        return (self.directory(pool, controller) / file).read_text().strip()

    def directory(self, pool: PoolCgroup, controller: str, container: Container | None = None) -> Path:
        """Return a pool's cgroup, or that of a container in it."""
        parent = pool.parent(systemd=self.layout.systemd)
        directory = self.layout.directory(controller, slice_path(parent) if self.layout.systemd else parent)
        if container is None:
            return directory
        return directory / (f"docker-{container.id}.scope" if self.layout.systemd else str(container.id))

    def run(self, command: Sequence[str], *, pool: PoolCgroup | None = None, **settings: Any) -> Container:
        """Start a container in a pool, or where the engine puts it by default."""
        if pool is not None:
            settings["cgroup_parent"] = pool.parent(systemd=self.layout.systemd)
        container = self.client.containers.run(
            self.image,
            [*command],
            name=f"{self.stack}-{secrets.token_hex(2)}",
            detach=True,
            network_mode="none",
            labels={LABEL: "1", f"{LABEL}.stack": self.stack},
            **settings,
        )
        container.reload()
        return container

    def remove_containers(self) -> None:
        """Remove this stack's containers."""
        _remove_containers(self.client, self.stack)

    def close(self) -> None:
        """Leave nothing behind."""
        self.remove_containers()
        self.undo()

    @classmethod
    @contextmanager
    def opened(cls) -> Iterator[Self]:
        """Yield a lab; what this and killed runs left is removed."""
        if os.geteuid() != 0:
            pytest.skip("pool cgroups take root")
        client = docker.from_env()
        layout = detect_layout(client.info())
        _sweep(client, layout)
        lab = cls(client, layout, _image(client))
        try:
            yield lab
        finally:
            lab.close()
            client.close()


def last_core() -> int:
    """Return the host's last core, which no system task is bound to."""
    return (psutil.cpu_count() or 1) - 1


def pid(container: Container) -> int:
    """Return the process id of a container's first process, 0 when it has ended."""
    container.reload()
    return int(container.attrs["State"]["Pid"])


def cpu_shares_of(groups: Sequence[Sequence[Container]], seconds: float) -> list[float]:
    """Return how the CPU time that all groups used together, over a while, was divided among them."""
    processes = [[psutil.Process(pid(container)) for container in group] for group in groups]
    before = [_cpu_seconds(group) for group in processes]
    time.sleep(seconds)
    used = [_cpu_seconds(group) - start for group, start in zip(processes, before, strict=True)]
    return [part / sum(used) for part in used]


def eventually(condition: Callable[[], bool], seconds: float = 15) -> bool:
    """Wait until a condition holds; whether it did."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.1)
    return True


def _cpu_seconds(processes: Sequence[psutil.Process]) -> float:
    times = [process.cpu_times() for process in processes]
    return sum(spent.user + spent.system for spent in times)


def _image(client: docker.DockerClient) -> str:
    for image in client.images.list(_REPOSITORY):
        return str(image.tags[0])
    tag = secrets.token_hex(4)
    client.api.import_image_from_data(_busybox_tar(), repository=_REPOSITORY, tag=tag)
    return f"{_REPOSITORY}:{tag}"


def _busybox_tar() -> bytes:
    binary = _busybox()
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as archive:
        info = tarfile.TarInfo("bin/busybox")
        info.size, info.mode = len(binary), 0o755
        archive.addfile(info, io.BytesIO(binary))
        for applet in ("sh", "sleep", "dd", "mkfifo"):
            link = tarfile.TarInfo(f"bin/{applet}")
            link.type, link.linkname = tarfile.SYMTYPE, "busybox"
            archive.addfile(link)
    return data.getvalue()


def _busybox() -> bytes:
    installed = Path("/bin/busybox")
    if installed.exists() and b"/ld-linux" not in (data := installed.read_bytes()):
        return data
    with tempfile.TemporaryDirectory() as folder:
        download = ["apt-get", "download", "-q", "busybox-static"]
        if subprocess.run(download, cwd=folder, check=False, capture_output=True).returncode:
            # A new machine has no package lists yet.
            subprocess.run(["apt-get", "update", "-q"], check=True, capture_output=True)
            subprocess.run(download, cwd=folder, check=True, capture_output=True)
        package = next(Path(folder).glob("busybox-static_*.deb"))
        subprocess.run(["dpkg-deb", "-x", str(package), folder], check=True)
        return (Path(folder) / "bin/busybox").read_bytes()


def _sweep(client: docker.DockerClient, layout: CgroupLayout) -> None:
    listed = client.containers.list(all=True, filters={"label": f"{LABEL}.stack"})
    stacks = {str(container.labels[f"{LABEL}.stack"]) for container in listed}
    stacks |= {path.name for path in layout.directory("memory", "/sutazai").glob("t*-*")}
    units = (path.name.split("-") for path in layout.unit_dir.glob("sutazai-t*_*-*.slice"))
    stacks |= {parts[1].replace("_", "-") for parts in units}
    for stack in stacks:
        match = _STACK.fullmatch(stack)
        if match and not psutil.pid_exists(int(match[1], 16)):
            _remove_containers(client, stack)
            undo(layout, stack)


def _remove_containers(client: docker.DockerClient, stack: str) -> None:
    for container in client.containers.list(all=True, filters={"label": f"{LABEL}.stack={stack}"}):
        container.remove(force=True)
