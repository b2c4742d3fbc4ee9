"""One container with everything that the plan decided about it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b

import pulumi
import pulumi_docker as docker

from sutazai_infra.components.files import names_in
from sutazai_infra.model.container import ContainerSpec, HealthSpec

__all__ = ["Service", "ServiceArgs"]


@dataclass(frozen=True)
class ServiceArgs:
    """What a service needs besides its spec: the stack, and volumes that hold its files (path -> name).

    `versions` are the secrets' numbers, by name: with another one, who reads that secret at its start is replaced.
    """

    stack: str
    spec: ContainerSpec
    file_volumes: Mapping[str, str] = field(default_factory=dict)
    versions: Mapping[str, int] = field(default_factory=dict)


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
        cpus=None if spec.cpus is None else _cpus(spec.cpus),
        memory=spec.memory_mib,
        memory_swap=spec.memory_mib,  # unset, every second update wants to change it
        memory_reservation=spec.memory_reservation_mib,
        cgroup_parent=spec.cgroup_parent,
        restart="on-failure",
        max_retry_count=spec.restart_retries,
        read_only=spec.read_only,
        capabilities=docker.ContainerCapabilitiesArgs(drops=["ALL"], adds=list(spec.capabilities)),
        security_opts=["no-new-privileges:true"],
        tmpfs=_tmpfs(spec) or None,
        volumes=_volumes(args),
        # With a network's name here the provider attaches it itself, without the aliases; from the default bridge
        # it takes the container off again when there are others.
        network_mode="bridge" if spec.networks else "none",
        networks_advanced=[
            docker.ContainerNetworksAdvancedArgs(name=network, aliases=_aliases(spec)) for network in spec.networks
        ],
        ports=[
            docker.ContainerPortArgs(internal=port.container, external=port.host, ip="127.0.0.1")
            for port in spec.ports
        ],
        log_driver="json-file",
        log_opts={"max-size": f"{spec.log_size_mib}m", "max-file": str(spec.log_files)},
        healthcheck=_healthcheck(spec.health),
        destroy_grace_seconds=spec.stop_grace_s,  # unset means an immediate SIGKILL
        stop_timeout=spec.stop_grace_s,
        stop_signal=spec.stop_signal,
        wait=spec.awaited,
        wait_timeout=_patience(spec),
        must_run=True,
    )


def _labels(args: ServiceArgs) -> Sequence[docker.ContainerLabelArgs]:
    """Identity, and a hash of what can change without the provider ever applying it to a container."""
    spec = args.spec
    labels = {
        "sutazai.stack": args.stack,
        "sutazai.service": spec.service,
        "sutazai.instance": spec.instance,
        "sutazai.pool": spec.pool,
        "sutazai.tier": str(spec.tier),
        "sutazai.priority": spec.priority,
        "sutazai.replaces-on": _replaces_on(spec, args.versions),
    }
    return [docker.ContainerLabelArgs(label=label, value=value) for label, value in labels.items()]


def _replaces_on(spec: ContainerSpec, versions: Mapping[str, int]) -> str:
    """Begin with the digest that the policy pack computes from the registered properties; then the files'.

    Of a secret it holds the number, never the value: a label is there for everybody to read.
    """
    times = {key: text for key, text in _probe_times(spec.health).items() if text != "0s"}
    probe = {"tests": list(spec.health.test), "retries": spec.health.retries, **times}
    applied_never = {"healthcheck": probe} | ({"tmpfs": _tmpfs(spec)} if spec.tmpfs else {})
    read = sorted({name for f in spec.files if f.secret and not f.once for name in names_in(f.content)})
    files = [file.model_dump() for file in spec.files] + [{name: versions[name]} for name in read]
    return "-".join([_digest(applied_never), *([_digest(files)] if files else [])])


def _healthcheck(health: HealthSpec) -> docker.ContainerHealthcheckArgs:
    times = _probe_times(health)
    return docker.ContainerHealthcheckArgs(
        tests=list(health.test),
        interval=times["interval"],
        timeout=times["timeout"],
        start_period=times["startPeriod"],
        retries=health.retries,
    )


def _probe_times(health: HealthSpec) -> dict[str, str]:
    """Write the probe's durations, by the names of the properties that are registered."""
    return {
        "interval": _duration(health.interval_ms),
        "timeout": _duration(1000 * health.timeout_s),
        "startPeriod": _duration(1000 * health.start_period_s),
    }


def _digest(value: object) -> str:
    return blake2b(json.dumps(value, sort_keys=True).encode(), digest_size=6).hexdigest()


def _tmpfs(spec: ContainerSpec) -> dict[str, str]:
    return {path: f"rw,nosuid,nodev,size={mib}m" for path, mib in sorted(spec.tmpfs.items())}


def _volumes(args: ServiceArgs) -> Sequence[docker.ContainerVolumeArgs]:
    mounts = [(m.volume, m.path, m.read_only) for m in args.spec.mounts]
    mounts += [(volume, path, True) for path, volume in args.file_volumes.items()]
    volumes = [
        docker.ContainerVolumeArgs(volume_name=volume, container_path=path, read_only=read_only)
        for volume, path, read_only in mounts
    ]
    # Read-only keeps the file from being replaced; what is said through the socket it doesn't limit.
    sockets = [
        docker.ContainerVolumeArgs(host_path=path, container_path=path, read_only=True)
        for path in args.spec.sockets
    ]
    return [*volumes, *sockets]


def _patience(spec: ContainerSpec) -> int:
    """Give up when Docker has: after the start period and one more probe than may fail, in seconds."""
    probe = spec.health.interval_ms // 1000 + 1 + spec.health.timeout_s
    return spec.health.start_period_s + (spec.health.retries + 1) * probe


def _aliases(spec: ContainerSpec) -> list[str]:
    return sorted({spec.service, spec.instance})


def _cpus(cores: float) -> str:
    """Write cores exactly as the provider reads them back (`1.0`, `0.25`), or each update would replace.

    Its rule counts zeros, and so misreads values below 0.1: those are raised to 0.1.
    """
    least = max(cores, 0.1)
    text = f"{least:.9f}"
    return f"{least:.1f}" if text.count("0") == len("000000000") else text.rstrip("0")


def _duration(milliseconds: int) -> str:
    """Write a duration as Docker reads it back: the provider compares text, so `60000ms` would never settle."""
    seconds, rest = divmod(milliseconds, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    if not hours and not minutes and not seconds:
        return f"{rest}ms" if rest else "0s"
    fraction = f".{rest:03d}".rstrip("0") if rest else ""
    return f"{f'{hours}h' if hours else ''}{f'{minutes}m' if hours or minutes else ''}{seconds}{fraction}s"
