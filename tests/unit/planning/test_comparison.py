from __future__ import annotations

from sutazai_infra.model.plan import Plan
from sutazai_infra.planning.comparison import Comparison, Difference, compare_plans
from sutazai_infra.planning.planner import plan
from tests.unit.planning.planning_samples import catalogue, host, service, settings


def planned(*services: object, cores: int = 4) -> Plan:
    return plan(catalogue(services), host(cores, "16Gi"), settings())  # type: ignore[arg-type]


API, REDIS = service("api", (0.5, 256), (1, 512)), service("redis")


def test_the_same_plan_differs_in_nothing() -> None:
    assert compare_plans(planned(API), planned(API)) == Comparison()
    assert compare_plans(planned(API), planned(API)).same


def test_who_came_and_who_went_is_told() -> None:
    found = compare_plans(planned(API), planned(REDIS))
    assert (found.added, found.removed) == (("redis",), ("api",))


def test_each_field_of_a_service_is_told_with_both_values() -> None:
    found = compare_plans(planned(API), planned(service("api", (0.5, 300), (1, 1024))))
    told = {one.field: (one.before, one.after) for one in found.differences if one.name == "api"}
    assert told == {"memory_request_mib": ("256", "300"), "memory_limit_mib": ("512", "1024")}


def test_the_sums_that_moved_are_told() -> None:
    found = compare_plans(planned(API), planned(service("api", (0.5, 300), (1, 512))))
    tier = {(one.scope, one.dimension): (one.used_before, one.used_after) for one in found.ledger}
    assert tier["tier 1", "memory requests"] == (256, 300)
    assert ("tier 1", "cpu requests") not in tier


def test_another_host_and_its_core_groups_are_told() -> None:
    found = compare_plans(planned(API, cores=4), planned(API, cores=8))
    assert found.differences[0] == Difference(sort="host", name="host", field="cores", before="4", after="8")
    assert {one.name for one in found.differences if one.sort == "group"} >= {"web"}


def test_another_image_of_the_same_service_is_told() -> None:
    same = planned(API)
    found = compare_plans(same, same, ({"api": "sha256:1", "b": "1"}, {"api": "sha256:2", "c": "1"}))
    assert found.differences == (
        Difference(sort="image", name="api", field="image", before="sha256:1", after="sha256:2"),
    )
