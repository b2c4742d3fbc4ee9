"""Files of a pool's services, secret ones too, below roots that are read-only.

The provider can put files only into a container whose root is writable, and a service's isn't. So the files go
into volumes, one for each folder of each service, by way of one container that is created and never started; the
service mounts its own volumes, read-only. Nothing secret passes through an environment or the host's files.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from string import Template

import pulumi
import pulumi_docker as docker

from sutazai_infra.model.container import CARRIER_LOGS, ContainerSpec, FileSpec, carrier_name, file_volumes

__all__ = ["Files", "FilesArgs", "names_in"]

LEAST_MIB = 6  # Docker takes no smaller limit
LEAST_SHARES = 2


@dataclass(frozen=True)
class FilesArgs:
    """The stack, the pool, those of its services that have files, and secrets by name."""

    stack: str
    pool: str
    containers: tuple[ContainerSpec, ...]
    secrets: Mapping[str, pulumi.Output[str]]


class Files(pulumi.ComponentResource):
    """Volumes with files in them. `mounts` maps a service's instance to its volumes: path -> name."""

    mounts: dict[str, dict[str, str]]
    carrier: docker.Container

    def __init__(self, name: str, args: FilesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("sutazai:index:Files", name, None, opts)
        self.mounts = {c.instance: file_volumes(args.stack, c) for c in args.containers}
        volumes = [self._volume(args.stack, v) for mounts in self.mounts.values() for v in mounts.values()]
        self.carrier = docker.Container(
            name,
            self._carrier_args(args),
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True, depends_on=volumes),
        )
        self.register_outputs({"volumes": sorted(v for mounts in self.mounts.values() for v in mounts.values())})

    def _volume(self, stack: str, name: str) -> docker.Volume:
        label = docker.VolumeLabelArgs(label="sutazai.stack", value=stack)
        opts = pulumi.ResourceOptions(parent=self)
        key = name.removeprefix(f"sutazai-{stack}-")
        return docker.Volume(f"vol-{key}", docker.VolumeArgs(name=name, labels=[label]), opts=opts)

    def _carrier_args(self, args: FilesArgs) -> docker.ContainerArgs:
        like = args.containers[0]
        labels = {
            "sutazai.stack": args.stack,
            "sutazai.service": f"{args.pool}-files",
            "sutazai.pool": args.pool,
            "sutazai.tier": str(like.tier),
            "sutazai.priority": like.priority,
        }
        return docker.ContainerArgs(
            name=carrier_name(args.stack, args.pool),
            image=like.image,  # any image that is there: it never runs
            start=False,
            must_run=False,
            network_mode="none",
            cpu_set=like.core_set,
            cpu_shares=LEAST_SHARES,
            memory=LEAST_MIB,
            memory_swap=LEAST_MIB,
            memory_reservation=LEAST_MIB,
            cgroup_parent=like.cgroup_parent,
            restart="no",
            log_driver="json-file",
            log_opts={"max-size": f"{CARRIER_LOGS.size}m", "max-file": str(CARRIER_LOGS.files)},
            capabilities=docker.ContainerCapabilitiesArgs(drops=["ALL"]),
            security_opts=["no-new-privileges:true"],
            labels=[docker.ContainerLabelArgs(label=label, value=value) for label, value in labels.items()],
            destroy_grace_seconds=1,
            volumes=[
                docker.ContainerVolumeArgs(volume_name=volume, container_path=f"/files/{volume}")
                for mounts in self.mounts.values()
                for volume in mounts.values()
            ],
            uploads=[
                self._upload(container, file, args.secrets)
                for container in args.containers
                for file in container.files
            ],
        )

    def _upload(
        self, container: ContainerSpec, file: FileSpec, secrets: Mapping[str, pulumi.Output[str]]
    ) -> docker.ContainerUploadArgs:
        path = PurePosixPath(file.path)
        volume = self.mounts[container.instance][str(path.parent)]
        return docker.ContainerUploadArgs(
            file=f"/files/{volume}/{path.name}",
            content=_filled(file.content, secrets) if file.secret else file.content,
            permissions="0444",  # the service's user reads it; only root reaches the volume on the host
        )


def names_in(template: str) -> list[str]:
    """List the secrets that a template asks for."""
    return _SecretTemplate(template).get_identifiers()


def _filled(template: str, secrets: Mapping[str, pulumi.Output[str]]) -> pulumi.Output[str]:
    """Fill `${name}` from the secrets; the whole becomes a secret."""
    wanted = {name: secrets[name] for name in names_in(template)}
    filled = pulumi.Output.all(**wanted).apply(lambda values: _SecretTemplate(template).substitute(values))
    return pulumi.Output.secret(filled)


class _SecretTemplate(Template):
    """Secret names have dashes."""

    idpattern = r"[a-z][a-z0-9-]*"
