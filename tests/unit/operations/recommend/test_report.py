from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sutazai_infra.inputs.catalogue import load_catalogue
from sutazai_infra.model.host import Host
from sutazai_infra.model.settings import Settings
from sutazai_infra.model.usage import Recommendation, Sizing
from sutazai_infra.operations.gathering import Gathered
from sutazai_infra.operations.recommend import Asked, Report, recommend
from tests.unit.operations.recommend.fakes import END, FakePrometheus

ROOT = Path(__file__).parents[4]
USE = {"redis": (0.01, 12.0), "postgres": (0.02, 60.0), "agent_orchestrator": (0.002, 20.0), "nobody": (9.0, 9.0)}


@pytest.fixture(scope="module")
def catalogue() -> Any:
    return load_catalogue(ROOT / "catalogue")


def gathered(catalogue: Any, host: Host | None = None, **settings: Any) -> Gathered:
    only = {"only": ["postgres", "redis", "pgbouncer", "backend", "gateway", "frontend"]}
    return Gathered(
        folder=ROOT,
        stack="lab",
        settings=Settings.parsed("settings", {"services": only, "agents": ["agent-orchestrator"]} | settings),
        catalogue=catalogue,
        engine=None,
        host=host or Host.scaled(12, 30085).model_copy(update={"pool_cgroups": True}),
        previous=None,
    )


def reported(given: Gathered, **sizing: Any) -> Report:
    return recommend(given, FakePrometheus(**USE), Asked(END, 3600), Sizing(**sizing))


def one(report: Report, entry: str) -> Recommendation:
    return next(found for found in report.recommendations if found.entry == entry)


def test_who_was_measured_and_is_planned_gets_a_recommendation(catalogue: Any) -> None:
    report = reported(gathered(catalogue))
    assert {found.entry for found in report.recommendations} == {"redis", "postgres", "template"}
    assert report.unmeasured == ("backend", "frontend", "gateway", "pgbouncer")
    assert one(report, "template").memory_request.advised == 23


def test_the_patch_and_the_ledger_say_the_same(catalogue: Any) -> None:
    report = reported(gathered(catalogue))
    redis = one(report, "redis")
    assert (redis.memory_request.now, redis.memory_request.advised) == (448, 14)
    assert "+    requests: {cpu: 0.012, memory: 14Mi}\n" in report.patch
    assert report.patch.endswith("\n")
    (tier,) = (
        line for line in report.effect.ledger if (line.scope, line.dimension) == ("tier 1", "memory requests")
    )
    saved = sum(
        found.memory_request.now - found.memory_request.advised for found in (redis, one(report, "postgres"))
    )
    assert tier.before - tier.after == saved == 448 - 14 + 1024 - 72


def test_waste_is_what_measured_services_request_and_do_not_use(catalogue: Any) -> None:
    effect = reported(gathered(catalogue)).effect
    assert effect.memory_before.requested == 448 + 1024 + 48
    assert effect.memory_before.used == pytest.approx(92)
    assert effect.memory_before.share == pytest.approx(1 - 92 / 1520)
    assert effect.memory_after is not None
    assert effect.memory_after.requested == 14 + 72 + 23
    assert effect.memory_after.share == pytest.approx(1 - 92 / 109)
    assert effect.cpu_after is not None
    assert effect.cpu_after.requested == pytest.approx(0.012 + 0.025 + 0.003)


def test_what_the_stack_overrides_is_not_the_catalogues_to_change(catalogue: Any) -> None:
    report = reported(gathered(catalogue, overrides={"redis": {"memory_limit": "600Mi"}}))
    redis = one(report, "redis")
    assert (redis.changes, redis.notes) == ({}, ("overrides/redis of the stack decides: change it there",))
    replicas = reported(gathered(catalogue, overrides={"backend": {"replicas": 2}}))
    assert one(replicas, "redis").changes != {}


def test_memory_of_a_database_below_a_smaller_limit_is_left_alone(catalogue: Any) -> None:
    small = gathered(catalogue, Host.scaled(4, 8192), fit="scale", pool_cgroups="off")
    limits = {row.name: row.memory_limit_mib for row in small.plan().residents}
    assert limits["postgres"] < 2048
    postgres = one(reported(small), "postgres")
    assert not {"requests/memory", "limits/memory"} & postgres.changes.keys()


def test_too_few_samples_change_nothing(catalogue: Any) -> None:
    report = reported(gathered(catalogue), min_samples=1000)
    assert (report.patch, report.effect.ledger) == ("", ())
    assert one(report, "redis").notes == ("240 of 1000 samples: wait",)


def test_a_plan_that_would_be_refused_is_said_and_the_patch_is_still_there(catalogue: Any) -> None:
    given = gathered(catalogue, tiers={1: {"request_cpu": 7}})
    greedy = FakePrometheus(redis=(0.9, 12.0), postgres=(1.9, 60.0), backend=(1.9, 100.0), frontend=(0.9, 100.0))
    greedy.throttled = dict.fromkeys(("redis", "postgres", "backend", "frontend"), ("1", "2"))
    report = recommend(given, greedy, Asked(END, 3600), Sizing(margin=1))
    assert report.effect.refused.startswith("tier 1 requests ")
    assert report.effect.cpu_after is None
    assert report.patch != ""
