"""One container with everything that the plan decided about it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from pathlib import PurePosixPath
from string import Template

import pulumi
import pulumi_docker as docker

from sutazai_infra.model.container import ContainerSpec

__all__ = ["Service", "ServiceArgs"]

LOG_LIMITS = {"max-size": "10m", "max-file": "3"}


class ServiceArgs:
    """What a service needs besides its spec: the stack, and secrets by name."""

    def __init__(self, stack: str, spec: ContainerSpec, secrets: Mapping[str, pulumi.Output[str]]) -> None:
        self.stack = stack
        self.spec = spec
        self.secrets = secrets


class Service(pulumi.ComponentResource):
    """A service: its container, pinned and limited. Outputs: `name`, `core_set`, `memory_mib`.

    Deliberately creates no network and no volume: those are the pool's and the platform's.
    """

    container: docker.Container

    def __init__(self, name: str, args: ServiceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("sutazai:index:Service", name, None, opts)
        self.container = docker.Container(
            name,
            _container_args(args),
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        )
        self.register_outputs(
            {"name": args.spec.name, "coreSet": args.spec.core_set, "memoryMib": args.spec.memory_mib}
        )


def _container_args(args: ServiceArgs) -> docker.ContainerArgs:
    spec = args.spec
    return docker.ContainerArgs(
        name=spec.name,
        image=spec.image,
        command=list(spec.command) or None,
        envs=[f"{key}={value}" for key, value in sorted(spec.env.items())],
        user=spec.user,
        labels=_labels(args),
        cpu_set=spec.core_set,
        cpu_shares=spec.cpu_shares,
        cpus=None if spec.cpus is None else f"{spec.cpus:.3f}".rstrip("0").rstrip("."),
        memory=spec.memory_mib,
        memory_swap=spec.memory_mib,  # unset, every second update wants to change it
        memory_reservation=spec.memory_reservation_mib,
        cgroup_parent=spec.cgroup_parent,
        restart="on-failure",
        max_retry_count=spec.restart_retries,
        read_only=spec.read_only,
        capabilities=docker.ContainerCapabilitiesArgs(drops=["ALL"], adds=list(spec.capabilities)),
        security_opts=["no-new-privileges:true"],
        tmpfs={path: f"rw,nosuid,nodev,size={mib}m" for path, mib in sorted(spec.tmpfs.items())} or None,
        volumes=_volumes(spec),
        uploads=_uploads(args),
        network_mode=spec.networks[0],  # explicit: the provider's default differs from what Docker reports
        networks_advanced=[
            docker.ContainerNetworksAdvancedArgs(name=network, aliases=_aliases(spec)) for network in spec.networks
        ],
        ports=[
            docker.ContainerPortArgs(internal=port.container, external=port.host, ip="127.0.0.1")
            for port in spec.ports
        ],
        log_driver="json-file",
        log_opts=LOG_LIMITS,
        healthcheck=docker.ContainerHealthcheckArgs(
            tests=list(spec.health.test),
            interval=_duration(spec.health.interval_ms),
            timeout=_duration(1000 * spec.health.timeout_s),
            start_period=_duration(1000 * spec.health.start_period_s),
            retries=spec.health.retries,
        ),
        destroy_grace_seconds=spec.stop_grace_s,  # unset means an immediate SIGKILL
        stop_timeout=spec.stop_grace_s,
        stop_signal=spec.stop_signal,
        wait=spec.awaited,
        wait_timeout=300,
        must_run=True,
    )


def _labels(args: ServiceArgs) -> Sequence[docker.ContainerLabelArgs]:
    """Identity only, and one hash: of what the provider accepts but never applies to a running container."""
    spec = args.spec
    unapplied = json.dumps([spec.health.model_dump(), spec.tmpfs], sort_keys=True)
    labels = {
        "sutazai.stack": args.stack,
        "sutazai.service": spec.service,
        "sutazai.instance": spec.instance,
        "sutazai.pool": spec.pool,
        "sutazai.tier": str(spec.tier),
        "sutazai.priority": spec.priority,
        "sutazai.replaces-on": blake2b(unapplied.encode(), digest_size=6).hexdigest(),
    }
    return [docker.ContainerLabelArgs(label=label, value=value) for label, value in labels.items()]


def _volumes(spec: ContainerSpec) -> Sequence[docker.ContainerVolumeArgs]:
    volumes = [
        docker.ContainerVolumeArgs(volume_name=m.volume, container_path=m.path, read_only=m.read_only)
        for m in spec.mounts
    ]
    # A file can be put below a read-only root only into a volume; these go with the container.
    volumes += [docker.ContainerVolumeArgs(container_path=folder) for folder in _file_folders(spec)]
    return volumes


def _file_folders(spec: ContainerSpec) -> Sequence[str]:
    mounted = {mount.path for mount in spec.mounts}
    return sorted({str(PurePosixPath(file.path).parent) for file in spec.files} - mounted)


def _uploads(args: ServiceArgs) -> Sequence[docker.ContainerUploadArgs]:
    return [
        docker.ContainerUploadArgs(
            file=file.path,
            content=_filled(file.content, args.secrets) if file.secret else file.content,
            permissions="0444",  # the container's user reads it; nobody else can see the volume
        )
        for file in args.spec.files
    ]


def _filled(template: str, secrets: Mapping[str, pulumi.Output[str]]) -> pulumi.Output[str]:
    """Fill `${name}` from the secrets; the whole becomes a secret."""
    wanted = {name: secrets[name] for name in _SecretTemplate(template).get_identifiers()}
    filled = pulumi.Output.all(**wanted).apply(lambda values: _SecretTemplate(template).substitute(values))
    return pulumi.Output.secret(filled)


class _SecretTemplate(Template):
    """Secret names have dashes."""

    idpattern = r"[a-z][a-z0-9-]*"


def _aliases(spec: ContainerSpec) -> list[str]:
    return sorted({spec.service, spec.instance})


def _duration(milliseconds: int) -> str:
    """Write a duration as Docker reads it back: the provider compares text, so `60000ms` would never settle."""
    seconds, rest = divmod(milliseconds, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    if not hours and not minutes and not seconds:
        return f"{rest}ms" if rest else "0s"
    fraction = f".{rest:03d}".rstrip("0") if rest else ""
    return f"{f'{hours}h' if hours else ''}{f'{minutes}m' if hours or minutes else ''}{seconds}{fraction}s"
