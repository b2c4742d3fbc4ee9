"""The Docker engine, its host's kernel, and the space for its images."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import psutil
from docker import from_env
from docker.errors import DockerException

from sutazai_infra.cli.checks.finding import Finding, fail, ok, warn

__all__ = ["engine_checks"]

_GIB = 1024**3
_LOW_GIB, _NONE_GIB = 10, 2


def engine_checks() -> Iterator[Finding]:
    """Check the engine of DOCKER_HOST, or of the default socket."""
    try:
        client = from_env(timeout=10)
    except DockerException as error:
        yield fail("engine", f"none answers: {_first_line(error)}", "make toolchain, or set DOCKER_HOST")
        return
    try:
        info, version = client.info(), client.version()
    except DockerException as error:
        yield fail("engine", f"doesn't answer: {_first_line(error)}", "look at the engine's log")
        return
    finally:
        client.close()
    yield ok("engine", f"{version['Version']}, API {version['ApiVersion']}{_slow_start(version['ApiVersion'])}")
    yield ok("cgroups", f"v{info.get('CgroupVersion', '1')}, driver {info.get('CgroupDriver')}")
    yield from _kernel(info)
    yield _root()
    yield from _space(info)


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__


def _slow_start(api: str) -> str:
    major, _, minor = api.partition(".")
    too_old = (int(major), int(minor or 0)) < (1, 44)
    return "; older than 1.44, so a health check first runs after a whole interval" if too_old else ""


def _kernel(info: Mapping[str, Any]) -> Iterator[Finding]:
    for flag, what in (("MemoryLimit", "memory limits"), ("CPUSet", "core sets"), ("CPUShares", "CPU weights")):
        if info.get(flag) is False:
            yield fail("kernel", f"no {what}", "enable the cgroup controller at boot")
    if info.get("SwapLimit") is False and psutil.swap_memory().total:
        yield warn(
            "kernel",
            "swap isn't counted: a container may swap beyond its limit",
            "boot with swapaccount=1, or swapoff -a",
        )
    else:
        yield ok("kernel", f"{info.get('KernelVersion')}; holds memory limits, core sets and weights")


def _root() -> Finding:
    if os.geteuid() == 0:
        return ok("root", "yes")
    return warn("root", "no: the pool cgroups can't be prepared", "once: sudo sutazai host prepare")


def _space(info: Mapping[str, Any]) -> Iterator[Finding]:
    folder = Path(info.get("DockerRootDir") or "/")
    if not folder.is_dir():  # an engine elsewhere
        return
    free = shutil.disk_usage(folder).free / _GIB
    text = f"{free:.0f} GiB free in {folder}"
    if free < _NONE_GIB:
        yield fail("disk", text, "docker system prune")
    elif free < _LOW_GIB:
        yield warn("disk", text, "docker system prune, before images are built")
    else:
        yield ok("disk", text)
