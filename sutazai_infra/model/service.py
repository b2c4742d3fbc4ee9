"""One service as the catalogue declares it: what it needs, listens on, keeps, and how it is probed."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from sutazai_infra.model.base import Frozen, Verbatim
from sutazai_infra.model.quantities import MemoryMiB, Millicores, Seconds

__all__ = [
    "AbsolutePath",
    "AgentIdentity",
    "HttpProbe",
    "Kind",
    "Logs",
    "Mount",
    "Name",
    "Port",
    "PortNumber",
    "PriorityClass",
    "Probe",
    "Resources",
    "SecretFile",
    "Service",
    "TcpProbe",
]

Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")]
AbsolutePath = Annotated[str, StringConstraints(pattern=r"^/[^\s:]*$")]
SecretPath = Annotated[str, StringConstraints(pattern=r"^/run/secrets/[^\s:]+$")]
ConfigPath = Annotated[str, StringConstraints(pattern=r"^/run/configs/[^\s:]+$")]
PortNumber = Annotated[int, Field(ge=1, le=65535)]


class PriorityClass(StrEnum):
    """Decides admission, preemption, eviction order and queueing: the strategy's five classes."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    BACKGROUND = "background"

    @property
    def value_points(self) -> int:
        """Return the strategy's number: critical 1000 down to background 200."""
        return {"critical": 1000, "high": 800, "medium": 600, "low": 400, "background": 200}[self.value]


class Kind(StrEnum):
    """What a service is: a resident service or agent, or a brief job or tool that runs in a declared slot."""

    SERVICE = "service"
    AGENT = "agent"
    JOB = "job"
    TOOL = "tool"

    @property
    def resident(self) -> bool:
        """Whether it lasts, and so is a container of the stack rather than a slot."""
        return self in {Kind.SERVICE, Kind.AGENT}


class Resources(Frozen):
    """CPU in millicores and memory in MiB."""

    cpu: Millicores
    memory: MemoryMiB


class Port(Frozen):
    """A port that the service listens on; `host` is where it would be published, on loopback only."""

    name: Name = "http"
    container: PortNumber
    host: PortNumber | None = None


class HttpProbe(Frozen):
    """Healthy when `GET path` on `port` answers below 400."""

    port: PortNumber
    path: AbsolutePath = "/"


class TcpProbe(Frozen):
    """Healthy when `port` accepts a connection."""

    port: PortNumber


class Probe(Frozen):
    """A health check: exactly one of `http`, `tcp` and `command`, and its timing."""

    http: HttpProbe | None = None
    tcp: TcpProbe | None = None
    command: tuple[Verbatim, ...] | None = None
    interval: Seconds | None = Field(None, description="Between probes; the pool's own where left out.")
    timeout: Seconds = 5
    retries: int = Field(3, ge=1, le=20)
    start_period: Seconds = 30

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        given = [kind for kind in ("http", "tcp", "command") if getattr(self, kind) is not None]
        if len(given) != 1:
            raise ValueError(f"give exactly one of http, tcp and command, not {' and '.join(given) or 'none'}")
        if self.command is not None and _can_never_fail(self.command):
            raise ValueError(f"{' '.join(self.command)!r} can never fail; probe what the service does")
        return self

    @property
    def port(self) -> int | None:
        """The port that is probed, where the probe names one."""
        target = self.http or self.tcp
        return target.port if target else None


class Mount(Frozen):
    """A named volume of the catalogue at a path of the container."""

    volume: Name
    path: AbsolutePath
    read_only: bool = False


class SecretFile(Frozen):
    """A file that holds secrets: `content` with `${secret-name}` in it. Never an environment variable."""

    path: SecretPath
    content: Verbatim
    once: bool = Field(False, description="Read only while its data is first made: a new value replaces nobody.")

    @property
    def names(self) -> frozenset[str]:
        """The secrets in it. Their names have dashes; a name with underscores is a value of a tuning rule."""
        return frozenset(re.findall(r"\$\{([a-z0-9-]+)\}", self.content))


