"""Containers and Swarm services as they were registered, with one name for what both of them have.

Reading never fails and never guesses: each property is a `Reading`, so a rule sees what was registered, what was
left out, and what can't be read. What few rules ask is read when they ask.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import cached_property
from typing import Any

from sutazai_policy import reading
from sutazai_policy.labels import Labels, read_labels
from sutazai_policy.parts import (
    EnvVar,
    Mount,
    Port,
    container_ports,
    mounts_of,
    read_env_list,
    read_env_table,
    service_ports,
    volumes_of,
)
from sutazai_policy.reading import Reading
from sutazai_policy.resource import Resource

__all__ = ["Container", "Service", "Workload"]

_Texts = Reading[tuple[Reading[str], ...]]


class _Registered:
    """What a container and a service have in common."""

    def __init__(self, resource: Resource) -> None:
        self.resource = resource
        self.name = resource.name
        self.urn = resource.urn
        self.properties: Mapping[str, Any] = resource.properties
        self.docker_name = reading.text(self.properties, "name")

    labels: Labels

    @property
    def service(self) -> str:
        """The service's name as it says itself, else the resource's."""
        return self.labels.service.value or self.name


class Container(_Registered):
    """A registered `docker.Container`; memory in MB, as the provider takes it."""

    kind = "container"

    def __init__(self, resource: Resource) -> None:
        super().__init__(resource)
        props = self.properties
        self.labels = read_labels(reading.items(props, "labels"))
        self.cpu_set = reading.core_set(props, "cpuSet")
        self.cpu_shares = reading.whole(props, "cpuShares")
        self.cpus = reading.cpus(props, "cpus")
        self.memory = reading.whole(props, "memory")
        self.memory_swap = reading.whole(props, "memorySwap", least=-1)
        self.memory_reservation = reading.whole(props, "memoryReservation")
        self.cgroup_parent = reading.text(props, "cgroupParent")
        self.start = reading.flag(props, "start")
        self.must_run = reading.flag(props, "mustRun")
        self.restart = reading.text(props, "restart")
        self.network_mode = reading.text(props, "networkMode")

    @cached_property
    def runs(self) -> bool:
        """Whether the container will run; only one that is plainly declared stopped won't."""
        stopped = self.start.value is False and self.must_run.value is False
        return not (stopped and self.restart in (Reading(), Reading("no")))

    @cached_property
    def image(self) -> Reading[str]:
        """The image as it was named, or its id."""
        return reading.text(self.properties, "image")

    @cached_property
    def env(self) -> Reading[tuple[Reading[EnvVar], ...]]:
        """The environment's variables."""
        return read_env_list(reading.texts(self.properties, "envs"))

    @cached_property
    def mounts(self) -> Reading[tuple[Reading[Mount], ...]]:
        """Everything mounted, through `volumes` as well as `mounts`."""
        both = (volumes_of(self.properties), mounts_of(self.properties))
        problem = next((one.problem for one in both if one.problem), None)
        found = tuple(mount for one in both for mount in one.value or ())
        return Reading(found, problem, secret=any(one.secret for one in both))

    @cached_property
    def networks(self) -> Reading[tuple[Reading[str], ...]]:
        """The networks that are joined by name (or by id, as a name), of `networksAdvanced` only."""
        return self.network_entries.then(
            lambda found: Reading(tuple(one.then(lambda entry: reading.text(entry, "name")) for one in found))
        )

    @cached_property
    def network_entries(self) -> Reading[tuple[Reading[Mapping[str, Any]], ...]]:
        """What is said of each network that is joined."""
        return reading.pairs(self.properties, "networksAdvanced")

    @cached_property
    def security_opts(self) -> _Texts:
        """The security options. The provider keeps no order among them: of two that differ either may hold."""
        return reading.texts(self.properties, "securityOpts")

    @cached_property
    def ports(self) -> Reading[tuple[Reading[Port], ...]]:
        """The published ports."""
        return container_ports(self.properties)

    @cached_property
    def user(self) -> Reading[str]:
        """The user, as in `10001:10001`."""
        return reading.text(self.properties, "user")

    @cached_property
    def read_only(self) -> Reading[bool]:
        """Whether the root file system is read-only."""
        return reading.flag(self.properties, "readOnly")

    @cached_property
    def _capabilities(self) -> Reading[Mapping[str, Any]]:
        return reading.nested(self.properties, "capabilities")

    @cached_property
    def capabilities_added(self) -> _Texts:
        """Capabilities beyond Docker's own choice."""
        return self._capabilities.then(lambda found: reading.texts(found, "adds"))

    @cached_property
    def capabilities_dropped(self) -> _Texts:
        """Capabilities taken away."""
        return self._capabilities.then(lambda found: reading.texts(found, "drops"))

    @cached_property
    def health_test(self) -> _Texts:
        """The health check's command, as in `CMD, curl, ...`."""
        return reading.nested(self.properties, "healthcheck").then(lambda found: reading.texts(found, "tests"))

    @cached_property
    def log_driver(self) -> Reading[str]:
        """The log driver."""
        return reading.text(self.properties, "logDriver")

    @cached_property
    def log_options(self) -> Reading[Mapping[str, Reading[str]]]:
        """The log driver's options."""
        return reading.table(self.properties, "logOpts")

    @cached_property
    def stop_grace(self) -> Reading[Fraction]:
        """Seconds between SIGTERM and SIGKILL when the container is replaced; absent means none."""
        return reading.whole(self.properties, "destroyGraceSeconds").then(lambda found: Reading(Fraction(found)))

    @cached_property
    def command(self) -> _Texts:
        """The entry point and the command."""
        both = (reading.texts(self.properties, "entrypoints"), reading.texts(self.properties, "command"))
        return _joined(*both)


