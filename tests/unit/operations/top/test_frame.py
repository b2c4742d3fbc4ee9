"""What is put together from plan and measurements: shares, budgets, owners, order."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from sutazai_infra.operations.status import StackStatus
from sutazai_infra.operations.top.frame import BudgetUse, CoreUse, Frame, ServiceUse, frame, ranked
from sutazai_infra.operations.top.order import Order
from tests.unit.render.plan_samples import sample_plan, service

MOMENT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def line(scope: str, dimension: str, unit: str, used: float, limit: float) -> dict[str, Any]:
    return {"scope": scope, "dimension": dimension, "unit": unit, "used": used, "limit": limit, "held": True}


PLAN = sample_plan(
    services=[service("api"), service("cache", core_set="1-2"), service("trainer", "ml", tier=3)],
    ledger=[
        line("tier 1", "cpu requests", "cores", 1, 2.5),
        line("tier 1", "memory requests", "MiB", 512, 4096),
        line("pool web", "memory requests", "MiB", 512, 4000),
        line("pool web", "memory limits", "MiB", 1024, 4000),
        line("pool ml + agents", "memory requests", "MiB", 256, 900),
    ],
)


def measured(instance: str, pool: str = "web", **more: Any) -> dict[str, Any]:
    return {
        "instance": instance,
        "container": f"sutazai-lab-{instance}",
        "pool": pool,
        "health": "healthy",
        "restarts": 0,
        "cpu_cores": 0.5,
        "cpu_limit": 1,
        "memory_mib": 128,
        "memory_request_mib": 256,
        "memory_limit_mib": 512,
        "core_set": "1",
        "planned_core_set": "1",
        "oom_killed": False,
        **more,
    }


def shown(*services: dict[str, Any], **more: Any) -> Frame:
    rows = services or (measured("api"), measured("cache", core_set="1-2"), measured("trainer", "ml"))
    status = StackStatus.parsed("sample", {"stack": "lab", "services": rows, "unexpected": ["sutazai-lab-old"]})
    return frame(PLAN, status, MOMENT, **more)


def only(**changed: Any) -> ServiceUse:
    (found,) = shown(measured("api", **changed)).services
    return found


def test_each_core_has_its_owner_and_the_system_its_own() -> None:
    assert shown(busy=(0.1, 0.2, 0.3, 0.4)).cores == (
        CoreUse(core=0, owners=("system",), busy=0.1),
        CoreUse(core=1, owners=("web",), busy=0.2),
        CoreUse(core=2, owners=("web",), busy=0.3),
        CoreUse(core=3, owners=("agents",), busy=0.4),
    )


def test_a_core_that_nobody_measures_is_not_idle() -> None:
    assert [core.busy for core in shown(busy={2: 0.5}).cores] == [None, None, 0.5, None]


def test_budgets_are_those_of_the_ledger_and_pools_that_share_one_are_one_line() -> None:
    tier, web, shared = shown().budgets
    both = {"cpu_used": 1.0, "cpu_requested": 1.0, "memory_used_mib": 256, "memory_requested_mib": 512}
    assert tier == BudgetUse(scope="tier 1", cpu_budget=2.5, memory_budget_mib=4096, **both)
    assert web == BudgetUse(scope="pool web", cpu_budget=2, memory_budget_mib=4000, **both)
    # ml borrows 2-3, and 3 is the agents'.
    one = {"cpu_used": 0.5, "cpu_requested": 0.5, "memory_used_mib": 128, "memory_requested_mib": 256}
    assert shared == BudgetUse(scope="pool ml + agents", cpu_budget=2, memory_budget_mib=900, **one)


def test_a_share_of_cpu_is_of_the_cores_that_it_runs_on_and_of_memory_of_the_limit() -> None:
    found = only(core_set="1-2")
    assert (found.core_count, found.cpu_share, found.memory_share) == (2, 0.25, 0.25)


def test_without_a_set_of_its_own_the_planned_one_counts() -> None:
    assert only(core_set=None, planned_core_set="0-3").core_count == 4


def test_what_is_missing_has_no_share() -> None:
    gone = dict.fromkeys(("restarts", "cpu_cores", "memory_mib", "core_set", "oom_killed"))
    found = only(health="missing", **gone)
    assert (found.cpu_share, found.memory_share, found.oom_kills) == (None, None, None)


@pytest.mark.parametrize(
    ("counted", "told", "kills"),
    [
        pytest.param({}, False, 0, id="nobody counted, and its state tells of none"),
        pytest.param({}, True, 1, id="its state tells of one that nobody counted"),
        pytest.param({"sutazai-lab-api": 3}, True, 3, id="the count includes it"),
        pytest.param({"sutazai-lab-api": 3}, None, 3, id="its state isn't known"),
        pytest.param({"sutazai-lab-cache": 3}, False, 0, id="another one's"),
    ],
)
def test_kills_are_at_least_the_one_that_its_state_tells_of(
    counted: dict[str, int], told: bool | None, kills: int
) -> None:
    (found,) = shown(measured("api", oom_killed=told), kills=counted).services
    assert found.oom_kills == kills


@pytest.mark.parametrize(
    ("order", "names"),
    [
        (Order.CPU, ["b", "a", "c"]),
        (Order.MEMORY, ["c", "a", "b"]),
        (Order.RESTARTS, ["a", "c", "b"]),
    ],
)
def test_services_are_ordered_by_what_is_asked_for_and_the_unknown_is_last(order: Order, names: list[str]) -> None:
    rows: dict[str, dict[str, Any]] = {
        "a": {"cpu_cores": 0.2, "memory_mib": 20, "restarts": 1},
        "b": {"cpu_cores": 0.3, "memory_mib": None, "restarts": 0},
        "c": {"cpu_cores": None, "memory_mib": 30, "restarts": 1},
    }
    plan = only()
    found = [plan.model_copy(update={"instance": name, **changed}) for name, changed in rows.items()]
    assert [one.instance for one in ranked(found, order)] == names


def test_the_frame_says_when_and_what_it_lacks() -> None:
    found = shown(remarks=["no Prometheus"])
    assert (found.stack, found.taken, found.unexpected) == ("lab", MOMENT, ("sutazai-lab-old",))
    assert (found.work, found.remarks) == (None, ("no Prometheus",))
