"""Good citizens of a shop's stack on the reference host (12 cores, 30085 MiB), written by hand.

A stack of the corpus imports these and changes one thing: `container("redis", privileged=True)`. Whatever is given
by name replaces the good value; None takes it away. Labels are merged, and a label that is None is left out.
"""

from __future__ import annotations

from typing import Any

import pulumi
import pulumi_docker as docker

STACK = "prod"
IMAGE = "registry.example.org/shop/part:1.4.2"
HEALTHCHECK = {"tests": ["CMD", "/part", "healthy"], "interval": "30s", "timeout": "5s", "retries": 3}
# What the policy pack computes from HEALTHCHECK: the provider would not see that another test is wanted.
REPLACES_ON = "e859b3e56860"

_TIERS = {"infrastructure": "1", "agents": "2", "ml": "3", "tools": "3"}
_CORES = {"infrastructure": "2-7", "agents": "10-11", "ml": "8-9", "tools": "8-9"}
_networks: dict[str, docker.Network] = {}


def network(pool: str) -> docker.Network:
    """Return the network of the pool, named shop-<pool>."""
    if pool not in _networks:
        _networks[pool] = docker.Network(f"{pool}-network", name=f"shop-{pool}", driver="bridge")
    return _networks[pool]


def volume(name: str, /, *, protect: bool = True, **changes: Any) -> docker.Volume:
    """Declare a volume, named shop-<name>, that isn't deleted."""
    settings: dict[str, Any] = {"name": f"shop-{name}", **changes}
    return docker.Volume(name, **settings, opts=pulumi.ResourceOptions(protect=protect))


def labels_of(name: str, pool: str = "infrastructure", /, **changes: Any) -> list[dict[str, Any]]:
    """Return the labels of a service; `tier="4"` changes one."""
    labels: dict[str, Any] = {
        "stack": STACK,
        "service": name,
        "pool": pool,
        "tier": _TIERS.get(pool, "1"),
        "priority": "medium",
    }
    return [
        {"label": f"sutazai.{label}", "value": value}
        for label, value in {**labels, **changes}.items()
        if value is not None
    ]


def settings_of(name: str, pool: str = "infrastructure", /, **changes: Any) -> dict[str, Any]:
    """Return what a good container is made from."""
    labels = changes.pop("labels", None)
    replaces_on = changes.pop("replaces_on", REPLACES_ON)
    if labels is None:
        labels = labels_of(name, pool)
    if replaces_on is not None:
        labels = [*labels, {"label": "sutazai.replaces-on", "value": replaces_on}]
    settings: dict[str, Any] = {
        "name": f"shop-{name}",
        "image": IMAGE,
        "labels": labels,
        "cpu_set": _CORES.get(pool, "2-7"),
        "cpu_shares": 128,
        "memory": 128,
        "memory_swap": 128,
        "memory_reservation": 64,
        "restart": "on-failure",
        "max_retry_count": 5,
        "log_driver": "json-file",
        "log_opts": {"max-size": "10m", "max-file": "3"},
        "healthcheck": HEALTHCHECK,
        "destroy_grace_seconds": 30,
        "user": "10001:10001",
        "read_only": True,
        "capabilities": {"drops": ["ALL"]},
        "security_opts": ["no-new-privileges:true"],
        "network_mode": "bridge",
        **changes,
    }
    if "networks_advanced" not in settings:
        settings["networks_advanced"] = [{"name": network(pool).name, "aliases": [name]}]
    return {key: value for key, value in settings.items() if value is not None}


def container(
    name: str, pool: str = "infrastructure", /, *, opts: pulumi.ResourceOptions | None = None, **changes: Any
) -> docker.Container:
    """Declare a good container, with changes."""
    return docker.Container(name, **settings_of(name, pool, **changes), opts=opts)


def memory(request: int, limit: int | None = None) -> dict[str, Any]:
    """Return the three settings of a container's memory, in MiB; the limit is the request unless it is said."""
    limit = request if limit is None else limit
    return {"memory_reservation": request, "memory": limit, "memory_swap": limit}


def service(
    name: str,
    pool: str = "infrastructure",
    /,
    *,
    replicas: Any = 1,
    spec: dict[str, Any] | None = None,
    task: dict[str, Any] | None = None,
    opts: pulumi.ResourceOptions | None = None,
    **changes: Any,
) -> docker.Service:
    """Declare a good Swarm service; `spec` changes its container specification, `task` its task specification."""
    container_spec: dict[str, Any] = {
        "image": IMAGE,
        "user": "10001:10001",
        "read_only": True,
        "cap_drops": ["ALL"],
        "healthcheck": HEALTHCHECK,
        "stop_grace_period": "30s",
        **(spec or {}),
    }
    task_spec: dict[str, Any] = {
        "container_spec": _without_none(container_spec),
        "resources": swarm_resources(64, 128),
        "restart_policy": {"condition": "on-failure", "max_attempts": 5},
        "log_driver": {"name": "json-file", "options": {"max-size": "10m", "max-file": "3"}},
        **(task or {}),
    }
    if "networks_advanceds" not in task_spec:
        task_spec["networks_advanceds"] = [{"name": network(pool).name}]
    settings: dict[str, Any] = {
        "name": f"shop-{name}",
        "labels": labels_of(name, pool),
        "mode": {"replicated": {"replicas": replicas}},
        "task_spec": _without_none(task_spec),
        **changes,
    }
    return docker.Service(name, **_without_none(settings), opts=opts)


def swarm_resources(
    request: int, limit: int, *, nano_request: int = 125_000_000, nano_limit: int = 500_000_000
) -> Any:
    """Return the resources of each task of a service: memory in MiB, cores in billionths."""
    mib = 1024 * 1024
    return {
        "reservation": {"memory_bytes": request * mib, "nano_cpus": nano_request},
        "limits": {"memory_bytes": limit * mib, "nano_cpus": nano_limit},
    }


def unknown(value: Any) -> Any:
    """Return the value as something that a preview doesn't know: it comes with another resource's id."""
    return network("infrastructure").id.apply(lambda _: value)


def _without_none(settings: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in settings.items() if value is not None}
