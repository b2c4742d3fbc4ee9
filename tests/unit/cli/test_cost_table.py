from __future__ import annotations

import io

from rich.console import Console

from sutazai_infra.cli.cost_table import show_costs
from sutazai_infra.model.plan import Plan
from sutazai_infra.operations.deploy.cost import Away, ServiceCost
from sutazai_infra.planning.planner import plan
from tests.unit.planning.planning_samples import catalogue, host, service, settings


def planned(memory: int) -> Plan:
    return plan(catalogue([service("api", (0.1, memory), (1, memory))]), host(4, "8Gi"), settings())


def printed(before: Plan | None, after: Plan, *costs: ServiceCost) -> list[str]:
    screen = Console(file=io.StringIO(), width=120, highlight=False, markup=False)
    show_costs(screen, before, after, costs)
    assert isinstance(screen.file, io.StringIO)
    return [" ".join(line.split()) for line in screen.file.getvalue().splitlines()]


def test_sums_before_and_after_and_what_becomes_of_each_service_are_told() -> None:
    away = Away(expected_s=5, most_s=76)
    assert printed(
        planned(64),
        planned(128),
        ServiceCost("db", ("db",), "replaced", because=("image",), away=away, data=("lab-data",)),
        ServiceCost("web", ("web-2", "web"), "replaced", because=("envs",)),
        ServiceCost("agents", tuple("abcdef"), "in place"),
        ServiceCost("new", ("new",), "new"),
    ) == [
        "what it costs:",
        "replaced db because of image; away for some 5 s, 76 s at most; its data stays in lab-data",
        "replaced web-2, web because of envs; one after the other, the rest answers",
        "in place a, b, c, d and 2 more not interrupted",
        "pool infrastructure memory requests 64 -> 128 MiB (+64)",
        "pool infrastructure memory limits 64 -> 128 MiB (+64)",
    ]


def test_a_stack_that_is_new_and_one_that_stays_as_it_is_cost_nothing() -> None:
    assert printed(None, planned(64), ServiceCost("new", ("new",), "new")) == []
    assert printed(planned(64), planned(64)) == []
