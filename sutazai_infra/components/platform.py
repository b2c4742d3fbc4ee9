"""The platform: a stack's links, volumes and pools, with every service started after what it needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_docker as docker

from sutazai_infra.components.pool import Pool, PoolArgs, network
from sutazai_infra.model.container import StackSpec, VolumeSpec
from sutazai_infra.model.plan import Plan

__all__ = ["Platform", "PlatformArgs"]


@dataclass(frozen=True)
class PlatformArgs:
    """The resolved stack, its plan, its secrets by name, the numbers of their values, and whether data is kept."""

    spec: StackSpec
    plan: Plan
    secrets: Mapping[str, pulumi.Output[str]]
    versions: Mapping[str, int]
    keep_data: bool = True


class Platform(pulumi.ComponentResource):
    """Everything of one stack. Output: `plan`, as JSON, which the next planning keeps places from."""

    pools: dict[str, Pool]
    volumes: dict[str, docker.Volume]
    images: dict[str, docker.RemoteImage]

    def __init__(self, name: str, args: PlatformArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("sutazai:index:Platform", name, None, opts)
        spec = args.spec
        pool_names = list(dict.fromkeys(container.pool for container in spec.containers))
        links = [network(spec.stack, n, parent=self) for n in spec.networks if n.key not in pool_names]
        self.volumes = {v.name: self._volume(spec.stack, v, keep=args.keep_data) for v in spec.volumes}
        self.images = {image: self._image(image) for image in sorted({c.image for c in spec.containers})}
        own = {n.key: n for n in spec.networks}
        self.pools = {
            pool: Pool(
                f"pool-{pool}",
                PoolArgs(
                    stack=spec.stack,
                    pool=pool,
                    network=own.get(pool),
                    containers=spec.in_pool(pool),
                    secrets=args.secrets,
                    versions=args.versions,
                    images=self.images,
                    needs=tuple(links),
                ),
                opts=pulumi.ResourceOptions(parent=self),
            )
            for pool in pool_names
        }
        self._start_in_order(spec)
        # The next planning keeps places from this one. Foreign containers come and go: none of its business.
        kept = args.plan.model_copy(update={"host": args.plan.host.model_copy(update={"foreign": ()})})
        self.register_outputs({"plan": kept.model_dump_json()})

    def _start_in_order(self, spec: StackSpec) -> None:
        """Register services stage by stage: each one's dependencies exist before it does."""
        started: dict[str, pulumi.Resource] = {}
        for container in spec.containers:
            needs = [started[name] for name in container.depends_on]
            needs += [self.volumes[mount.volume] for mount in container.mounts]
            started[container.instance] = self.pools[container.pool].add(container, needs)

    def _image(self, reference: str) -> docker.RemoteImage:
        """Have the engine hold an image before the container that used its predecessor is taken down."""
        return docker.RemoteImage(
            f"image-{reference.replace('/', '-').replace(':', '-')}",
            docker.RemoteImageArgs(name=reference, keep_locally=True),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _volume(self, stack: str, spec: VolumeSpec, *, keep: bool) -> docker.Volume:
        kept = spec.data and keep
        return docker.Volume(
            f"vol-{spec.key}",
            docker.VolumeArgs(name=spec.name, labels=[docker.VolumeLabelArgs(label="sutazai.stack", value=stack)]),
            opts=pulumi.ResourceOptions(parent=self, protect=kept, retain_on_delete=kept),
        )
