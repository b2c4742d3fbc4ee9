"""What a service was measured to use over a window, and what its requests and limits should be for that."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import Field

from sutazai_infra.model.base import Frozen

__all__ = ["Bounds", "Figure", "Recommendation", "Sample", "ServiceUsage", "Sizing"]


@dataclass(frozen=True, slots=True)
class Sample:
    """A measured value, and how long ago it was, in seconds. CPU in cores, memory in MiB."""

    age_s: float
    value: float


@dataclass(frozen=True)
class ServiceUsage:
    """All containers of a service together: CPU by the minute, memory as the peak of each interval.

    `throttled` is the share of its CPU periods in which its quota stopped it.
    """

    service: str
    containers: int
    cpu: tuple[Sample, ...] = ()
    memory: tuple[Sample, ...] = ()
    oom_kills: int = 0
    throttled: float = 0.0


class Sizing(Frozen):
    """How use becomes a request; the numbers of Kubernetes' vertical pod autoscaler where it has one."""

    margin: float = Field(0.15, ge=0, le=4, description="Above what was measured.")
    half_life_s: float = Field(24 * 3600, gt=0, description="A sample of this age counts half.")
    min_samples: int = Field(60, ge=1, description="CPU samples below which nothing is said.")
    least_change: float = Field(0.1, ge=0, le=1, description="Smaller changes aren't worth a new plan.")
    limit_factor: float = Field(1.5, ge=1, description="Of the peak, below which no memory limit is lowered.")
    oom_factor: float = Field(1.2, ge=1, description="Above the peak, after the kernel killed for memory.")
    oom_least_mib: int = Field(100, ge=0, description="The same, as an amount.")
    throttled_share: float = Field(0.05, gt=0, le=1, description="Of CPU periods, above which a limit is too low.")


class Bounds(Frozen):
    """A target, and how far it may be off: the less was measured, the farther. Millicores or MiB."""

    lower: float
    target: float
    upper: float
    peak: float


class Figure(Frozen):
    """One number of the catalogue: what it is, and what it should be. Millicores or MiB."""

    now: int
    advised: int

    @property
    def changed(self) -> bool:
        """Whether it should be another."""
        return self.now != self.advised


class Recommendation(Frozen):
    """What the catalogue's entry of a service should say; `entry` is `template` for what all agents share."""

    entry: str
    containers: int
    samples: int
    cpu: Bounds | None = None
    memory: Bounds | None = None
    cpu_request: Figure
    memory_request: Figure
    cpu_limit: Figure
    memory_limit: Figure
    notes: tuple[str, ...] = ()

    @property
    def changes(self) -> dict[str, Figure]:
        """The numbers that should be others, by their path in the catalogue's entry."""
        figures = {
            "requests/cpu": self.cpu_request,
            "requests/memory": self.memory_request,
            "limits/cpu": self.cpu_limit,
            "limits/memory": self.memory_limit,
        }
        return {path: figure for path, figure in figures.items() if figure.changed}
