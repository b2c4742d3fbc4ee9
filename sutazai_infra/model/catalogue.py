"""The catalogue: every service, pool, tier, network link, volume and image, checked against each other."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from sutazai_infra.model.base import Frozen
from sutazai_infra.model.quantities import MemoryMiB, Millicores, Seconds
from sutazai_infra.model.service import Name, Service

__all__ = [
    "Borrow",
    "Catalogue",
    "Group",
    "Image",
    "Link",
    "Pool",
    "ProbeClient",
    "Scaling",
    "Tier",
    "Volume",
]


class Scaling(StrEnum):
    """How a pool grows: never, by load, in bursts that preempt, or up to a number at a time."""

    FIXED = "fixed"
    AUTOSCALED = "autoscaled"
    BURST = "burst"
    LIMITED = "limited"


class ProbeClient(StrEnum):
    """What an image has to probe itself with."""

    CURL = "curl"
    WGET = "wget"
    BUSYBOX = "busybox"
    BASH = "bash"
    PYTHON = "python"
    NONE = "none"


class Image(Frozen):
    """Where an image comes from: pinned upstream, and the folder of `images/` that builds its twin."""

    upstream: str = Field(pattern=r"^[a-z0-9./_-]+(:[\w.-]+)?(@sha256:[0-9a-f]{64})?$")
    built: Name | None = Field(None, description="Folder below images/, where there is a package to build from.")
    unbuilt_reason: str = Field("", description="Why no image can be built here.")
    user: str | None = Field(None, pattern=r"^\d+(:\d+)?$", description="uid[:gid] the container runs as.")
    built_user: str | None = Field(None, pattern=r"^\d+(:\d+)?$", description="The same, in the built image.")
    probe_client: ProbeClient = ProbeClient.WGET
    built_probe_client: ProbeClient = ProbeClient.CURL

    @model_validator(mode="after")
    def _pinned_and_explained(self) -> Self:
        tag = self.upstream.rpartition("/")[2]
        if "@" not in tag and (":" not in tag or tag.endswith(":latest")):
            raise ValueError(f"upstream: {self.upstream} isn't pinned; name a version or a digest")
        if self.built is None and not self.unbuilt_reason:
            raise ValueError("unbuilt_reason: say why there is no image to build")
        return self


class Tier(Frozen):
    """A quota, at the reference host; other hosts scale it."""

    number: int = Field(ge=1, le=9)
    name: str
    request_cpu: Millicores
    request_memory: MemoryMiB
    limit_cpu: Millicores
    limit_memory: MemoryMiB


class Group(Frozen):
    """Services that own a part of the cores together; its share follows from their requests."""

    name: Name
    description: str = ""


class Borrow(Frozen):
    """Cores of another group that a pool may run on at its own, lower weight: `share` of them or `cores`."""

    group: Name
    share: float | None = Field(None, gt=0, le=1)
    cores: int | None = Field(None, ge=1)

    @model_validator(mode="after")
    def _one_measure(self) -> Self:
        if (self.share is None) == (self.cores is None):
            raise ValueError("give either share or cores")
        return self


class Pool(Frozen):
    """Where services run: its groups or borrowed cores, memory, weight under contention, and scaling mode."""

    name: Name
    tier: int
    scaling: Scaling
    memory: MemoryMiB
    shares_buffer_with: Name | None = Field(None, description="The pool whose memory this one's is a part of.")
    weight: int = Field(ge=1, le=10000, description="CPU weight of the pool cgroup, as cgroup v2 counts.")
    pids: int = Field(ge=1, description="Most processes and threads in the pool.")
    groups: tuple[Name, ...] = Field((), description="Core groups that it owns.")
    borrows: tuple[Borrow, ...] = Field((), description="Cores that it runs on without owning them.")
    expands: tuple[Borrow, ...] = Field((), description="Cores that it borrows when its own are too few.")
    overflows_to: Name | None = Field(None, description="The pool that takes agents beyond the tier's quota.")
    concurrency: int | None = Field(None, ge=1, description="Most jobs or tools at a time.")
    cpu_ceiling: Millicores | None = Field(None, description="Most CPU that its members may take together.")
    probe_interval: Seconds = 30
    restart_retries: int = Field(5, ge=0)

    @model_validator(mode="after")
    def _has_cores(self) -> Self:
        if not self.groups and not self.borrows:
            raise ValueError(f"groups: pool {self.name} neither owns nor borrows any core")
        return self


class Link(Frozen):
    """A network of its own from some pools or services to one service: nothing else crosses pools."""

    to: Name
    from_pools: tuple[Name, ...] = ()
    from_services: tuple[Name, ...] = ()
    reason: str


class Volume(Frozen):
    """A named volume; one with data is protected and kept when the stack is destroyed."""

    name: Name
    data: bool = True
    shared: str | None = Field(None, description="The reason why several services may mount it.")


class Catalogue(Frozen):
    """Everything that can run, whichever stack runs it."""

    tiers: tuple[Tier, ...]
    groups: tuple[Group, ...]
    pools: tuple[Pool, ...]
    links: tuple[Link, ...] = ()
    volumes: tuple[Volume, ...] = ()
    images: dict[Name, Image]
    secrets: dict[Name, str] = Field({}, description="Secret -> what it is for; generated where not given.")
    services: tuple[Service, ...]

    @model_validator(mode="after")
    def _references_hold(self) -> Self:
        problems = [
            *_duplicates(self),
            *_pool_problems(self),
            *_service_problems(self),
            *_network_problems(self),
        ]
        if problems:
            raise ValueError("\n".join(problems))
        return self

    def service(self, name: str) -> Service:
        """Return the service of that name; raises `KeyError`."""
        return next(service for service in self.services if service.name == name)

    def pool(self, name: str) -> Pool:
        """Return the pool of that name; raises `KeyError`."""
        return {pool.name: pool for pool in self.pools}[name]

    def tier(self, number: int) -> Tier:
        """Return the tier of that number; raises `KeyError`."""
        return {tier.number: tier for tier in self.tiers}[number]


def _duplicates(catalogue: Catalogue) -> Iterable[str]:
    for kind in ("groups", "pools", "volumes", "services"):
        seen: set[str] = set()
        for item in getattr(catalogue, kind):
            if item.name in seen:
                yield f"{kind}/{item.name}: declared twice"
            seen.add(item.name)


def _pool_problems(catalogue: Catalogue) -> Iterable[str]:
    tiers = {tier.number for tier in catalogue.tiers}
    groups = {group.name for group in catalogue.groups}
    pools = {pool.name for pool in catalogue.pools}
    for pool in catalogue.pools:
        if pool.tier not in tiers:
            yield f"pools/{pool.name}/tier: there is no tier {pool.tier}"
        named = {*pool.groups, *(borrow.group for borrow in (*pool.borrows, *pool.expands))}
        yield from (f"pools/{pool.name}: there is no group {name!r}" for name in sorted(named - groups))
        others = {name for name in (pool.overflows_to, pool.shares_buffer_with) if name}
        yield from (f"pools/{pool.name}: there is no pool {name!r}" for name in sorted(others - pools))
    yield from _weight_problems(catalogue)


def _weight_problems(catalogue: Catalogue) -> Iterable[str]:
    for fixed in (pool for pool in catalogue.pools if pool.scaling is Scaling.FIXED):
        borrowers = sum(pool.weight for pool in catalogue.pools if pool is not fixed)
        if fixed.weight < 2 * borrowers:
            yield (
                f"pools/{fixed.name}/weight: {fixed.weight} is below twice the {borrowers} of all other pools; "
                f"raise it to {2 * borrowers}"
            )


def _service_problems(catalogue: Catalogue) -> Iterable[str]:
    pools = {pool.name: pool for pool in catalogue.pools}
    names = {service.name for service in catalogue.services}
    for service in catalogue.services:
        at = f"services/{service.name}"
        yield from _place_problems(at, service, pools.get(service.pool))
        if service.image not in catalogue.images:
            yield f"{at}/image: there is no image {service.image!r}"
        else:
            yield from _probe_problems(at, service, catalogue.images[service.image])
        for needed in sorted({*service.depends_on, *service.after} - names):
            yield f"{at}/depends_on: there is no service {needed!r}"
        if service.tuned_by not in {None, *names}:
            yield f"{at}/tuned_by: there is no service {service.tuned_by!r}"
        named = {name for secret in service.secrets for name in secret.names}
        yield from (
            f"{at}/secrets: there is no secret {name!r}" for name in sorted(named - set(catalogue.secrets))
        )
    yield from _mount_problems(catalogue)


def _place_problems(at: str, service: Service, pool: Pool | None) -> Iterable[str]:
    if pool is None:
        yield f"{at}/pool: there is no pool {service.pool!r}"
    elif service.group is not None and service.group not in pool.groups:
        yield f"{at}/group: pool {pool.name} doesn't own group {service.group!r}"
    elif service.group is None and len(pool.groups) > 1:
        yield f"{at}/group: pool {pool.name} owns {', '.join(pool.groups)}; say which"


def _probe_problems(at: str, service: Service, image: Image) -> Iterable[str]:
    asks = service.probe is not None and service.probe.command is None
    if asks and image.probe_client is ProbeClient.NONE:
        yield f"{at}/probe: image {service.image} has no client to ask itself with; give a command"


def _mount_problems(catalogue: Catalogue) -> Iterable[str]:
    volumes = {volume.name: volume for volume in catalogue.volumes}
    owners: dict[str, str] = {}
    for service in catalogue.services:
        for mount in service.mounts:
            at = f"services/{service.name}/mounts"
            owner = owners.setdefault(mount.volume, service.name)
            if mount.volume not in volumes:
                yield f"{at}: there is no volume {mount.volume!r}"
            elif owner != service.name and not volumes[mount.volume].shared:
                yield f"{at}: volume {mount.volume} belongs to {owner}; declare it shared, with a reason"


def _network_problems(catalogue: Catalogue) -> Iterable[str]:
    names = {service.name for service in catalogue.services}
    pools = {pool.name for pool in catalogue.pools}
    for link in catalogue.links:
        for missing in sorted({link.to, *link.from_services} - names):
            yield f"links/{link.to}: there is no service {missing!r}"
        for missing in sorted(set(link.from_pools) - pools):
            yield f"links/{link.to}: there is no pool {missing!r}"
