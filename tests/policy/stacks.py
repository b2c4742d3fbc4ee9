"""A stack that breaks no rule, and the means to break it in one place: every test starts from here."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from datetime import date
from typing import Any, Self

from sutazai_policy.digest import DIGEST_LABEL, unapplied_digest
from sutazai_policy.exceptions import ExceptableSettings
from sutazai_policy.judge import Judge, Surroundings
from sutazai_policy.resource import UNKNOWN, Provider, Resource, Secret
from sutazai_policy.rule import Rule, Violation

__all__ = [
    "CONTAINER", "LEFT_OUT", "NETWORK", "REMOTE_IMAGE", "SERVICE", "STOPPED", "TODAY", "UNKNOWN", "VOLUME",
    "Provider", "Secret", "Stack", "container", "labels", "messages", "reference_stack", "service", "small_stack",
    "violations",
]  # fmt: skip

CONTAINER = "docker:index/container:Container"
SERVICE = "docker:index/service:Service"
VOLUME = "docker:index/volume:Volume"
NETWORK = "docker:index/network:Network"
REMOTE_IMAGE = "docker:index/remoteImage:RemoteImage"


class _LeftOut:
    """Stands for a property that isn't given; its name is the same in every process that shares the tests."""

    def __repr__(self) -> str:
        return "LEFT_OUT"


LEFT_OUT = _LeftOut()
TODAY = date(2026, 11, 25)
STOPPED: dict[str, Any] = {"start": False, "mustRun": False, "restart": "no"}

_OF_SETTINGS = ("the exception of ", "the settings of ", "host: auto ")
_POOLS = {"1": "infrastructure", "2": "agents", "3": "ml"}
_DOCKER = Provider("urn:pulumi:prod::shop::pulumi:providers:docker::default")


class Stack:
    """Resources by name, as plain properties; they become what the engine sends when a rule looks at them."""

    def __init__(self, name: str = "prod") -> None:
        self.name = name
        self._resources: dict[str, tuple[str, str, dict[str, Any], dict[str, Any]]] = {}

    def add(
        self, name: str, properties: Mapping[str, Any], kind: str = CONTAINER, parent: str = "", **options: Any
    ) -> Self:
        """Register a resource; `parent` sets two of the same name apart, as the engine's URNs do.

        Options are those of `Resource`: protect, provider, depends. A container without a service label gets one.
        """
        path = f"{parent}${kind}" if parent else kind
        urn = f"urn:pulumi:{self.name}::shop::{path}::{name}"
        found = dict(properties)
        own = found.get("labels")
        if isinstance(own, list) and own and not any(one.get("label") == "sutazai.service" for one in own):
            found["labels"] = [*own, *labels(service=name)]
        self._resources[urn] = (name, kind, found, {"provider": _DOCKER, **options})
        return self

    def change(self, resource: str, **properties: Any) -> Self:
        """Set properties of the resource of that name, or take out those that are LEFT_OUT."""
        for name, _, found, _ in self._resources.values():
            if name == resource:
                found.update(properties)
                for key in [key for key, value in found.items() if value is LEFT_OUT]:
                    del found[key]
        return self

    def relabel(self, resource: str, **values: Any) -> Self:
        """Give a resource other labels `sutazai.KEY`, or take out those that are LEFT_OUT."""
        for name, _, found, _ in self._resources.values():
            if name == resource:
                kept = [one for one in found["labels"] if one["label"].removeprefix("sutazai.") not in values]
                given = {key: value for key, value in values.items() if value is not LEFT_OUT}
                found["labels"] = [*kept, *labels(**given)]
        return self

    def remove(self, resource: str) -> Self:
        """Take out the resource of that name."""
        self._resources = {urn: found for urn, found in self._resources.items() if found[0] != resource}
        return self

    def urn(self, resource: str, kind: str = CONTAINER) -> str:
        """Return the URN that the engine gives a resource."""
        return f"urn:pulumi:{self.name}::shop::{kind}::{resource}"

    def resources(self) -> list[Resource]:
        """Return the resources as the server hands them to the rules."""
        return [
            Resource(type=kind, name=name, urn=urn, properties=copy.deepcopy(properties), **options)
            for urn, (name, kind, properties, options) in self._resources.items()
        ]


def violations(rule: Rule[Any], stack: Stack, /, **settings: Any) -> list[Violation]:
    """Judge a stack by one rule, with the settings that `--policy-pack-config` would give.

    A rule from which services can be excepted has to say of each violation whose it is.
    """
    surroundings = Surroundings(stacks_file=None, environ={}, today=TODAY)
    resources = stack.resources()
    found = Judge(resources, [rule], {rule.name: settings}, surroundings).violations(rule)
    if issubclass(rule.settings, ExceptableSettings) and rule.check.__module__.startswith("sutazai_policy."):
        urns = {one.urn for one in resources} | {one.provider.urn for one in resources if one.provider}
        nobodys = [
            one.message for one in found if one.urn not in urns and not one.message.startswith(_OF_SETTINGS)
        ]
        assert not nobodys, f"{rule.name} says of nobody: {nobodys}"
    return found


def messages(rule: Rule[Any], stack: Stack, /, **settings: Any) -> list[str]:
    """Return only the texts of the violations."""
    return [found.message for found in violations(rule, stack, **settings)]


