"""A cgroup tree in a temporary directory that keeps the kernel's rules, and writes down what is done to it."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sutazai_infra.model.cgroup import PoolCgroup
from sutazai_infra.model.coreset import CoreSet
from sutazai_infra.operations.hosts.kernel import Kernel
from sutazai_infra.operations.hosts.layout import CgroupLayout

MIB = 1024 * 1024
UNLIMITED = "9223372036854771712"
V1_CONTROLLERS = ("cpu", "cpuacct", "cpuset", "memory", "pids")

_COMMON = {"cgroup.procs": ""}
_V1_FILES = {
    "cpu": {"cpu.shares": "1024"},
    "cpuacct": {},
    "cpuset": {"cpuset.cpus": "", "cpuset.mems": ""},
    "memory": {
        "memory.use_hierarchy": "1",
        "memory.limit_in_bytes": UNLIMITED,
        "memory.memsw.limit_in_bytes": UNLIMITED,
        "memory.usage_in_bytes": "0",
        "memory.memsw.usage_in_bytes": "0",
        "memory.stat": "cache 0\ntotal_inactive_file 0",
    },
    "pids": {"pids.max": "max", "pids.current": "0"},
}
_V2_FILES = {
    "cpu": {"cpu.weight": "100"},
    "cpuset": {"cpuset.cpus": ""},
    "memory": {
        "memory.max": "max",
        "memory.high": "max",
        "memory.swap.max": "max",
        "memory.current": "0",
        "memory.stat": "anon 0\ninactive_file 0",
    },
    "pids": {"pids.max": "max", "pids.current": "0"},
}


class KernelDouble(Kernel):
    """Refuses what a kernel refuses, and counts as killed what a kernel would kill."""

    def __init__(self, root: Path, version: str, cores: str = "0-11") -> None:
        self.root, self.version = root, version
        self.log: list[str] = []
        self.killed: list[str] = []
        self.read_only = False
        self.failing: str | None = None
        self._populate_root(cores)

    @property
    def layout(self) -> CgroupLayout:
        mounts = {name: self.root / name for name in V1_CONTROLLERS} if self.version == "v1" else {"": self.root}
        return CgroupLayout("v1" if self.version == "v1" else "v2", "cgroupfs", mounts, proc=self.root / "proc")

    def _populate_root(self, cores: str) -> None:
        if self.version == "v1":
            for name in V1_CONTROLLERS:
                _fill(self.root / name, _V1_FILES[name])
            self.put("cpuset", "/", "cpuset.cpus", cores)
            self.put("cpuset", "/", "cpuset.mems", "0")
        else:
            _fill(self.root, {"cgroup.controllers": "cpuset cpu io memory pids", "cgroup.subtree_control": ""})
            _fill(self.root, {"cpuset.cpus.effective": cores, "cpuset.mems.effective": "0"})

    def directory(self, controller: str, cgroup: str) -> Path:
        return self.layout.directory(controller, cgroup)

    def put(self, controller: str, cgroup: str, file: str, value: str) -> None:
        """Set a file as the kernel itself would."""
        (self.directory(controller, cgroup) / file).write_text(value + "\n")

    def written(self) -> list[str]:
        """Return what was done, without the locks."""
        return [line for line in self.log if not line.startswith("lock")]

    def value(self, controller: str, cgroup: str, file: str) -> str | None:
        return self.read(self.directory(controller, cgroup) / file)

    def container(
        self, cgroup: str, letter: str, *, cores: str = "", memory_mib: int = 0, pid: int = 4242
    ) -> None:
        """Run a container as the engine does; its id is 64 times `letter`."""
        names = V1_CONTROLLERS if self.version == "v1" else ("",)
        for controller in names:
            directory = self.directory(controller, f"{cgroup}/{letter * 64}")
            for path in (*reversed(directory.parents), directory):
                if not path.exists():
                    self.make(path)
            (directory / "cgroup.procs").write_text(f"{pid}\n")
        self.use_memory(f"{cgroup}/{letter * 64}", memory_mib)
        self.put("cpuset", f"{cgroup}/{letter * 64}", "cpuset.cpus", cores)

    def use_memory(self, cgroup: str, mib: int, *, idle_mib: int = 0) -> None:
        """Have a cgroup use memory, `idle_mib` of it as file cache."""
        v1 = self.version == "v1"
        files = ("memory.usage_in_bytes", "memory.memsw.usage_in_bytes") if v1 else ("memory.current",)
        for file in files:
            self.put("memory", cgroup, file, str(mib * MIB))
        key = "total_inactive_file" if v1 else "inactive_file"
        self.put("memory", cgroup, "memory.stat", f"cache 1\n{key} {idle_mib * MIB}")

    def write(self, path: Path, value: str) -> None:
        if not path.exists():
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))
        if self.failing is not None and str(path).endswith(self.failing):
            self.failing = None
            raise OSError(errno.EIO, os.strerror(errno.EIO), str(path))
        self._check(path, value)
        self.log.append(f"{self._name(path)} = {value}")
        if path.name == "cgroup.subtree_control":
            self._enable(path, value)
        else:
            path.write_text(value + "\n")

    def make(self, path: Path) -> None:
        if path.exists():
            return
        path.mkdir()
        self.log.append(f"make {self._name(path)}")
        if self.version == "v1":
            _fill(path, _V1_FILES[path.relative_to(self.root).parts[0]])
        else:
            _fill(path, {"cgroup.subtree_control": ""})
            for controller in (self.read(path.parent / "cgroup.subtree_control") or "").split():
                _fill(path, _V2_FILES[controller])

    def remove(self, path: Path) -> None:
        if not path.exists():
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))
        if self.children(path) or self.read(path / "cgroup.procs"):
            raise OSError(errno.EBUSY, os.strerror(errno.EBUSY), str(path))
        shutil.rmtree(path)

    def writable(self, path: Path) -> bool:
        return not self.read_only and path.exists()

    @contextmanager
    def locked(self, path: Path) -> Iterator[None]:
        self.log.append(f"lock {self._name(path)}")
        yield

    def _name(self, path: Path) -> str:
        return str(path.relative_to(self.root))

    def _enable(self, path: Path, value: str) -> None:
        enabled = dict.fromkeys((self.read(path) or "").split())
        enabled.update(dict.fromkeys(word.removeprefix("+") for word in value.split()))
        path.write_text(" ".join(enabled) + "\n")
        for child in self.children(path.parent):
            for controller in enabled:
                _fill(child, _V2_FILES[controller])

    def _check(self, path: Path, value: str) -> None:
        if path.name == "cpuset.cpus" and self.version == "v1":
            self._check_cores(path, CoreSet.parse(value))
        elif path.name in ("memory.limit_in_bytes", "memory.memsw.limit_in_bytes"):
            self._check_v1_memory(path, int(value))
        elif path.name in ("memory.high", "memory.max") and value != "max":
            self._reclaim(path, int(value))

    def _check_cores(self, path: Path, cores: CoreSet) -> None:
        if not cores <= _cores(path.parent.parent / path.name):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        for child in self.children(path.parent):
            if not _cores(child / path.name) <= cores:
                raise OSError(errno.EBUSY, os.strerror(errno.EBUSY), str(path))

    def _check_v1_memory(self, path: Path, limit: int) -> None:
        swap, plain = path.with_name("memory.memsw.limit_in_bytes"), path.with_name("memory.limit_in_bytes")
        other = int(self.read(plain if path == swap else swap) or 0)
        if swap.exists() and (limit < other if path == swap else limit > other):
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL), str(path))
        self._reclaim(path, limit)

    def _reclaim(self, path: Path, limit: int) -> None:
        for file in ("memory.usage_in_bytes", "memory.memsw.usage_in_bytes", "memory.current"):
            use = path.with_name(file)
            if not use.exists():
                continue
            used, idle = (
                int(self.read(use) or 0),
                int((self.read(path.with_name("memory.stat")) or "0").split()[-1]),
            )
            use.write_text(str(max(min(used, limit), used - idle)))
            if used - idle > limit and path.name == "memory.max":
                self.killed.append(self._name(path.parent))
            elif used - idle > limit and self.version == "v1":
                raise OSError(errno.EBUSY, os.strerror(errno.EBUSY), str(path))


def pool(name: str = "ml", **changes: object) -> PoolCgroup:
    """One pool of stack `dev` on the reference host."""
    values = {"stack": "dev", "pool": name, "weight": 200, "memory_mib": 1024, "pids": 512, "core_set": "8-11"}
    return PoolCgroup.model_validate({**values, **changes})


def _fill(path: Path, files: dict[str, str]) -> None:
    path.mkdir(parents=True, exist_ok=True)
    for name, value in {**_COMMON, **files}.items():
        if not (path / name).exists():
            (path / name).write_text(value + "\n")


def _cores(path: Path) -> CoreSet:
    text = path.read_text().strip() if path.exists() else ""
    return CoreSet.parse(text) if text else CoreSet()
