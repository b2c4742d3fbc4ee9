"""A stack that breaks no rule, and the means to break it in one place: every test starts from here."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any, Self

from pulumi_policy import PolicyCustomTimeouts, PolicyResource, PolicyResourceOptions, proxy
from sutazai_policy.pack import Surroundings, judge
from sutazai_policy.rule import Rule, Violation

UNKNOWN = proxy.UNKNOWN_STRING_VALUE
CONTAINER = "docker:index/container:Container"
SERVICE = "docker:index/service:Service"
LEFT_OUT = object()

_OPTIONS = PolicyResourceOptions(False, [], None, [], PolicyCustomTimeouts(0, 0, 0), [], None)


class Stack:
    """Resources by name, as plain properties; they become what the engine sends when a rule looks at them."""

    def __init__(self, name: str = "prod") -> None:
        self.name = name
        self._resources: dict[str, tuple[str, str, dict[str, Any]]] = {}

    def add(self, name: str, properties: Mapping[str, Any], kind: str = CONTAINER, parent: str = "") -> Self:
        """Register a resource; `parent` sets two of the same name apart, as the engine's URNs do."""
        path = f"{parent}${kind}" if parent else kind
        urn = f"urn:pulumi:{self.name}::shop::{path}::{name}"
        self._resources[urn] = (name, kind, dict(properties))
        return self

    def change(self, resource: str, **properties: Any) -> Self:
        """Set properties of the resource of that name, or take out those that are LEFT_OUT."""
        for name, _, found in self._resources.values():
            if name == resource:
                found.update(properties)
                for key in [key for key, value in found.items() if value is LEFT_OUT]:
                    del found[key]
        return self

    def remove(self, resource: str) -> Self:
        """Take out the resource of that name."""
        self._resources = {urn: found for urn, found in self._resources.items() if found[0] != resource}
        return self

    def urn(self, resource: str, kind: str = CONTAINER) -> str:
        """Return the URN that the engine gives a resource."""
        return f"urn:pulumi:{self.name}::shop::{kind}::{resource}"

    def resources(self) -> list[PolicyResource]:
        """Return the resources as pulumi_policy hands them to a stack policy."""
        return list(self._engine_resources())

    def _engine_resources(self) -> Iterator[PolicyResource]:
        for urn, (name, kind, properties) in self._resources.items():
            props = proxy.unknown_checking_proxy(copy.deepcopy(properties))
            yield PolicyResource(kind, props, urn, name, _OPTIONS, None, None, [], {})


def violations(rule: Rule[Any], stack: Stack, /, **settings: Any) -> list[Violation]:
    """Judge a stack by one rule, with the settings that `--policy-pack-config` would give."""
    return judge(rule, stack.resources(), settings, Surroundings(stacks_file=None, environ={}))


def messages(rule: Rule[Any], stack: Stack, /, **settings: Any) -> list[str]:
    """Return only the texts of the violations."""
    return [found.message for found in violations(rule, stack, **settings)]


def container(
    cores: str, shares: int, request: int, limit: int, tier: str = "1", **properties: Any
) -> dict[str, Any]:
    """Return a container's properties as the provider registers them."""
    return {
        "cpuSet": cores,
        "cpuShares": shares,
        "cpus": None,
        "memory": limit,
        "memorySwap": limit,
        "memoryReservation": request,
        "cgroupParent": None,
        "mustRun": True,
        "start": True,
        "restart": "unless-stopped",
        "labels": labels(tier=tier),
        **properties,
    }


def service(replicas: int, cpu: int, memory: int, tier: str = "2") -> dict[str, Any]:
    """Return a Swarm service's properties: a task reserves and may take `cpu` nano-CPUs, `memory` bytes."""
    sizes = {"nanoCpus": cpu, "memoryBytes": memory}
    return {
        "mode": {"global": False, "replicated": {"replicas": replicas}},
        "labels": labels(tier=tier),
        "taskSpec": {
            "containerSpec": {"image": "worker", "labels": []},
            "resources": {"limits": dict(sizes), "reservation": dict(sizes)},
        },
    }


def labels(**values: str) -> list[dict[str, str]]:
    """Return labels `sutazai.KEY` as the provider registers them."""
    return [{"label": f"sutazai.{key}", "value": value} for key, value in values.items()]


def reference_stack() -> Stack:
    """Return the reference host's full house: tier 1, monitoring, 51 agents, an ML job, a tool."""
    stack = Stack()
    pool = "/sutazai/prod/"
    for name, cores, shares, request, limit in (
        ("backend", "2-3", 819, 1024, 2048),
        ("frontend", "2-3", 409, 512, 1024),
        ("gateway", "2-3", 204, 128, 256),
        ("postgres", "4-5", 921, 1024, 2048),
        ("redis", "4-5", 409, 448, 512),
        ("pgbouncer", "4-5", 102, 64, 128),
        ("ollama", "6-9", 3072, 4096, 8192),
    ):
        stack.add(name, container(cores, shares, request, limit, "1", cgroupParent=f"{pool}infrastructure"))
    for name, shares, request, limit in (
        ("optimizer", 102, 128, 512),
        ("health-monitor", 102, 64, 256),
        ("prometheus", 256, 384, 1024),
        ("grafana", 102, 192, 1024),
        ("chromadb", 204, 320, 1024),
        ("qdrant", 204, 256, 1024),
        ("exporters", 153, 288, 512),
    ):
        stack.add(name, container("10-11", shares, request, limit, "2", cgroupParent=f"{pool}agents"))
    for number in range(1, 52):
        agent = container("10-11", 6, 48, 256, "2", cgroupParent=f"{pool}agents")
        stack.add(f"agent-{number:02}", agent)
    job = container("8-11", 1024, 4096, 4096, "3", cgroupParent=f"{pool}ml", cpus="2")
    stack.add("pytorch", job)
    return stack.add("aider", container("11", 2, 512, 512, "3", cgroupParent=f"{pool}tools", cpus="1"))


def small_stack() -> Stack:
    """Return three plain containers, one a tier and none in a cgroup; it fits the reference host by far."""
    return (
        Stack()
        .add("redis", container("4-5", 512, 448, 512, "1"))
        .add("agent", container("10-11", 64, 48, 256, "2"))
        .add("aider", container("11", 256, 512, 512, "3"))
    )
