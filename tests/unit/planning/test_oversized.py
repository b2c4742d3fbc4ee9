"""A limit beyond the whole host is refused, or lowered where the stack asks to be fitted to it."""

from __future__ import annotations

from typing import Any

import pytest

from sutazai_infra.model.errors import PlanRefusedError
from sutazai_infra.planning.planner import plan
from tests.unit.planning.planning_samples import catalogue, host, service, settings

LARGE = service("api", (0.1, 64), (1, 8192))


def refusals(**chosen: Any) -> tuple[str, ...]:
    with pytest.raises(PlanRefusedError) as refused:
        plan(catalogue([LARGE]), host(4, "4Gi"), settings(**chosen))
    return refused.value.reasons


def test_the_catalogues_is_refused_with_the_way_out() -> None:
    assert refusals() == (
        "api may take 8192 MiB of 4096 MiB that the host has: lower services/api/limits/memory, "
        "or use a larger host",
    )


@pytest.mark.parametrize("fit", ["refuse", "scale"])
def test_what_the_stack_itself_sets_is_refused_once_whatever_it_does_about_its_size(fit: str) -> None:
    assert refusals(fit=fit, overrides={"api": {"memory_limit": "999Gi", "replicas": 2}}) == (
        "api may take 1022976 MiB of 4096 MiB that the host has: lower overrides/api/memory_limit, "
        "or use a larger host",
    )


def test_a_stack_that_scales_lowers_the_catalogues_to_the_host() -> None:
    planned = plan(catalogue([LARGE]), host(4, "4Gi"), settings(fit="scale"))
    assert [row.memory_limit_mib for row in planned.services] == [4096]


def test_all_of_the_host_is_not_beyond_it() -> None:
    planned = plan(catalogue([LARGE]), host(4, "8Gi"), settings())
    assert [row.memory_limit_mib for row in planned.services] == [8192]
