"""A stack's settings: which host, which services, which images. An unknown key is refused with its path."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, model_validator

from sutazai_infra.model.base import Frozen
from sutazai_infra.model.host import HostSpec
from sutazai_infra.model.quantities import MemoryMiB, Millicores, Seconds
from sutazai_infra.model.service import AbsolutePath, Name, PortNumber

__all__ = [
    "AgentSelection",
    "Fit",
    "ImageSource",
    "Keep",
    "PoolCgroups",
    "ServiceOverride",
    "ServiceSelection",
    "Settings",
    "Snapshots",
    "Tls",
]

Hostname = Annotated[
    str, StringConstraints(pattern=r"^([a-z0-9*]([a-z0-9-.]*[a-z0-9])?|[0-9a-f:.]+)$", max_length=253)
]

# Without a password in it: it is written into a file that isn't secret.
Webhook = Annotated[str, StringConstraints(pattern=r"^https?://[^\s/@?#]+(/[^\s]*)?$", max_length=2000)]


def _without_password(value: str) -> str:
    if re.search(r"://[^/@]*:[^/@]*@", value):
        raise ValueError("a password is in it; restic takes credentials from its own environment variables")
    return value


# Any of restic's addresses, without a password in it: settings lie in a file that isn't secret.
Repository = Annotated[
    str, StringConstraints(pattern=r"^\S+$", max_length=2000), AfterValidator(_without_password)
]


class Fit(StrEnum):
    """What happens when requests exceed the host: refuse, or scale every request down alike."""

    REFUSE = "refuse"
    SCALE = "scale"


class ImageSource(StrEnum):
    """Pinned upstream images, or images built on this machine from `images/`."""

    UPSTREAM = "upstream"
    BUILT = "built"


class PoolCgroups(StrEnum):
    """Whether containers sit below pool cgroups: they must, where there are some, or never."""

    REQUIRED = "required"
    AUTO = "auto"
    OFF = "off"


class ServiceSelection(Frozen):
    """Which services the stack runs: the catalogue's defaults, or `only` some, with more or fewer."""

    only: tuple[Name, ...] | None = None
    enable: tuple[Name, ...] = ()
    disable: tuple[Name, ...] = ()


class ServiceOverride(Frozen):
    """What a stack sets for one service in place of the catalogue's value."""

    cpu_request: Millicores | None = None
    memory_request: MemoryMiB | None = None
    cpu_limit: Millicores | None = None
    memory_limit: MemoryMiB | None = None
    replicas: int | None = Field(None, ge=0, le=10000)


class TierOverride(Frozen):
    """What a stack sets for one tier's quota in place of the catalogue's value."""

    request_cpu: Millicores | None = None
    request_memory: MemoryMiB | None = None
    limit_cpu: Millicores | None = None
    limit_memory: MemoryMiB | None = None


class Tls(Frozen):
    """What the gateway's certificate is for besides this machine, or the operator's own certificate."""

    hostnames: tuple[Hostname, ...] = Field((), description="More names and addresses in the certificate.")
    certificate: AbsolutePath | None = Field(
        None, description="PEM file with an own certificate, its chain and key; else one is issued."
    )


class Keep(Frozen):
    """How many snapshots stay: the last so many, and of so many days, weeks and months the last one each."""

    last: int = Field(3, ge=0)
    daily: int = Field(7, ge=0)
    weekly: int = Field(5, ge=0)
    monthly: int = Field(12, ge=0)

    @model_validator(mode="after")
    def _keeps_some(self) -> Self:
        if not any((self.last, self.daily, self.weekly, self.monthly)):
            raise ValueError("nothing would be kept; give at least one of last, daily, weekly and monthly")
        return self


class Snapshots(Frozen):
    """Where snapshots go, and which of them stay."""

    repository: Repository | None = Field(
        None, description="A restic repository, this stack's alone; else a folder beside a local state."
    )
    keep: Keep = Keep()


MOST_AGENTS = 10_000


def _agents(value: Any) -> Any:
    word = isinstance(value, str) and value != "all" and not value.isdigit()
    number = isinstance(value, int) and not 0 <= value <= MOST_AGENTS
    if isinstance(value, bool | float) or word or number:
        raise ValueError(
            f"{value!r} is no choice of agents: give 'all', a number up to {MOST_AGENTS}, or a list of names"
        )
    return value


def _host(value: Any) -> Any:
    if value != "auto" and not isinstance(value, Mapping | HostSpec):
        raise ValueError(
            f"{value!r} is no host: give 'auto', or cores and memory as in {{cores: 12, memory: 29.38Gi}}"
        )
    return value


AgentSelection = Annotated[
    Literal["all"] | Annotated[int, Field(ge=0, le=MOST_AGENTS)] | tuple[Name, ...], BeforeValidator(_agents)
]
HostSelection = Annotated[Literal["auto"] | HostSpec, BeforeValidator(_host)]


class Settings(Frozen):
    """The stack's configuration, below the project's namespace; every key has a default."""

    host: HostSelection = Field("auto", description="This machine, or a declared one.")
    images: ImageSource = ImageSource.UPSTREAM
    services: ServiceSelection = ServiceSelection()
    agents: AgentSelection = Field("all", description="all, the first N of the catalogue, or a list of names.")
    fit: Fit = Fit.REFUSE
    share: float = Field(1.0, gt=0, le=1, description="The part of the host that this stack may take.")
    overcommit: float = Field(1.0, ge=1, le=4, description="Most that memory limits may exceed the budget.")
    pool_cgroups: PoolCgroups = PoolCgroups.AUTO
    tls: Tls = Tls()
    alert_webhook: Webhook | None = Field(None, description="Where Alertmanager posts alerts; else nowhere.")
    publish: dict[Name, PortNumber] = Field({}, description="Service -> port on this host's loopback.")
    overrides: dict[Name, ServiceOverride] = Field({}, description="Service -> other requests, limits, replicas.")
    tiers: dict[int, TierOverride] = Field({}, description="Tier -> another quota.")
    log_disk: MemoryMiB = Field(8 * 1024, ge=1, description="Most that the logs of all containers may take.")
    probe_interval_max: Seconds | None = Field(None, description="Upper bound of every probe interval.")
    probe_share: float = Field(0.1, gt=0, le=1, description="Most of all probes in any one second.")
    keep_data: bool = Field(True, description="Protect data volumes, and keep them when the stack goes.")
    snapshots: Snapshots = Snapshots()
    rollback_on_failure: bool = Field(False, description="Take back by itself an update that doesn't get healthy.")
    stability: Literal["keep", "rebalance"] = Field("keep", description="Keep placements, or place anew.")
