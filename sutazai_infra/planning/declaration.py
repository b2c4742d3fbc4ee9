"""From the plan to what the components declare: names, images, settings, mounts, networks, health checks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sutazai_infra.model.catalogue import Catalogue, Image
from sutazai_infra.model.cgroup import PoolCgroup
from sutazai_infra.model.container import (
    ContainerSpec,
    FileSpec,
    HealthSpec,
    MountSpec,
    NetworkSpec,
    PortSpec,
    StackSpec,
    VolumeSpec,
)
from sutazai_infra.model.errors import ConfigError
from sutazai_infra.model.plan import Plan, PlannedService
from sutazai_infra.model.service import Service
from sutazai_infra.model.settings import ImageSource, Settings
from sutazai_infra.planning.mesh import mesh_urls
from sutazai_infra.planning.probes import probe_command
from sutazai_infra.planning.tuning import substituted, substituted_secrets, tuned_in

__all__ = ["Target", "declare", "full_name", "pool_cgroups"]

PREFIX = "sutazai"


@dataclass(frozen=True, slots=True)
class Target:
    """Where a plan goes: the stack, images built for it, rendered configurations, the engine's cgroup driver."""

    stack: str
    built_images: Mapping[str, str]
    configs: Mapping[str, str]
    systemd: bool = False


def declare(plan: Plan, catalogue: Catalogue, settings: Settings, target: Target) -> StackSpec:
    """Resolve every resident of the plan to its container, and list the networks and volumes that they use."""
    containers = tuple(_container(row, plan, catalogue, settings, target) for row in plan.residents)
    mounted = {mount.volume for container in containers for mount in container.mounts}
    joined = dict.fromkeys(network for row in plan.residents for network in row.networks)
    pools = {pool.name for pool in catalogue.pools}
    return StackSpec(
        stack=target.stack,
        networks=tuple(
            NetworkSpec(key=key, name=full_name(target.stack, key), internal=key not in pools)
            for key in sorted(joined)
        ),
        volumes=tuple(
            VolumeSpec(key=volume.name, name=full_name(target.stack, volume.name), data=volume.data)
            for volume in catalogue.volumes
            if full_name(target.stack, volume.name) in mounted
        ),
        containers=containers,
    )


def pool_cgroups(plan: Plan, stack: str) -> tuple[PoolCgroup, ...]:
    """List the cgroups that `sutazai host prepare` makes for a plan."""
    return tuple(
        PoolCgroup(
            stack=stack,
            pool=pool.name,
            weight=pool.weight,
            memory_mib=pool.memory_mib,
            pids=pool.pids,
            core_set=pool.core_set or plan.host.usable_cores,
        )
        for pool in plan.pools
    )


def full_name(stack: str, name: str) -> str:
    """Name a resource on the engine: `sutazai-dev-backend`."""
    return f"{PREFIX}-{stack}-{name}"


def _container(
    row: PlannedService, plan: Plan, catalogue: Catalogue, settings: Settings, target: Target
) -> ContainerSpec:
    service = catalogue.service(row.name)
    image = catalogue.images[service.image]
    built = settings.images is ImageSource.BUILT
    pool = catalogue.pool(row.pool)
    values = {
        **tuned_in(plan, service, row.replica),
        **mesh_urls(catalogue, row.pool),
        "instance": row.instance,
        "stack": target.stack,
        "gateway_url": _gateway_url(catalogue, settings),
    }
    command, env = substituted(service, values)
    return ContainerSpec(
        instance=row.instance,
        name=full_name(target.stack, row.instance),
        service=row.name,
        pool=row.pool,
        tier=row.tier,
        priority=row.priority_class.value,
        image=_image_reference(service, image, target) if built else image.upstream,
        command=command,
        env=env,
        user=_user(service, image, built=built),
        read_only=service.writable_root is None,
        tmpfs=dict(service.tmpfs),
        capabilities=tuple(sorted(service.capabilities)),
        networks=tuple(full_name(target.stack, name) for name in row.networks),
        ports=_ports(row, service, settings),
        mounts=tuple(
            MountSpec(volume=full_name(target.stack, m.volume), path=m.path, read_only=m.read_only)
            for m in service.mounts
        ),
        files=_files(service, values, target),
        sockets=tuple(sorted(service.sockets)),
        log_size_mib=service.logs.size,
        log_files=service.logs.files,
        core_set=str(row.core_set),
        cpu_shares=row.weight,
        cpus=None if row.cpu_quota >= plan.host.cores else row.cpu_quota,
        memory_mib=row.memory_limit_mib,
        memory_reservation_mib=max(row.memory_request_mib, 6),
        health=_health(row, service, image, built=built),
        restart_retries=pool.restart_retries,
        stop_grace_s=service.stop_grace,
        stop_signal=service.stop_signal,
        cgroup_parent=_cgroup_parent(row, plan, target),
        depends_on=_depends_on(row, plan),
        awaited=_needed(row, plan),
    )