def container(
    cores: str, shares: int, request: int, limit: int, tier: str = "1", **properties: Any
) -> dict[str, Any]:
    """Return a container's inputs as the provider completes them: a good citizen of its tier's pool."""
    pool = _POOLS.get(tier, "agents")
    found = {
        "image": "debian:12.8",
        "cpuSet": cores,
        "cpuShares": shares,
        "memory": limit,
        "memorySwap": limit,
        "memoryReservation": request,
        "mustRun": True,
        "start": True,
        "restart": "on-failure",
        "maxRetryCount": 5,
        "destroyGraceSeconds": 30,
        "user": "10001:10001",
        "readOnly": True,
        "capabilities": {"drops": ["ALL"], "adds": []},
        "securityOpts": ["no-new-privileges:true"],
        "networkMode": "bridge",
        "networksAdvanced": [{"name": f"shop-{pool}"}],
        "logDriver": "json-file",
        "logOpts": {"max-size": "10m", "max-file": "3"},
        "healthcheck": {"tests": ["CMD", "probe"], "interval": "30s", "timeout": "5s", "retries": 3},
        "labels": labels(stack="prod", pool=pool, tier=tier, priority="medium"),
        **properties,
    }
    if properties.keys().isdisjoint({"labels"}):
        found["labels"] = [*found["labels"], {"label": DIGEST_LABEL, "value": unapplied_digest(found)}]
    return found


def service(replicas: int, cpu: int, memory: int, tier: str = "2") -> dict[str, Any]:
    """Return a Swarm service's properties: a task reserves and may take `cpu` nano-CPUs, `memory` bytes."""
    sizes = {"nanoCpus": cpu, "memoryBytes": memory}
    pool = _POOLS.get(tier, "agents")
    return {
        "mode": {"global": False, "replicated": {"replicas": replicas}},
        "labels": labels(stack="prod", pool=pool, tier=tier, priority="medium"),
        "taskSpec": {
            "containerSpec": {
                "image": "worker:1.4.2",
                "labels": [],
                "user": "10001:10001",
                "readOnly": True,
                "capDrops": ["ALL"],
                "stopGracePeriod": "30s",
                "healthcheck": {"tests": ["CMD", "probe"], "interval": "30s"},
            },
            "resources": {"limits": dict(sizes), "reservation": dict(sizes)},
            "restartPolicy": {"condition": "on-failure", "maxAttempts": 5, "delay": "5s"},
            "logDriver": {"name": "json-file", "options": {"max-size": "10m", "max-file": "3"}},
            "networksAdvanceds": [{"name": f"shop-{pool}"}],
        },
    }


def labels(**values: Any) -> list[dict[str, Any]]:
    """Return labels `sutazai.KEY` as the provider registers them."""
    return [{"label": f"sutazai.{key}", "value": value} for key, value in values.items()]


def reference_stack() -> Stack:
    """Return the reference host's full house: tier 1, monitoring, 51 agents, an ML job, a tool."""
    stack = Stack()
    pool = "/sutazai/prod/"
    for name, image, cores, shares, request, limit in (
        ("backend", "workload:0.1.0", "2-3", 819, 1024, 2048),
        ("frontend", "workload:0.1.0", "2-3", 409, 512, 1024),
        ("gateway", "haproxy:3.2.22", "2-3", 204, 128, 256),
        ("postgres", "postgres:16.15", "4", 921, 1024, 2048),
        ("redis", "redis:7.2.16", "5", 409, 448, 512),
        ("pgbouncer", "pgbouncer:1.25.2", "4-5", 102, 64, 128),
        ("ollama", "ollama:0.32.15", "6-9", 3072, 4096, 8192),
    ):
        own = container(cores, shares, request, limit, "1", cgroupParent=f"{pool}infrastructure", image=image)
        stack.add(name, own)
    for name, image, shares, request, limit in (
        ("optimizer", "workload:0.1.0", 102, 128, 512),
        ("health-monitor", "workload:0.1.0", 102, 64, 256),
        ("prometheus", "prometheus:3.14.0", 256, 384, 1024),
        ("grafana", "grafana:13.2.0", 102, 192, 1024),
        ("chromadb", "chroma:1.5.9", 204, 320, 1024),
        ("qdrant", "qdrant:1.19.0", 204, 256, 1024),
        ("exporters", "node-exporter:1.12.1", 153, 288, 512),
    ):
        own = container("10-11", shares, request, limit, "2", cgroupParent=f"{pool}agents", image=image)
        stack.add(name, own)
    for number in range(1, 52):
        agent = container("10-11", 6, 48, 256, "2", cgroupParent=f"{pool}agents")
        stack.add(f"agent-{number:02}", agent)
    job = container("8-11", 1024, 4096, 4096, "3", cgroupParent=f"{pool}ml", cpus="2")
    tool = container("11", 2, 512, 512, "3", cgroupParent=f"{pool}tools", cpus="1")
    stack.add("pytorch", job).add("aider", tool | {"networksAdvanced": [{"name": "shop-tools"}]})
    return stack.relabel("aider", pool="tools")


def small_stack() -> Stack:
    """Return three plain containers, one a tier and none in a cgroup; it fits the reference host by far."""
    return (
        Stack()
        .add("redis", container("4-5", 512, 448, 512, "1"))
        .add("agent", container("10-11", 64, 48, 256, "2"))
        .add("aider", container("11", 256, 512, 512, "3"))
    )
