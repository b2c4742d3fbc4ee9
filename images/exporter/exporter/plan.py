"""The plan's facts, as the program renders them: budgets, owners of cores, agents to scrape."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from exporter.settings import SettingsError

__all__ = ["LedgerFact", "PlanFacts", "PoolFact", "Target", "read_plan"]


@dataclass(frozen=True)
class LedgerFact:
    """One budget, in cores, bytes or a count."""

    scope: str
    dimension: str
    unit: str
    used: float
    limit: float


@dataclass(frozen=True)
class PoolFact:
    """A pool's memory in bytes, and how many cores it runs on."""

    name: str
    memory_limit_bytes: int
    cores: int


@dataclass(frozen=True)
class Target:
    """An agent's address and the labels that its metrics get."""

    address: str
    labels: Mapping[str, str]


@dataclass(frozen=True)
class PlanFacts:
    """What the plan says, whatever the engine does."""

    services: int
    agents: int
    ledger: tuple[LedgerFact, ...]
    cores: Mapping[int, tuple[str, ...]]
    pools: tuple[PoolFact, ...]
    targets: tuple[Target, ...]

    @classmethod
    def parse(cls, document: Mapping[str, Any]) -> PlanFacts:
        """Read them from the rendered document; raises `KeyError`, `TypeError`, `ValueError`."""
        return cls(
            services=int(document["services"]),
            agents=int(document["agents"]),
            ledger=tuple(LedgerFact(**line) for line in document["ledger"]),
            cores={int(core): tuple(groups) for core, groups in document["core_owners"].items()},
            pools=tuple(PoolFact(**pool) for pool in document["pools"]),
            targets=tuple(Target(**target) for target in document["targets"]),
        )

    def discovery(self) -> str:
        """Write the agents as Prometheus' HTTP service discovery takes them."""
        groups = [{"targets": [one.address], "labels": dict(one.labels)} for one in self.targets]
        return json.dumps(groups)


def read_plan(path: Path) -> PlanFacts:
    """Read the file; raises `SettingsError`, which names what is wrong with it."""
    try:
        return PlanFacts.parse(json.loads(path.read_text()))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise SettingsError(f"{path}: is no plan that this exporter reads: {error!r}") from None
