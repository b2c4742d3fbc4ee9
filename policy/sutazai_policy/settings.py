"""What an operator can set for the rules: read strictly, merged from several places, the weakest first.

The reference values, the stack's part of `stacks.yaml`, `--policy-pack-config`: merged key by key, so that
one number can be changed alone. The engine fills in a schema's top-level defaults before the pack sees them,
which would hide `stacks.yaml`; so the schemas state defaults in words, and the models here apply them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from sutazai_policy.core_set import parse_core_set
from sutazai_policy.host import REFERENCE_CORES, REFERENCE_MIB

__all__ = [
    "CgroupSettings",
    "CoreSetMask",
    "HostField",
    "HostSettings",
    "OvercommitField",
    "PoolCgroupsField",
    "PoolSettings",
    "PoolsField",
    "Settings",
    "SettingsError",
    "TierSettings",
    "TiersField",
    "merge",
    "resolve",
]

_HOSTS: dict[str, dict[str, Any]] = {
    "auto": {"cores": "auto", "memory_mib": "auto"},
    "reference": {"cores": REFERENCE_CORES, "memory_mib": REFERENCE_MIB},
}

_UNION_MEMBER = re.compile(r"int|float|str|literal\[.*|constrained-.*|function-.*|[A-Z]\w*|.*\[key\]")

S = TypeVar("S", bound="Settings")


class SettingsError(Exception):
    """Settings that can't be used; the text names each problem by its path."""


class Settings(BaseModel):
    """The base of all settings: frozen, and closed to unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, strict=True)


def resolve(model: type[S], *layers: Mapping[str, Any]) -> S:
    """Merge the layers, later ones winning, and read the result; raises SettingsError."""
    merged = merge(*layers)
    try:
        return model.model_validate_json(json.dumps(merged, default=str))  # strict: no text is a number
    except ValidationError as error:
        raise SettingsError("; ".join(_problem(one, model) for one in error.errors())) from None


def merge(*layers: Mapping[str, Any]) -> dict[str, Any]:
    """Merge settings key by key, later layers winning; lists are replaced."""
    merged: dict[str, Any] = {}
    for layer in layers:
        merged = _merged(merged, _plain(layer))
    return merged


def _plain(layer: Mapping[Any, Any]) -> dict[str, Any]:
    """Make keys texts (YAML reads `3:` as a number), and a host's name the settings that it stands for."""
    plain: dict[str, Any] = {str(key): _plain_value(value) for key, value in layer.items()}
    host = plain.get("host")
    if isinstance(host, str):
        plain["host"] = _HOSTS.get(host, host)
    return plain


def _plain_value(value: Any) -> Any:
    if isinstance(value, Mapping):
        return _plain(value)
    if isinstance(value, list | tuple):
        return [_plain_value(one) for one in value]
    # The engine sends every number as a double.
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _merged(weak: dict[str, Any], strong: dict[str, Any]) -> dict[str, Any]:
    merged = {**weak, **strong}
    for key in weak.keys() & strong.keys():
        if isinstance(weak[key], dict) and isinstance(strong[key], dict):
            merged[key] = _merged(weak[key], strong[key])
    return merged


def _problem(error: Any, model: type[Settings]) -> str:
    # pydantic puts the names of a union's members into the path, where only written keys belong.
    path = ".".join(str(part) for part in error["loc"] if not _UNION_MEMBER.fullmatch(str(part)))
    if error["type"] == "extra_forbidden" and len(error["loc"]) == 1:
        return f"{path}: the rule has no such setting, but {', '.join(model.model_fields) or 'none at all'}"
    message = str(error["msg"]).removeprefix("Value error, ")
    return f"{path}: {message[:1].lower()}{message[1:]}"


def _host(value: object) -> object:
    if isinstance(value, str):
        raise ValueError(f'"{value}" is no host: give auto, reference, or cores and memory_mib')
    return value


def _core_set(value: object) -> object:
    if not isinstance(value, str):
        raise ValueError("give cores as a text such as 8-11")
    return parse_core_set(value)


