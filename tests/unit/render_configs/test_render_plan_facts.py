"""The plan's facts for the exporter: base units, and nothing that comes and goes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sutazai_infra.model.coreset import CoreSet
from sutazai_infra.model.host import Foreign, Host
from sutazai_infra.model.plan import GroupCores, LedgerLine, PoolPlan
from sutazai_infra.model.settings import Settings
from sutazai_infra.render.configs import render_configs
from tests.unit.render_configs.render_stack import catalogue, plan, rendered, service

HOST = Host(cores=4, memory_mib=8192, reserved=CoreSet([0]), system_mib=1000, emergency_mib=192)
FOREIGN = (Foreign(name="x", cpu=250, memory_mib=100), Foreign(name="y", cpu=50, memory_mib=28))


def facts(*lines: LedgerLine, host: Host = HOST, **settings: Any) -> dict[str, Any]:
    of = catalogue()
    update = {
        "host": host,
        "ledger": lines,
        "groups": (
            GroupCores(name="web", core_set=CoreSet([1, 2]), cpu_request=1),
            GroupCores(name="agents", core_set=CoreSet([2]), cpu_request=1),
        ),
        "pools": (
            PoolPlan(
                name="agents",
                tier=2,
                core_set=CoreSet([2, 3]),
                borrowed=CoreSet([3]),
                weight=400,
                pids=10,
                memory_mib=3,
            ),
        ),
    }
    texts = render_configs(plan(of).model_copy(update=update), of, Settings.parsed("settings", settings))
    document: dict[str, Any] = json.loads(texts["plan-facts"])
    return document


def line(scope: str, dimension: str, unit: str, used: float, limit: float) -> LedgerLine:
    return LedgerLine.model_validate(
        {"scope": scope, "dimension": dimension, "unit": unit, "used": used, "limit": limit, "held": True}
    )


def test_memory_is_told_in_bytes_and_everything_else_as_it_is() -> None:
    assert facts(
        line("tier 1", "cpu requests", "cores", 5.8, 6),
        line("tier 1", "memory requests", "MiB", 3, 14),
        line("probes", "per second", "count", 8, 10),
    )["ledger"] == [
        {"scope": "tier 1", "dimension": "cpu requests", "unit": "cores", "used": 5.8, "limit": 6.0},
        {"scope": "tier 1", "dimension": "memory requests", "unit": "bytes", "used": 3145728, "limit": 14680064},
        {"scope": "probes", "dimension": "per second", "unit": "count", "used": 8.0, "limit": 10.0},
    ]


@pytest.mark.parametrize(
    ("dimension", "unit", "alone", "beside"),
    [
        ("cpu requests", "cores", (1.1, 3), (1.4, 3)),
        ("memory requests", "MiB", (500, 7000), (628, 7000)),
        ("memory limits", "MiB", (500, 10500), (500, 10308)),
    ],
)
def test_containers_of_others_that_come_and_go_change_nothing(
    dimension: str, unit: str, alone: tuple[float, float], beside: tuple[float, float]
) -> None:
    crowded = HOST.model_copy(update={"foreign": FOREIGN})
    assert facts(line("host", dimension, unit, *beside), host=crowded, overcommit="1.5") == facts(
        line("host", dimension, unit, *alone), overcommit="1.5"
    )


def test_each_core_has_the_groups_that_it_is_kept_for() -> None:
    assert facts()["core_owners"] == {"0": ["system"], "1": ["web"], "2": ["web", "agents"], "3": []}


def test_a_pool_is_told_with_its_memory_and_all_of_its_cores() -> None:
    assert facts()["pools"] == [{"name": "agents", "memory_limit_bytes": 3145728, "cores": 2}]


def test_the_agents_in_reach_are_targets_and_all_agents_are_counted() -> None:
    dropped_in = service("agent-own", 8080, pool="agents", kind="agent")
    document = json.loads(rendered(dropped_in, replicas={"agent-near": 2})["plan-facts"])
    assert (document["services"], document["agents"]) == (13, 4)
    assert [target["address"] for target in document["targets"]] == ["agent-near:8080", "agent-near-2:8080"]
    assert document["targets"][1]["labels"] == {
        "name": "agent-near-2",
        "service": "agent-near",
        "pool": "agents",
        "tier": "2",
        "priority": "high",
    }
