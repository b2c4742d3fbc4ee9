"""No workload's memory limit is more than the host has, in a pool's cgroup or out of it."""

from __future__ import annotations

from typing import Any

import pytest
from sutazai_policy.rules.memory_limit import RULE as OTHER
from sutazai_policy.rules.memory_limits_on_host import RULE

from tests.policy.stacks import (
    LEFT_OUT,
    SERVICE,
    UNKNOWN,
    Secret,
    Stack,
    messages,
    reference_stack,
    service,
    small_stack,
)

# The reference host, as the pack's defaults declare it.
MOST = 30085


def test_passes_the_reference_stack() -> None:
    assert messages(RULE, reference_stack()) == []


@pytest.mark.parametrize("memory", [1, MOST, LEFT_OUT, None, "much", Secret(MOST)])
def test_passes_what_the_host_has_and_leaves_none_at_all_to_another_rule(memory: Any) -> None:
    assert messages(RULE, small_stack().change("redis", memory=memory)) == []


@pytest.mark.parametrize("parent", ["/sutazai/prod/infrastructure", LEFT_OUT])
def test_refuses_what_the_host_lacks_whatever_holds_the_sum(parent: Any) -> None:
    assert messages(RULE, small_stack().change("redis", memory=999 * 1024, cgroupParent=parent)) == [
        "redis may take 1022976 MiB of a host that has 30085 MiB: lower its limit"
    ]


def test_refuses_a_service_too() -> None:
    stack = Stack().add("worker", service(1, 10**9, 2**45), SERVICE)
    assert messages(RULE, stack) == ["worker may take 33554432 MiB of a host that has 30085 MiB: lower its limit"]


def test_obeys_the_declared_host_and_an_exception() -> None:
    stack = small_stack().change("redis", memory=4096).change("agent", memory=4096)
    exception = {"service": "agent", "reason": "its page cache is counted", "expires": "2027-01-31"}

    assert messages(RULE, stack, host={"memory_mib": 4096}) == []
    assert messages(RULE, stack, host={"memory_mib": 4095}, exceptions=[exception]) == [
        "redis may take 4096 MiB of a host that has 4095 MiB: lower its limit"
    ]


@pytest.mark.parametrize("memory", [UNKNOWN, Secret(UNKNOWN), -1, 1.5])
def test_unknown_and_odd_limits_are_the_other_rules_business(memory: Any) -> None:
    stack = small_stack().change("redis", memory=memory)

    assert messages(RULE, stack) == []
    assert len(messages(OTHER, stack)) == 1


def test_refuses_a_secret_one_without_writing_it() -> None:
    (message,) = messages(RULE, small_stack().change("redis", memory=Secret(99999)))
    assert message == "redis may take (secret) MiB of a host that has 30085 MiB: lower its limit"