class Logs(Frozen):
    """What of its log a service may keep: `files` of `size` each, in MiB; the oldest goes first."""

    size: MemoryMiB = Field(10, ge=1, le=1024)
    files: int = Field(3, ge=1, le=100)

    @property
    def most_mib(self) -> int:
        """All that it may keep."""
        return self.size * self.files


class AgentIdentity(Frozen):
    """What an agent tells the backend that it is."""

    type: Name
    role: Name


class Service(Frozen):
    """A declared service. Requests are guaranteed, limits the most that it can take."""

    name: Name
    kind: Kind = Kind.SERVICE
    description: str = Field("", description="What it does, in a few words.")
    pool: Name
    group: Name | None = Field(None, description="The core group it runs on; the pool's own where left out.")
    priority: PriorityClass
    image: Name
    requests: Resources
    limits: Resources
    ports: tuple[Port, ...] = ()
    probe: Probe | None = None
    depends_on: tuple[Name, ...] = Field((), description="Must be healthy first; must be in the stack.")
    after: tuple[Name, ...] = Field((), description="Starts after these where they are in the stack.")
    mounts: tuple[Mount, ...] = ()
    secrets: tuple[SecretFile, ...] = ()
    command: tuple[Verbatim, ...] = Field((), description="Arguments; ${rule} takes a value of the tuning rules.")
    env: dict[str, Verbatim] = Field({}, description="Settings, never secrets; ${rule} as in command.")
    tuning: Name | None = Field(None, description="The rule that derives settings from the limits.")
    tuned_by: Name | None = Field(
        None, description="The service whose limits the rule takes; its own if left out."
    )
    configs: dict[ConfigPath, Name] = Field({}, description="File below /run/configs -> its renderer.")
    tmpfs: dict[AbsolutePath, MemoryMiB] = Field({}, description="Scratch paths and their size.")
    logs: Logs = Logs()
    isolated: bool = Field(False, description="Joins its links' networks only, not its pool's.")
    sockets: dict[AbsolutePath, str] = Field({}, description="Socket of the host -> the reason to mount it.")
    separate: Name | None = Field(None, description="Members of one set get separate cores where enough.")
    capabilities: dict[str, str] = Field({}, description="Added capability -> the reason for it.")
    writable_root: str | None = Field(None, description="The reason why the root can't be read-only.")
    root_user: str | None = Field(None, description="The reason why it runs as root.")
    stop_grace: Seconds = 10
    stop_signal: str | None = None
    enabled: bool = True
    disabled_reason: str = ""
    agent: AgentIdentity | None = None

    @property
    def has_files(self) -> bool:
        """Whether files, secret ones too, are put into volumes for it."""
        return bool(self.secrets or self.configs)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        self._check_resources()
        probed = self.probe.port if self.probe else None
        if probed is not None and probed not in {port.container for port in self.ports}:
            listens = ", ".join(str(port.container) for port in self.ports) or "none"
            raise ValueError(f"probe: port {probed} is none of the ports that {self.name} listens on ({listens})")
        if self.probe is None and self.kind.resident:
            raise ValueError(f"probe: {self.name} has none; every resident service has a health check")
        if not self.enabled and not self.disabled_reason:
            raise ValueError(f"disabled_reason: say why {self.name} is off by default")
        return self

    def _check_resources(self) -> None:
        if self.limits.memory < 6:
            raise ValueError(f"limits/memory: {self.limits.memory} MiB is below Docker's minimum of 6 MiB")
        if self.limits.cpu < 1:
            raise ValueError("limits/cpu: must be above 0")
        for dimension in ("cpu", "memory"):
            request, limit = getattr(self.requests, dimension), getattr(self.limits, dimension)
            if request > limit:
                raise ValueError(f"requests/{dimension}: {request} is above the limit of {limit}; raise the limit")


def _can_never_fail(command: tuple[str, ...]) -> bool:
    """Two of the real system's health checks were `echo` and `exit 0`."""
    words = [word for word in " ".join(command).split() if word not in {"CMD", "CMD-SHELL", "sh", "-c"}]
    return not words or (words[0] in {"true", ":", "echo", "exit"} and not {"|", "&&"} & set(words))
