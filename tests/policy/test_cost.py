"""The pack's cost grows with the number of containers and no faster."""

from __future__ import annotations

import time

import pytest
from sutazai_policy.core_set import core_set_text
from sutazai_policy.pack import Surroundings, judge
from sutazai_policy.rules import RULES

from tests.policy.stacks import Stack, container


def _stack(count: int, *, distinct: bool) -> Stack:
    """Return containers on a 64-core host: on few core sets, or each on one of its own."""
    stack = Stack()
    for number in range(count):
        cores = core_set_text((number * 2654435761 % 2**32 | 1) << 12) if distinct else "16-31"
        properties = container(cores, 2, 8, 16, str(number % 3 + 1), name=f"c{number}")
        stack.add(f"c{number}", properties)
    return stack


@pytest.mark.parametrize("distinct", [False, True], ids=["few core sets", "all core sets distinct"])
def test_five_thousand_containers_are_judged_by_all_rules_well_under_two_seconds(*, distinct: bool) -> None:
    resources = _stack(5000, distinct=distinct).resources()
    surroundings = Surroundings(stacks_file=None, environ={})
    settings = {"host": {"cores": 64, "memory_mib": 262144, "reserved_cores": 2}}

    start = time.process_time()
    for rule in RULES:
        judge(rule, resources, settings if "host" in rule.settings.model_fields else {}, surroundings)

    assert time.process_time() - start < 2


def test_an_overloaded_host_is_judged_as_quickly() -> None:
    stack = Stack()
    for number in range(5000):
        cores = core_set_text((number * 2654435761 % 2**32 | 1) << 12)
        stack.add(f"c{number}", container(cores, 100, 800, 900))
    resources = stack.resources()

    start = time.process_time()
    for rule in RULES:
        judge(rule, resources, {}, Surroundings(stacks_file=None, environ={}))

    assert time.process_time() - start < 2
