"""Odd values, every place where one can be, and a stack in which every rule has something to find elsewhere."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from sutazai_policy.provider_names import PROPERTIES
from sutazai_policy.resource import UNKNOWN, Provider, Resource, Secret

from tests.policy.stacks import CONTAINER, NETWORK, REMOTE_IMAGE, SERVICE, VOLUME, Stack, container, service

__all__ = ["HOG", "KINDS", "ODD", "bad_stack", "odd_resource", "paths", "with_value_at"]

Path = tuple[str, ...]

ODD: list[Any] = [
    UNKNOWN, None, True, False, -1.0, 0.0, 0.5, 2.0**53 + 2, 1e308, float("nan"), float("inf"),
    "", "a", "-1", "0", "/", "nan", "9" * 500, "\x00\n", "\uff14", ":", "=", "a=b=c", "::1", "1-", "CAP_",
    "sha256:", "@", "\ud800",
    [], [None], [UNKNOWN], [[]], [{}], ["", "a", 5.0, None, UNKNOWN], [Secret("x")], ["CMD"], ["NONE", None],
    [{"value": 1.0}, {"name": UNKNOWN}],
    {}, {"value": 1.0}, {"": UNKNOWN}, {"a": {"b": [UNKNOWN, None]}}, {"a": "b"},
    Secret(UNKNOWN), Secret(None), Secret("x"), Secret([UNKNOWN, "x"]), Secret({"value": UNKNOWN}),
    Secret(Secret(1.0)),
]  # fmt: skip

KINDS = {
    "Container": (CONTAINER, container("4-5", 64, 32, 64, "1", networksAdvanced=[{"name": "odd"}])),
    "Service": (SERVICE, service(1, 10**7, 2**25)),
    "Volume": (VOLUME, {"name": "odd-data", "driver": "local"}),
    "Network": (NETWORK, {"name": "odd-net", "driver": "bridge"}),
    "RemoteImage": (REMOTE_IMAGE, {"name": "odd:1.0"}),
}
# Of the properties that hold groups, those that hold one; the others hold lists of them.
_SINGLE_NAMES = (
    "auth authConfig bindOptions build capabilities cluster containerSpec convergeConfig credentialSpec dnsConfig"
    " endpointSpec healthcheck limits logDriver mode placement privileges replicated reservation resources"
    " restartPolicy rollbackConfig seLinuxContext taskSpec tmpfsOptions updateConfig volumeOptions"
)
_SINGLE = frozenset(_SINGLE_NAMES.split())
# Tables with keys of one's own.
_TABLES: list[tuple[str, Path]] = [
    ("Container", ("logOpts", "max-size")), ("Container", ("logOpts", "cache-disabled")),
    ("Container", ("tmpfs", "/tmp")), ("Container", ("storageOpts", "size")),  # noqa: S108  inside a container
    ("Container", ("sysctls", "net.core.somaxconn")), ("Container", ("sysctls", "kernel.shmmax")),
    ("Container", ("mounts", "volumeOptions", "driverOptions", "device")),
    ("Service", ("taskSpec", "containerSpec", "env", "DB_PASSWORD")),
    ("Service", ("taskSpec", "containerSpec", "sysctl", "kernel.shmmax")),
    ("Service", ("taskSpec", "containerSpec", "mounts", "volumeOptions", "driverOptions", "o")),
    ("Service", ("taskSpec", "logDriver", "options", "max-size")),
    ("Volume", ("driverOpts", "device")), ("Network", ("options", "com.docker.network.bridge.name")),
]  # fmt: skip


def odd_resource(name: str, kind: str, properties: dict[str, Any], **options: Any) -> Resource:
    """Return a resource of one of the KINDS, or of a token of one's own."""
    token = KINDS[kind][0] if kind in KINDS else kind
    return Resource(token, name, f"urn:pulumi:prod::shop::{token}::{name}", properties, **options)


def paths(kind: str) -> Iterator[Path]:
    """Return every place of a kind of resource where the provider takes a value, and one that it doesn't know."""
    yield ("cpu_set",)
    for group, names in PROPERTIES.items():
        first, *inner = group.split(".")
        if first == kind and "build" not in inner:
            yield from ((*inner, name) for name in sorted(names))
    yield from (path for own, path in _TABLES if own == kind)


def with_value_at(properties: dict[str, Any], path: Path, value: Any) -> dict[str, Any]:
    """Return properties with a value in one place, and whatever groups it takes to get there."""
    found = copy.deepcopy(properties)
    group = found
    for key in path[:-1]:
        inside = group.get(key)
        if isinstance(inside, list):
            inside = inside[0] if inside else None
        if not isinstance(inside, dict):
            inside = {}
            group[key] = inside if key in _SINGLE or key not in _group_names() else [inside]
        group = inside
    group[path[-1]] = value
    return found


def _group_names() -> set[str]:
    return {group.rpartition(".")[2] for group in PROPERTIES}


def bad_stack() -> Stack:
    """Return a stack whose `hog` and `swarm` break whatever one can break, and a `db` that others get at."""
    return (
        Stack()
        .add("hog", HOG)
        .add("twin", {**HOG, "cpuSet": None})
        .add("db", container("4", 2048, 32, 64, "1", image="postgres:17.2", destroyGraceSeconds=5))
        .add("db-2", container("4", 64, 32, 64, "1", image="mysql:9.1.0"))
        .add("swarm", _SWARM, SERVICE)
        .add("there", container("10", 64, 32, 64, "3", networksAdvanced=[{"name": "shop-infrastructure"}]))
        .add("yonder", container("4", 64, 32, 64), provider=Provider("urn:other", {"host": "ssh://elsewhere"}))
        .add("script", {"create": "true"}, "command:local:Command", provider=Provider("urn:command"))
    )


HOG: dict[str, Any] = {
    **container("0-63", 60_000, 60_000, 40_000, "3", cgroupParent="/elsewhere", cpus="0.1"),
    "image": "nginx:latest",
    "name": "hog",
    "memorySwap": -1.0,
    "restart": "always",
    "destroyGraceSeconds": None,
    "user": "root",
    "readOnly": False,
    "privileged": True,
    "capabilities": {"adds": ["SYS_ADMIN"]},
    "securityOpts": ["seccomp=unconfined"],
    "networkMode": "host",
    "pidMode": "host",
    "logOpts": {},
    "healthcheck": {"tests": ["NONE"]},
    "cpu_set": "1",
    "cpuQuota": 5.0,
    "ports": [{"internal": 80.0, "external": 80.0, "ip": "0.0.0.0"}],  # noqa: S104
    "volumes": [
        {"hostPath": "/var/run", "containerPath": "/in:rw,shared"},
        {"volumeName": "shared", "containerPath": "/data"},
    ],
    "mounts": [{"type": "bind", "source": "/", "target": "/host", "bindOptions": {"propagation": "rshared"}}],
    "devices": [{"hostPath": "/dev/mem"}],
    "envs": ["DB_PASSWORD=hunter2"],
    "ulimits": [{"name": "core", "soft": -1.0, "hard": -1.0}],
    "sysctls": {"kernel.panic": "1"},
}
_SWARM: dict[str, Any] = {
    "mode": {"replicated": {"replicas": 50.0}},
    "taskSpec": {"containerSpec": {"image": "nginx"}},
    "endpointSpec": {"ports": [{"targetPort": 80.0, "publishedPort": 80.0}]},
}
