"""A pool: its own network, and its services."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_docker as docker

from sutazai_infra.components.files import Files, FilesArgs
from sutazai_infra.components.service import Service, ServiceArgs
from sutazai_infra.model.container import ContainerSpec, NetworkSpec

__all__ = ["Pool", "PoolArgs"]


@dataclass(frozen=True)
class PoolArgs:
    """What a pool declares: its own `network`, and services with their `images` (by reference) and `needs`.

    `versions` are the numbers of the secrets' values.
    """

    stack: str
    pool: str
    network: NetworkSpec | None
    containers: tuple[ContainerSpec, ...]
    secrets: Mapping[str, pulumi.Output[str]]
    versions: Mapping[str, int]
    images: Mapping[str, pulumi.Resource]
    needs: tuple[pulumi.Resource, ...] = ()


class Pool(pulumi.ComponentResource):
    """A pool's network and files. Services are added in start order, since they wait for other pools', too."""

    network: docker.Network | None
    files: Files | None
    services: dict[str, Service]

    def __init__(self, name: str, args: PoolArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("sutazai:index:Pool", name, None, opts)
        self._args = args
        self.services = {}
        self.network = None
        if args.network is not None:
            self.network = network(args.stack, args.network, parent=self)
        with_files = tuple(container for container in args.containers if container.files)
        self.files = self._files(with_files) if with_files else None
        self.register_outputs({"pool": args.pool, "services": [c.name for c in args.containers]})

    def add(self, spec: ContainerSpec, needs: list[pulumi.Resource]) -> Service:
        """Declare one of the pool's services; it starts when everything that it needs is healthy."""
        needed = [*self._args.needs, *needs, self._args.images[spec.image]]
        if self.network is not None:
            needed.append(self.network)
        file_volumes = {}
        if self.files is not None and spec.files:
            needed.append(self.files.carrier)
            file_volumes = self.files.mounts[spec.instance]
        service = Service(
            spec.instance,
            ServiceArgs(self._args.stack, spec, file_volumes, self._args.versions),
            opts=pulumi.ResourceOptions(parent=self, depends_on=needed),
        )
        self.services[spec.instance] = service
        return service

    def _files(self, containers: tuple[ContainerSpec, ...]) -> Files:
        args = FilesArgs(self._args.stack, self._args.pool, containers, self._args.secrets)
        image = self._args.images[containers[0].image]
        opts = pulumi.ResourceOptions(parent=self, depends_on=[image])
        return Files(f"{self._args.pool}-files", args, opts=opts)


def network(stack: str, spec: NetworkSpec, parent: pulumi.Resource) -> docker.Network:
    """Declare a bridge network with the stack's label."""
    return docker.Network(
        f"net-{spec.key}",
        docker.NetworkArgs(
            name=spec.name,
            driver="bridge",
            internal=spec.internal,
            labels=[docker.NetworkLabelArgs(label="sutazai.stack", value=stack)],
        ),
        opts=pulumi.ResourceOptions(parent=parent),
    )
