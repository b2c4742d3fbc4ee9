"""Finds out what host a stack has to fit: as declared, or by the pack's own look at the engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sutazai_policy.engine import Engine, EngineError, Listed
from sutazai_policy.engine_host import engine_host
from sutazai_policy.facts import Container, Facts
from sutazai_policy.host import Host, Occupant
from sutazai_policy.kernel import cgroup_memory
from sutazai_policy.labels import STACK
from sutazai_policy.looked import Looked
from sutazai_policy.resource import Provider
from sutazai_policy.rule import Sees
from sutazai_policy.running import Running
from sutazai_policy.settings import HostSettings, SettingsError
from sutazai_policy.units import MIB

__all__ = ["Survey"]

_DOCKER = "pulumi:providers:docker::"
_SWARM_SERVICE = "com.docker.swarm.service.name"


class Survey:
    """Looks at the hosts that rules judge one stack by; the engine is asked each question once.

    `looked` keeps what is the same for other judgements: the engine's size, not whose its containers are.
    """

    def __init__(self, facts: Facts, environ: Mapping[str, str], looked: Looked) -> None:
        self._facts = facts
        self._environ = environ
        self._looked = looked
        self._looked_here = Looked()

    def host(self, settings: HostSettings, sees: Sees) -> Host:
        """Return the host; raises SettingsError for one without room, EngineError if a look at the engine fails.

        Only on a measured host does anything run: a declared one stands for a machine that isn't here.
        """
        if not settings.measured:
            return _host(settings, 0, 0)
        once = self._looked_here.once
        once("elsewhere", self._ask_where_it_runs)
        size, is_here = self._looked.once("engine", self._ask_for_its_size)
        host = _host(settings, *size)
        if is_here:
            host = replace(host, cgroups=once("cgroups", lambda: _cgroups(self._facts)))
        if sees is Sees.OCCUPANTS:
            return replace(host, occupants=once("occupants", self._ask_for_occupants))
        if sees is Sees.RUNNING:
            return replace(host, running=once("running", self._ask_for_running))
        return host

    def _ask_where_it_runs(self) -> None:
        """Refuse to measure one engine for containers that a provider makes on another; raises EngineError."""
        with Engine(self._environ) as engine:
            asked = engine_host(Provider("", {"host": engine.address})).value
        providers = {one.provider.urn: one.provider for one in self._facts.resources if one.provider is not None}
        for urn, provider in sorted(providers.items()):
            made = engine_host(provider)
            if _DOCKER in urn and made.value not in (None, asked, engine_host(None).value):
                where = "an engine that is a secret" if made.secret else made.value
                raise EngineError(
                    f"{asked} would be asked, and {urn.rpartition('::')[2]} makes what it makes on {where}"
                )

    def _ask_for_its_size(self) -> tuple[tuple[int, int], bool]:
        with Engine(self._environ) as engine:
            return engine.size(), engine.is_here

    def _ask_for_occupants(self) -> tuple[Occupant, ...]:
        with Engine(self._environ) as engine:
            return engine.occupants(self._listed(engine), _Ownership(self._facts).is_own)

    def _ask_for_running(self) -> dict[str, Running]:
        with Engine(self._environ) as engine:
            return engine.running(self._listed(engine), {_name(one) for one in self._facts.containers})

    def _listed(self, engine: Engine) -> Listed:
        return self._looked_here.once("listed", engine.listed)


def _host(settings: HostSettings, measured_cores: int, measured_memory: int) -> Host:
    host = Host.scaled(
        cores=measured_cores if settings.cores == "auto" else settings.cores,
        memory=measured_memory if settings.memory_mib == "auto" else settings.memory_mib * MIB,
        reserved_cores=settings.reserved_cores,
        system_reserve=_bytes(settings.system_reserve_mib),
        emergency_reserve=_bytes(settings.emergency_reserve_mib),
        measured=settings.measured,
    )
    if not host.usable_cores:
        raise SettingsError(f"host.reserved_cores: leaves none of {host.cores} cores: reserve fewer")
    if host.usable_memory <= 0:
        raise SettingsError(
            "host: the reserves leave no memory: lower system_reserve_mib or emergency_reserve_mib"
        )
    return host


def _name(one: Container) -> str:
    """Return the name as the engine lists it, which takes a slash before it and drops it."""
    return (one.docker_name.value or "").removeprefix("/")


def _cgroups(facts: Facts) -> tuple[tuple[str, int | None], ...]:
    """Ask the kernel about every parent cgroup that the stack names; one that isn't there holds nothing."""
    parents = {one.cgroup_parent.value for one in facts.containers} - {None}
    return tuple((parent, cgroup_memory(parent)) for parent in sorted(filter(None, parents)))


def _bytes(mib: int | None) -> int | None:
    return None if mib is None else mib * MIB


class _Ownership:
    """Tells the stack's running containers, which its resources count already, from the host's other ones.

    A container that this update replaces or removes is the stack's by its label, whatever it is called by
    now. One that is registered as stopped isn't counted by its resource, so if it runs all the same, it is an
    occupant.
    """

    def __init__(self, facts: Facts) -> None:
        self._stack = facts.stack
        self._running = {_name(one) for one in facts.containers if one.runs}
        self._stopped = {_name(one) for one in facts.containers if not one.runs}
        self._services = {one.docker_name.value for one in facts.services} - {None}

    def is_own(self, name: str, labels: Mapping[str, str]) -> bool:
        if name in self._running or labels.get(_SWARM_SERVICE) in self._services:
            return True
        return labels.get(STACK) == self._stack is not None and name not in self._stopped
