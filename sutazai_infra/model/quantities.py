"""Quantities as people write them, kept as integers: CPU in millicores, memory in MiB, time in seconds.

`0.5`, `"500m"` and `500m` are half a core; `512Mi`, `2Gi` and `29.38Gi` are memory (powers of 1024, as in
Kubernetes). Fractions of a unit are floored, so that a budget is never larger than what was written.
"""

from __future__ import annotations

import re
from decimal import ROUND_FLOOR, Decimal
from typing import Annotated

from pydantic import BeforeValidator, Field, WithJsonSchema

__all__ = ["MemoryMiB", "Millicores", "Seconds", "format_cores", "format_memory", "parse_cpu", "parse_memory"]

_MEMORY_UNITS = {"Ki": Decimal(1) / 1024, "Mi": Decimal(1), "Gi": Decimal(1024), "Ti": Decimal(1024**2)}
_TIME_UNITS = {"s": 1, "m": 60, "h": 3600}
_LARGEST = 2**40


def parse_cpu(value: object) -> int:
    """Read cores (`1.5`, `"1.5"`) or millicores (`"1500m"`) as whole millicores; raises `ValueError`."""
    text = _text(value, "number of cores", "1.5 or 1500m")
    scale = Decimal(1) if text.endswith("m") else Decimal(1000)
    return _whole(text.removesuffix("m"), scale, value, "number of cores", "1.5 or 1500m")


def parse_memory(value: object) -> int:
    """Read memory with a unit (`512Mi`, `1.5Gi`) as whole MiB; raises `ValueError`, also without a unit."""
    text = _text(value, "memory", "512Mi or 1.5Gi")
    unit = text[-2:]
    if unit not in _MEMORY_UNITS:
        raise ValueError(f"{value!r} is no memory: write it with a unit, as in 512Mi or 1.5Gi")
    return _whole(text[:-2], _MEMORY_UNITS[unit], value, "memory", "512Mi or 1.5Gi")


def parse_seconds(value: object) -> int:
    """Read a duration (`30`, `"30s"`, `"5m"`) as whole seconds; raises `ValueError`."""
    text = _text(value, "duration", "30s or 5m")
    unit = text[-1] if text[-1:] in _TIME_UNITS else ""
    return _whole(text.removesuffix(unit), Decimal(_TIME_UNITS.get(unit, 1)), value, "duration", "30s or 5m")


def format_cores(millicores: int) -> str:
    """Write millicores as cores, as short as exact: `500` is `0.5`, `6` is `0.006`."""
    return (
        f"{Decimal(millicores) / 1000:f}".rstrip("0").rstrip(".") if millicores % 1000 else str(millicores // 1000)
    )


def format_memory(mib: int) -> str:
    """Write MiB as people do: whole GiB as `2 GiB`, anything else as `512 MiB`."""
    return f"{mib // 1024} GiB" if mib and mib % 1024 == 0 else f"{mib} MiB"


def _text(value: object, kind: str, example: str) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        raise ValueError(f"{value!r} is no {kind}: write it as in {example}")
    return str(value).strip()


def _whole(text: str, scale: Decimal, value: object, kind: str, example: str) -> int:
    if not re.fullmatch(r"-?\d+(\.\d+)?(e-?\d+)?", text):
        raise ValueError(f"{value!r} is no {kind}: write it as in {example}")
    try:
        whole = (Decimal(text) * scale).to_integral_value(ROUND_FLOOR)
    except ArithmeticError as error:
        raise ValueError(f"{value!r} is no {kind}: write it as in {example}") from error
    if whole < 0:
        raise ValueError(f"{value!r} is negative: {kind} must be zero or more")
    if whole > _LARGEST:
        raise ValueError(f"{value!r} is beyond any host: write it as in {example}")
    return int(whole)


_QUANTITY_TYPES = ["string", "number"]

Millicores = Annotated[
    int,
    BeforeValidator(parse_cpu),
    Field(ge=0),
    WithJsonSchema({"type": _QUANTITY_TYPES, "description": "CPU: cores (1.5) or millicores (1500m)"}),
]
MemoryMiB = Annotated[
    int,
    BeforeValidator(parse_memory),
    Field(ge=0),
    WithJsonSchema(
        {"type": "string", "pattern": r"^\d+(\.\d+)?(Ki|Mi|Gi|Ti)$", "description": "memory: 512Mi, 1.5Gi"}
    ),
]
Seconds = Annotated[
    int,
    BeforeValidator(parse_seconds),
    Field(ge=0),
    WithJsonSchema({"type": _QUANTITY_TYPES, "description": "duration: 30s, 5m, or seconds"}),
]