class Service(_Registered):
    """A registered Swarm `docker.Service`; memory in bytes, CPU in nano-CPUs, as the provider takes them."""

    kind = "service"

    def __init__(self, resource: Resource) -> None:
        super().__init__(resource)
        props = self.properties
        self.task = reading.nested(props, "taskSpec")
        self.spec = self.task.then(lambda found: reading.nested(found, "containerSpec"))
        resources = self.task.then(lambda found: reading.nested(found, "resources"))
        reserved = resources.then(lambda found: reading.nested(found, "reservation"))
        limits = resources.then(lambda found: reading.nested(found, "limits"))
        self.labels = read_labels(
            reading.items(props, "labels"), self.spec.then(lambda found: reading.items(found, "labels"))
        )
        self.replicas = reading.nested(props, "mode").then(_replicas)
        self.reserved_cpu = reserved.then(lambda found: reading.whole(found, "nanoCpus"))
        self.reserved_memory = reserved.then(lambda found: reading.whole(found, "memoryBytes"))
        self.limit_cpu = limits.then(lambda found: reading.whole(found, "nanoCpus"))
        self.limit_memory = limits.then(lambda found: reading.whole(found, "memoryBytes"))

    @cached_property
    def runs(self) -> bool:
        """Whether any task will run."""
        return self.replicas.value != 0

    @cached_property
    def image(self) -> Reading[str]:
        """The image as it was named, or its id."""
        return self.spec.then(lambda found: reading.text(found, "image"))

    @cached_property
    def env(self) -> Reading[tuple[Reading[EnvVar], ...]]:
        """The environment's variables."""
        return self.spec.then(lambda found: read_env_table(reading.table(found, "env")))

    @cached_property
    def mounts(self) -> Reading[tuple[Reading[Mount], ...]]:
        """Everything mounted."""
        return self.spec.then(mounts_of)

    @cached_property
    def networks(self) -> Reading[tuple[Reading[str], ...]]:
        """The networks that are joined, by name or id."""
        return self.network_entries.then(lambda found: Reading(tuple(one.then(_network_name) for one in found)))

    @cached_property
    def network_entries(self) -> Reading[tuple[Reading[Mapping[str, Any]], ...]]:
        """What is said of each network that is joined."""
        return self.task.then(lambda found: reading.pairs(found, "networksAdvanceds"))

    @cached_property
    def ports(self) -> Reading[tuple[Reading[Port], ...]]:
        """The published ports: Swarm publishes on every address of the host."""
        return reading.nested(self.properties, "endpointSpec").then(service_ports)

    @cached_property
    def user(self) -> Reading[str]:
        """The user, as in `10001:10001`."""
        return self.spec.then(lambda found: reading.text(found, "user"))

    @cached_property
    def read_only(self) -> Reading[bool]:
        """Whether the root file system is read-only."""
        return self.spec.then(lambda found: reading.flag(found, "readOnly"))

    @cached_property
    def capabilities_added(self) -> _Texts:
        """Capabilities beyond Docker's own choice."""
        return self.spec.then(lambda found: reading.texts(found, "capAdds"))

    @cached_property
    def capabilities_dropped(self) -> _Texts:
        """Capabilities taken away."""
        return self.spec.then(lambda found: reading.texts(found, "capDrops"))

    @cached_property
    def health_test(self) -> _Texts:
        """The health check's command, as in `CMD, curl, ...`."""
        return self.spec.then(lambda found: reading.nested(found, "healthcheck")).then(
            lambda found: reading.texts(found, "tests")
        )

    @cached_property
    def log_driver(self) -> Reading[str]:
        """The log driver."""
        return self._log.then(lambda found: reading.text(found, "name"))

    @cached_property
    def log_options(self) -> Reading[Mapping[str, Reading[str]]]:
        """The log driver's options."""
        return self._log.then(lambda found: reading.table(found, "options"))

    @cached_property
    def _log(self) -> Reading[Mapping[str, Any]]:
        return self.task.then(lambda found: reading.nested(found, "logDriver"))

    @cached_property
    def stop_grace(self) -> Reading[Fraction]:
        """Seconds between SIGTERM and SIGKILL; absent means Docker's ten."""
        return self.spec.then(lambda found: reading.duration(found, "stopGracePeriod"))

    @cached_property
    def command(self) -> _Texts:
        """The entry point and the command."""
        return _joined(
            self.spec.then(lambda found: reading.texts(found, "commands")),
            self.spec.then(lambda found: reading.texts(found, "args")),
        )


Workload = Container | Service


def _network_name(entry: Mapping[str, Any]) -> Reading[str]:
    """Read a service's network: the provider takes the id where both are given."""
    identifier = reading.text(entry, "id")
    return reading.text(entry, "name") if identifier.absent else identifier


def _joined(*lists: _Texts) -> _Texts:
    problem = next((one.problem for one in lists if one.problem), None)
    found: tuple[Reading[str], ...] = tuple(text for one in lists for text in one.value or ())
    secret = any(one.secret for one in lists)
    return Reading(found or None, problem, secret=secret)


def _replicas(mode: Mapping[str, Any]) -> Reading[int]:
    """Read how many tasks run on one host: a global service has one on each."""
    everywhere = reading.flag(mode, "global")
    if everywhere.problem is not None:
        return Reading(problem=everywhere.problem)
    if everywhere.value:
        return Reading(1)
    return reading.nested(mode, "replicated").then(lambda found: reading.whole(found, "replicas"))
