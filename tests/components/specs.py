"""Small specs of containers, networks and volumes, and a plan to go with them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pulumi

from sutazai_infra.components.platform import Platform, PlatformArgs
from sutazai_infra.inputs.catalogue import load_catalogue
from sutazai_infra.model.container import ContainerSpec, FileSpec, HealthSpec, StackSpec
from sutazai_infra.model.host import Foreign, Host
from sutazai_infra.model.plan import Plan
from sutazai_infra.model.settings import Settings
from sutazai_infra.planning.planner import plan

HEALTH = HealthSpec(test=("CMD", "true"), interval_ms=1500, timeout_s=3, retries=3, start_period_s=10)


def container(instance: str = "redis", **changes: Any) -> ContainerSpec:
    """Return a spec of one container."""
    values: dict[str, Any] = {
        "instance": instance,
        "name": f"sutazai-shop-{instance}",
        "service": instance,
        "pool": "infrastructure",
        "tier": 1,
        "priority": "critical",
        "image": "sutazai/redis:1",
        "command": ("serve",),
        "env": {"B": "2", "A": "1"},
        "user": "999:999",
        "read_only": True,
        "tmpfs": {"/tmp": 16},  # noqa: S108  a path in the container
        "capabilities": (),
        "networks": ("sutazai-shop-infrastructure",),
        "ports": (),
        "mounts": (),
        "files": (),
        "log_size_mib": 10,
        "log_files": 3,
        "core_set": "2-3",
        "cpu_shares": 409,
        "cpus": 1.0,
        "memory_mib": 512,
        "memory_reservation_mib": 448,
        "health": HEALTH,
        "restart_retries": 5,
        "stop_grace_s": 30,
        "stop_signal": None,
        "cgroup_parent": None,
        "depends_on": (),
        "awaited": False,
    }
    return ContainerSpec(**{**values, **changes})


def secret_file(content: str = "${redis-password}") -> FileSpec:
    """Return a file with a secret in it."""
    return FileSpec(path="/run/secrets/password", content=content, secret=True)


def some_plan() -> Plan:
    """Return a plan of the real catalogue, with a foreign container beside it."""
    settings = Settings.parsed("test", {"services": {"only": ["redis"]}, "agents": 0})
    host = Host.scaled(12, 30085).model_copy(update={"foreign": (Foreign(name="guest", cpu=100, memory_mib=64),)})
    return plan(load_catalogue(Path(__file__).parents[2] / "catalogue"), host, settings)


def platform(spec: StackSpec, *, keep_data: bool = True) -> Platform:
    """Declare a platform; its only secret is a password."""
    secrets = {"redis-password": pulumi.Output.secret("hunter2")}
    return Platform("shop", PlatformArgs(spec, some_plan(), secrets, {"redis-password": 1}, keep_data=keep_data))


def stack(*containers: ContainerSpec, **parts: Any) -> StackSpec:
    """Return a spec of a stack."""
    return StackSpec(**{"stack": "shop", "networks": (), "volumes": (), **parts, "containers": containers})
