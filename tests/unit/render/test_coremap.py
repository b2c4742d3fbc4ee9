from __future__ import annotations

from sutazai_infra.render.coremap import core_rows, folded
from tests.unit.render.plan_samples import sample_plan, service


def test_every_core_of_the_host_is_in_one_row() -> None:
    assert [core for row in core_rows(sample_plan()) for core in row.cores] == [0, 1, 2, 3]


def test_neighbours_with_the_same_services_share_a_row() -> None:
    services = [service("api", core_set="1-2"), service("cache", core_set="1-2")]
    plan = sample_plan(services=services, pools=[])
    assert [(str(row.cores), row.owners) for row in core_rows(plan)] == [
        ("0", ()),
        ("1-2", ("web",)),
        ("3", ("agents",)),
    ]


def test_cores_with_different_agents_keep_their_own_rows() -> None:
    services = [service(f"agent-{core}", kind="agent", core_set=core) for core in ("1", "2")]
    assert [str(row.cores) for row in core_rows(sample_plan(services=services, pools=[]))] == ["0", "1", "2", "3"]


def test_two_agents_are_named_and_three_are_counted() -> None:
    rows = sample_plan().residents
    agents = [row for row in rows if row.kind == "agent"]
    assert folded(agents[:2]) == ("agent-1", "agent-2")
    assert folded(agents[:3]) == ("3 agents",)
