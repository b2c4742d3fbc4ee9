"""The catalogue: every service, pool, tier, network link, volume and image, checked against each other."""

from __future__ import annotations

from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from sutazai_infra.model.base import Frozen
from sutazai_infra.model.mesh import Mesh
from sutazai_infra.model.quantities import MemoryMiB, Millicores, Seconds
from sutazai_infra.model.secret import Secret
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
    "SnapshotWay",
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


class SnapshotWay(StrEnum):
    """How a volume's content is taken at one moment: by its server's own means, or while its service is paused."""

    POSTGRES = "postgres"
    REDIS = "redis"
    PAUSE = "pause"


class Volume(Frozen):
    """A named volume; one with data is protected and kept when the stack is destroyed."""

    name: Name
    data: bool = True
    shared: str | None = Field(None, description="The reason why several services may mount it.")
    snapshot: SnapshotWay | None = Field(None, description="How `sutazai snapshot` takes it.")
    no_snapshot: str = Field("", description="The reason why it is in no snapshot.")

    @model_validator(mode="after")
    def _one_answer(self) -> Self:
        if self.snapshot is not None and self.no_snapshot:
            raise ValueError(f"no_snapshot: it is taken by {self.snapshot}; leave one out")
        if self.snapshot is not None and not self.data:
            raise ValueError("snapshot: it may be lost (data: false), so nothing is taken of it")
        return self


class Catalogue(Frozen):
    """Everything that can run, whichever stack runs it."""

    tiers: tuple[Tier, ...]
    groups: tuple[Group, ...]
    pools: tuple[Pool, ...]
    links: tuple[Link, ...] = ()
    mesh: Mesh = Mesh()
    volumes: tuple[Volume, ...] = ()
    images: dict[Name, Image]
    secrets: dict[Name, Secret] = Field({}, description="Generated where not given.")
    services: tuple[Service, ...]

    @model_validator(mode="after")
    def _references_hold(self) -> Self:
        # Imported here, since those checks are about this very class.
        from sutazai_infra.model.references import problems  # noqa: PLC0415

        found = list(problems(self))
        if found:
            raise ValueError("\n".join(found))
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
