"""devices: a workload reaches none of the host's devices, by any of the ways that there are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

from pulumi_policy import Severity
from pydantic import Field

from sutazai_policy import reading
from sutazai_policy.exceptions import ExceptableSettings
from sutazai_policy.facts import Container, Facts, Service
from sutazai_policy.gpus import is_gpu_option, is_gpu_request
from sutazai_policy.messages import names
from sutazai_policy.parts import problems, readable, shown, shown_texts
from sutazai_policy.paths import covers, host_path
from sutazai_policy.reading import Reading
from sutazai_policy.rule import Category, Rule, Violation

__all__ = ["RULE"]

_RUNTIMES = ("runc", "runsc", "kata", "io.containerd.runc.v2", "io.containerd.runsc.v1", "io.containerd.kata.v2")
# Most containers have none of these.
_KEYS = frozenset({"devices", "deviceCgroupRules", "gpus", "deviceRequests", "runtime"})


class DevicesSettings(ExceptableSettings):
    """Which devices any workload may use."""

    allowed: Annotated[
        Sequence[Annotated[str, Field(pattern="^/")]],
        Field(
            default_factory=tuple,
            description="The host's devices that a container may use, by path; a folder stands for all in it."
            " Default: none.",
        ),
    ]
    gpus: Annotated[bool, Field(description="Whether workloads may use GPUs. Default: false.")] = False
    runtimes: Annotated[
        Sequence[str],
        Field(
            description="What may run a container. Default: runc, runsc, kata, and containerd's names of these."
        ),
    ] = _RUNTIMES


def check(facts: Facts, settings: DevicesSettings) -> Iterator[Violation]:
    """Judge every workload, also one that is stopped: it may be started."""
    for one in facts.containers:
        if not one.properties.keys().isdisjoint(_KEYS):
            yield from (Violation(f"{one.name} {problem}", one.urn) for problem in _container(one, settings))
    for service in facts.services:
        yield from (Violation(f"{service.name} {problem}", service.urn) for problem in _service(service, settings))


def _container(one: Container, settings: DevicesSettings) -> Iterator[str]:
    yield from _devices(reading.pairs(one.properties, "devices"), settings.allowed)
    yield from _cgroup_rules(reading.texts(one.properties, "deviceCgroupRules"))
    yield from _gpus(reading.text(one.properties, "gpus"), allowed=settings.gpus)
    yield from _requests(reading.pairs(one.properties, "deviceRequests"), allowed=settings.gpus)
    yield from _runtime(reading.text(one.properties, "runtime"), settings.runtimes)


def _devices(found: Reading[tuple[Reading[Mapping[str, Any]], ...]], allowed: Sequence[str]) -> Iterator[str]:
    yield from (f"has a devices that {problem}" for problem in problems(found))
    for entry in readable(found):
        path = reading.text(entry, "hostPath").then(host_path)
        if path.value is None:
            yield f"has a devices.hostPath that {path.problem or 'is missing: give it one'}"
        elif not covers(allowed, path.value):
            told = shown(path.value, secret=path.secret)
            yield f"has the host's device {told}: remove it from devices, or name it in allowed"


def _cgroup_rules(found: Reading[tuple[Reading[str], ...]]) -> Iterator[str]:
    yield from (f"has a deviceCgroupRules that {problem}" for problem in problems(found))
    rules = [told for _, told in shown_texts(found)]
    if rules:
        yield f"may make devices itself ({names(rules)}): remove deviceCgroupRules, and name single devices"


def _gpus(found: Reading[str], *, allowed: bool) -> Iterator[str]:
    if found.problem is not None:
        yield f"has a gpus that {found.problem}"
    elif found.value is not None and not (allowed and is_gpu_option(found.value)):
        told = shown(found.value, secret=found.secret)
        if allowed:
            yield f"may get other devices than GPUs (gpus {told}): write all, a number, or device=0,1"
        else:
            yield f"has GPUs (gpus {told}): remove gpus, or set this rule's gpus to true"


def _requests(found: Reading[tuple[Reading[Mapping[str, Any]], ...]], *, allowed: bool) -> Iterator[str]:
    yield from (f"has a deviceRequests that {problem}" for problem in problems(found))
    if not allowed and any(True for _ in readable(found)):
        yield "has deviceRequests: remove them, or, if they are for GPUs, set this rule's gpus to true"
    elif not all(is_gpu_request(entry) for entry in readable(found)):
        yield "has deviceRequests for other than GPUs: take the driver nvidia, or ids such as nvidia.com/gpu=0"


def _runtime(found: Reading[str], runtimes: Sequence[str]) -> Iterator[str]:
    if found.problem is not None:
        yield f"has a runtime that {found.problem}"
    elif found.value is not None and found.value not in runtimes:
        told = shown(found.value, secret=found.secret)
        yield f"is run by {told}, which may give it devices: remove runtime, or name it in runtimes"


def _service(one: Service, settings: DevicesSettings) -> Iterator[str]:
    """Judge what Swarm has: a kind of runtime, where plugins run privileged, and GPUs by reservation."""
    runtime = one.task.then(lambda task: reading.text(task, "runtime"))
    if runtime.problem is not None:
        yield f"has a taskSpec.runtime that {runtime.problem}"
    elif runtime.value not in (None, "container"):
        yield "runs no container: set taskSpec.runtime to container, or remove it"
    generic = (
        one.task.then(lambda task: reading.nested(task, "resources"))
        .then(lambda resources: reading.nested(resources, "reservation"))
        .then(lambda reservation: reading.nested(reservation, "genericResources"))
    )
    if generic.problem is not None:
        yield f"has a genericResources that {generic.problem}"
    elif generic.value and not settings.gpus:
        yield "reserves GPUs or the like (genericResources): remove them, or set this rule's gpus to true"


RULE = Rule(
    name="devices",
    description="A container has to do without the host's devices, but for those that are allowed.",
    category=Category.SECURITY,
    severity=Severity.HIGH,
    why=(
        "A disk's device is every file on it, past all permissions, and /dev/mem all memory. A runtime or a driver"
        " other than the usual ones may add devices and mounts that no property names."
    ),
    source="CIS Docker Benchmark 5.18; Docker's source: device drivers, gpus",
    remediation=(
        "1. Remove the device, request or rule, if the program runs without.\n"
        "2. Name the one device that it needs by its path, and let the operator allow that (allowed).\n"
        "3. For a GPU, the operator sets this rule's gpus to true."
    ),
    settings=DevicesSettings,
    check=check,
    alone=True,
)