def _gateway_url(catalogue: Catalogue, settings: Settings) -> str:
    """Return where a person reaches the gateway on this host; its own port where it isn't published."""
    names = {service.name for service in catalogue.services}
    if "gateway" not in names:
        return "http://localhost"
    port = catalogue.service("gateway").ports[0]
    scheme = "https" if port.name == "https" else "http"
    return f"{scheme}://localhost:{settings.publish.get('gateway', port.container)}"


def _depends_on(row: PlannedService, plan: Plan) -> tuple[str, ...]:
    """Name the instances that are healthy before this one starts.

    Its service's earlier replica is one, if others need the service: replaced one by one, never all are away.
    """
    rolling = _needed(row, plan)
    return tuple(
        other.instance
        for other in plan.residents
        if other.name in row.depends_on
        or (rolling and other.name == row.name and other.replica == row.replica - 1)
    )


def _needed(row: PlannedService, plan: Plan) -> bool:
    return any(row.name in other.depends_on for other in plan.residents)


def _user(service: Service, image: Image, *, built: bool) -> str | None:
    """Return the image's own number; root's where the service has a reason, whatever the image says.

    Where upstream's image knows no other user, that is the reason, and a twin that does needs none.
    """
    if service.root_user and not (built and image.user is None and image.built_user):
        return "0:0"
    return image.built_user if built else image.user


def _files(service: Service, values: Mapping[str, str], target: Target) -> tuple[FileSpec, ...]:
    secrets = substituted_secrets(service, values)
    return (
        *(FileSpec(path=s.path, content=s.content, secret=True, once=s.once) for s in secrets),
        *(FileSpec(path=path, content=target.configs[name]) for path, name in service.configs.items()),
    )


def _image_reference(service: Service, image: Image, target: Target) -> str:
    reference = target.built_images.get(image.built or "")
    if reference is None:
        raise ConfigError(f"catalogue/images/{service.image}", [f"built: there is no folder images/{image.built}"])
    return reference


def _ports(row: PlannedService, service: Service, settings: Settings) -> tuple[PortSpec, ...]:
    """Publish only what the stack says, and only from the first replica: two can't share a port."""
    host = settings.publish.get(row.name)
    if host is None or row.replica > 1:
        return ()
    if not service.ports:
        raise ConfigError("settings", [f"publish/{row.name}: {row.name} listens on no port"])
    first = service.ports[0]
    return (PortSpec(container=first.container, host=host, secure=first.name == "https"),)


def _health(row: PlannedService, service: Service, image: Image, *, built: bool) -> HealthSpec:
    probe = service.probe
    if probe is None:
        raise ConfigError("catalogue", [f"services/{row.name}/probe: a resident service needs one"])
    return HealthSpec(
        test=probe_command(probe, image.built_probe_client if built else image.probe_client),
        interval_ms=row.probe_interval_ms,
        timeout_s=probe.timeout,
        retries=probe.retries,
        start_period_s=probe.start_period,
    )


def _cgroup_parent(row: PlannedService, plan: Plan, target: Target) -> str | None:
    if not plan.host.pool_cgroups:
        return None
    cgroup = next(c for c in pool_cgroups(plan, target.stack) if c.pool == row.pool)
    return cgroup.parent(systemd=target.systemd)
