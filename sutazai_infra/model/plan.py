"""The plan: catalogue + host + settings, fully resolved, and its ledger. `sutazai plan --json` prints it as it is.

The JSON form is a stable interface: fields may be added, none is renamed or removed within one `version`.
"""

from __future__ import annotations

from enum import StrEnum
from hashlib import sha256
from typing import Literal

from pydantic import Field

from sutazai_infra.model.base import Frozen
from sutazai_infra.model.coreset import CoreSet
from sutazai_infra.model.host import Host
from sutazai_infra.model.service import Kind, PriorityClass

__all__ = [
    "Disabled",
    "GroupCores",
    "LedgerLine",
    "Plan",
    "PlannedService",
    "PoolPlan",
    "ProbePeak",
    "QosClass",
    "Scale",
]


class QosClass(StrEnum):
    """As in Kubernetes: guaranteed (request = limit), burstable, best-effort (no request)."""

    GUARANTEED = "guaranteed"
    BURSTABLE = "burstable"
    BEST_EFFORT = "best-effort"


class PlannedService(Frozen):
    """One replica, placed. CPU in cores, memory in MiB, `weight` as Docker's `cpu_shares`.

    `cpu_limit` is what it can really take: the smaller of its declared limit and its core set. `state` is `slot`
    for a job or tool, which is no container until it is started, and so takes nothing of the budget yet.
    """

    name: str
    instance: str = Field(description="Name among its replicas: `api`, `api-2`, `api-3`.")
    kind: Kind
    pool: str
    tier: int
    priority: int
    priority_class: PriorityClass
    replica: int = Field(ge=1)
    state: Literal["resident", "slot"] = "resident"
    group: str | None = None
    core_set: CoreSet
    borrowed: bool = Field(False, description="Runs on cores that another pool owns, at a lower weight.")
    cpu_request: float = Field(ge=0)
    cpu_limit: float = Field(gt=0)
    cpu_quota: float = Field(gt=0, description="The declared CPU limit, at most the host's cores.")
    memory_request_mib: int = Field(ge=0)
    memory_limit_mib: int = Field(gt=0)
    weight: int = Field(ge=2)
    qos: QosClass
    stage: int = Field(ge=0, description="Starts when every stage below it is healthy.")
    depends_on: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    probe_interval_ms: int = Field(ge=0)


class LedgerLine(Frozen):
    """One budget: what of it is used. `held` is false when it is broken."""

    scope: str = Field(description="host, system, tier 1, pool agents, cores 2-9, slots ml, ...")
    dimension: str = Field(description="cpu requests, cpu limits, memory requests, memory limits, ...")
    unit: Literal["cores", "MiB", "count"]
    used: float
    limit: float
    held: bool
    note: str = ""


class GroupCores(Frozen):
    """A core group and the cores it got."""

    name: str
    core_set: CoreSet
    cpu_request: float


class PoolPlan(Frozen):
    """A pool and what its cgroup carries."""

    name: str
    tier: int
    core_set: CoreSet
    borrowed: CoreSet
    weight: int
    pids: int
    memory_mib: int


class Disabled(Frozen):
    """A service that the stack doesn't run, and why."""

    name: str
    reason: str


class Scale(Frozen):
    """What the requests were multiplied by to fit this host; 1 where they fit as declared."""

    cpu: float = 1.0
    memory: float = 1.0


class ProbePeak(Frozen):
    """The busiest second of the first hour after a common start: probes in it, of all services that probe."""

    probes: int
    services: int
    allowed: int


class Plan(Frozen):
    """What will run, where, with what; and the sums that show that it fits."""

    version: Literal[1] = 1
    host: Host
    scale: Scale
    groups: tuple[GroupCores, ...]
    pools: tuple[PoolPlan, ...]
    services: tuple[PlannedService, ...]
    ledger: tuple[LedgerLine, ...]
    probe_peak: ProbePeak
    eviction_order: tuple[str, ...] = Field((), description="Who goes first when memory runs out.")
    disabled: tuple[Disabled, ...] = ()
    notes: tuple[str, ...] = ()

    def pool(self, name: str) -> PoolPlan:
        """Return the pool of that name; raises `KeyError`."""
        return {pool.name: pool for pool in self.pools}[name]

    @property
    def fingerprint(self) -> str:
        """Twelve hex digits that are the same for the same plan alone: the first of its JSON's SHA-256."""
        return sha256(self.model_dump_json().encode()).hexdigest()[:12]

    @property
    def residents(self) -> tuple[PlannedService, ...]:
        """What becomes a container of the stack, in start order."""
        return tuple(
            sorted((s for s in self.services if s.state == "resident"), key=lambda s: (s.stage, s.instance))
        )
