"""Prometheus' text format, as far as it is needed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

__all__ = ["CONTENT_TYPE", "Family", "gauge", "render"]

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@dataclass(frozen=True)
class Family:
    """One metric with its samples: labels and value."""

    name: str
    kind: Literal["counter", "gauge"]
    help: str
    samples: tuple[tuple[Mapping[str, str], float], ...]


def gauge(name: str, help_text: str, value: float) -> Family:
    """Make a gauge of one sample without labels."""
    return Family(name, "gauge", help_text, (({}, value),))


def render(families: Iterable[Family]) -> str:
    """Write the families as Prometheus reads them."""
    return "".join(_family(family) for family in families)


def _family(family: Family) -> str:
    head = f"# HELP {family.name} {family.help}\n# TYPE {family.name} {family.kind}\n"
    return head + "".join(f"{family.name}{_labels(labels)} {_number(value)}\n" for labels, value in family.samples)


def _labels(labels: Mapping[str, str]) -> str:
    if not labels:
        return ""
    return "{" + ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items()) + "}"


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(value)


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