def _cgroup(value: object) -> object:
    return {"memory": value} if isinstance(value, int | float) else value


CoreSetMask = Annotated[int, BeforeValidator(_core_set, json_schema_input_type=str)]
Mib = Annotated[int, Field(ge=0, le=2**33)]
Cores = Annotated[float, Field(ge=0, le=8192)]
CoreCount = Annotated[int, Field(ge=0, le=8192)]


class HostSettings(Settings):
    """The host that the stack has to fit."""

    cores: Annotated[int, Field(ge=1, le=8192)] | Literal["auto"] = REFERENCE_CORES
    memory_mib: Annotated[int, Field(ge=1, le=2**33)] | Literal["auto"] = REFERENCE_MIB
    reserved_cores: CoreCount | None = None
    system_reserve_mib: Mib | None = None
    emergency_reserve_mib: Mib | None = None

    @property
    def measured(self) -> bool:
        """Whether the engine has to be asked."""
        return "auto" in (self.cores, self.memory_mib)


class TierSettings(Settings):
    """A tier's quotas; what is left out is the reference value, scaled to the host."""

    cpu: Cores | None = None
    memory: Mib | None = None
    cpu_limit: Cores | None = None
    memory_limit: Mib | None = None
    core_set: CoreSetMask | None = None


class CgroupSettings(Settings):
    """A parent cgroup's own memory limit, and the pool inside whose limit it is counted."""

    memory: Mib | None = None
    within: str | None = None


Count = Annotated[int, Field(ge=0, le=10**6)]


class PoolSettings(Settings):
    """What a pool holds; what is left out is the reference value, scaled to the host where it is a quantity."""

    tier: str | None = None
    cpu: Cores | None = None
    memory: Mib | None = None
    within: str | None = None
    containers: Count | None = None
    concurrency: Count | None = None
    replicas: Count | None = None


OvercommitField = Annotated[
    float,
    Field(ge=1, le=100, description="How many times a memory budget all limits in it may reach. Default: 1."),
]
_HostName = Literal["auto", "reference"]
HostField = Annotated[
    HostSettings,
    BeforeValidator(_host, json_schema_input_type=_HostName | HostSettings),
    Field(
        default_factory=HostSettings,
        description="The host: auto (ask the engine), reference (12 cores, 30085 MiB), or its sizes;"
        " reserves that are left out scale with it. Default: reference.",
    ),
]
TiersField = Annotated[
    dict[str, TierSettings],
    Field(
        default_factory=dict,
        description="Quotas by tier: the cores and MiB that its requests (cpu, memory) and limits"
        " (cpu_limit, memory_limit) may reach, and the core_set that it is confined to. Default at the"
        " reference host: 1: 6, 14336, 8, 16384, 2-9; 2: 2, 4096, 4, 8192, 8-11; 3: 2, 5120, 4, 5120, 8-11.",
    ),
]
PoolCgroupsField = Annotated[
    dict[
        str,
        Annotated[CgroupSettings, BeforeValidator(_cgroup, json_schema_input_type=Mib | CgroupSettings)] | None,
    ],
    Field(
        default_factory=dict,
        description="Memory limits in MiB that parent cgroups carry, by pool name or by a cgroup's full name;"
        " null takes the trust in one away. Default at the reference host: infrastructure 14336, agents 8192,"
        " ml 5120, tools 2048 within ml.",
    ),
]
PoolsField = Annotated[
    dict[str, PoolSettings],
    Field(
        default_factory=dict,
        description="Pools by name: the tier that each is of; the cores and MiB that its requests may reach (cpu,"
        " memory); the pool within whose memory it is counted; how many containers may run in it, how many of them"
        " at once may be heavy (concurrency), and replicas of one service. Default at the reference host:"
        " infrastructure: 1, 6, 14336, -, 24, -, 10; agents: 2, 4, 8192, -, 170, -, 10; ml: 3, 2, 5120, -, 110, 1,"
        " 10; tools: 3, 1, 2048, ml, 2, 2, 10.",
    ),
]
