from __future__ import annotations

from typing import Any

import pytest
from sutazai_policy.rules import TIER_QUOTAS

from tests.policy.stacks import (
    SERVICE,
    UNKNOWN,
    Stack,
    container,
    labels,
    messages,
    reference_stack,
    service,
    small_stack,
    violations,
)


def test_the_reference_stack_keeps_every_quota() -> None:
    assert messages(TIER_QUOTAS, reference_stack()) == []


def test_a_second_job_in_tier_3_exceeds_its_memory() -> None:
    stack = Stack()
    stack.add("pytorch", container("8-11", 512, 4096, 4096, "3", cgroupParent="/sutazai/prod/ml", cpus="2"))
    stack.add("aider", container("8-11", 512, 2048, 2048, "3", cgroupParent="/sutazai/prod/tools", cpus="2"))

    assert messages(TIER_QUOTAS, stack) == [
        "tier 3 requests 6144 MiB of 5120 MiB (pytorch 4096, aider 2048): lower a request, or raise tiers.3.memory"
    ]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"cpuShares": 6145},
            "tier 1 requests 6.001 of 6 cores (redis 6.001): lower a request, or raise tiers.1.cpu",
        ),
        (
            {"memoryReservation": 14337, "memory": 16384},
            "tier 1 requests 14337 MiB of 14336 MiB (redis 14337): lower a request, or raise tiers.1.memory",
        ),
        (
            {"memory": 16385},
            "tier 1 may take 16385 MiB of 16384 MiB (redis 16385):"
            " lower memory, place containers in their pool's cgroup, or raise tiers.1.memory_limit",
        ),
    ],
)
def test_tier_1_is_held_at_each_of_its_quotas(changes: dict[str, Any], message: str) -> None:
    stack = Stack().add("redis", container("2-9", 512, 448, 512, "1"))

    assert messages(TIER_QUOTAS, stack.change("redis", **changes)) == [message]


@pytest.mark.parametrize("key", ["cpuShares", "memoryReservation", "memory"])
def test_a_quota_may_be_used_up_exactly(key: str) -> None:
    exact = {"cpuShares": 6144, "memoryReservation": 14336, "memory": 16384}
    stack = Stack().add("redis", container("2-9", 512, 448, 16384, "1", **{key: exact[key]}))

    assert messages(TIER_QUOTAS, stack) == []


def test_the_cpu_ceiling_is_bounded_by_the_distinct_cores() -> None:
    stack = Stack()
    for number in range(4):
        stack.add(f"agent-{number}", container("8-11", 64, 48, 256, "2"))
    assert messages(TIER_QUOTAS, stack) == []

    settings = {"2": {"core_set": "2-11"}}
    stack.add("roamer", container("6-7", 64, 48, 256, "2"))

    assert messages(TIER_QUOTAS, stack, tiers=settings) == [
        "tier 2 may take 6 of 4 cores, on 6-11 (agent-0 4, agent-1 4, agent-2 4, agent-3 4, roamer 2):"
        " narrow a cpuSet, lower cpus, or raise tiers.2.cpu_limit"
    ]


def test_the_cpu_ceiling_is_bounded_by_the_cpus_that_containers_may_take() -> None:
    settings = {"2": {"core_set": "2-11"}}
    stack = Stack().add("a", container("2-11", 64, 48, 256, "2", cpus="1.5"))
    assert messages(TIER_QUOTAS, stack, tiers=settings) == []

    stack.add("b", container("2-11", 64, 48, 256, "2", cpus="2.51"))

    assert messages(TIER_QUOTAS, stack, tiers=settings) == [
        "tier 2 may take 4.01 of 4 cores, on 2-11 (b 2.51, a 1.5):"
        " narrow a cpuSet, lower cpus, or raise tiers.2.cpu_limit"
    ]


def test_a_container_without_cores_or_cpus_may_take_the_whole_host() -> None:
    stack = small_stack().change("agent", cpuSet=None)

    assert messages(TIER_QUOTAS, stack) == [
        "tier 2 may take 12 of 4 cores, on 0-11 (agent 12):"
        " narrow a cpuSet, lower cpus, or raise tiers.2.cpu_limit"
    ]


def test_fifty_one_agents_are_held_by_their_pools_cgroup_only() -> None:
    stack = reference_stack()
    for number in range(1, 52):
        stack.change(f"agent-{number:02}", cgroupParent=None)

    assert messages(TIER_QUOTAS, stack) == [
        "tier 2 may take 18432 MiB of 8192 MiB"
        " (pool agents 5376, agent-01 256, agent-02 256, agent-03 256, agent-04 256, +47 more):"
        " lower memory, place containers in their pool's cgroup, or raise tiers.2.memory_limit"
    ]


def test_limits_without_a_cgroup_may_exceed_the_quota_by_the_stated_overcommit_only() -> None:
    stack = Stack().add("prometheus", container("10-11", 256, 384, 12288, "2"))
    assert messages(TIER_QUOTAS, stack, overcommit=1.5) == []

    assert messages(TIER_QUOTAS, stack, overcommit=1.25) == [
        "tier 2 may take 12288 MiB of 10240 MiB overcommitted x 1.25 (prometheus 12288):"
        " lower memory, place containers in their pool's cgroup, or raise tiers.2.memory_limit"
    ]


def test_ninety_nine_more_agents_fit_tier_3_while_no_job_runs() -> None:
    stack = reference_stack().remove("pytorch").remove("aider")
    for number in range(52, 151):
        agent = container("8-11", 6, 48, 256, "3", cgroupParent="/sutazai/prod/ml")
        stack.add(f"agent-{number}", agent)

    assert messages(TIER_QUOTAS, stack) == []


@pytest.mark.parametrize(
    ("label", "message"),
    [
        (
            [],
            "redis has no label sutazai.tier that is known before the update, so no quota holds it:"
            " label it, in plain text, with one of 1, 2, 3",
        ),
        (
            UNKNOWN,
            "redis has no label sutazai.tier that is known before the update, so no quota holds it:"
            " label it, in plain text, with one of 1, 2, 3",
        ),
        (
            labels(tier="7"),
            'redis is of tier "7", which has no quota:'
            " label it with one of 1, 2, 3, or describe the tier in tiers",
        ),
        (
            labels(tier=UNKNOWN),
            "redis has a label sutazai.tier that is unknown until the update runs:"
            " give a plain value, not another resource's output",
        ),
        (
            [*labels(tier="1"), *labels(tier="3")],
            "redis has a label sutazai.tier that is given twice (1 and 3): give it once",
        ),
        (
            [*labels(tier="1"), {"label": UNKNOWN, "value": "3"}],
            "redis has a label sutazai.tier that is among labels of which one has a name that is"
            " unknown until the update runs: give a plain value, not another resource's output",
        ),
        (
            [*labels(tier="1"), "sutazai.tier=3"],
            "redis has a label sutazai.tier that is among labels of which one"
            " is no pair: give pairs of label and value",
        ),
        (
            [{"label": "sutazai.tier", "value": 1}],
            "redis has a label sutazai.tier that is 1, not a text: give a text",
        ),
    ],
)
def test_a_container_of_no_known_tier_is_a_violation(label: Any, message: str) -> None:
    stack = small_stack().change("redis", labels=label)

    (found,) = violations(TIER_QUOTAS, stack)

    assert found.message == message
    assert found.urn == stack.urn("redis")


def test_the_same_label_twice_with_the_same_value_is_no_contradiction() -> None:
    stack = small_stack().change("redis", labels=[*labels(tier="1"), *labels(tier="1")])

    assert messages(TIER_QUOTAS, stack) == []


def test_a_label_that_lies_about_its_tier_is_found_by_its_cores() -> None:
    stack = small_stack().change("redis", labels=labels(tier="3"))

    (found,) = violations(TIER_QUOTAS, stack)

    assert found.message == (
        "redis says that it is of tier 3 and may run on cores 4-5, but that tier has 8-11:"
        " narrow its cpuSet, label it with the tier that it is of, or widen tiers.3.core_set"
    )
    assert found.urn == stack.urn("redis")


def test_a_label_that_lies_counts_where_it_says_and_helps_nobody() -> None:
    stack = reference_stack().change("ollama", labels=labels(tier="3"))

    assert [text.split(" (")[0] for text in messages(TIER_QUOTAS, stack)] == [
        "ollama says that it is of tier 3 and may run on cores 6-7, but that tier has 8-11:"
        " narrow its cpuSet, label it with the tier that it is of, or widen tiers.3.core_set",
        "tier 3 requests 4.002 of 2 cores",
        "tier 3 requests 8704 MiB of 5120 MiB",
        "tier 3 may take 6 of 4 cores, on 6-11",
        "tier 3 may take 12800 MiB of 5120 MiB",
    ]


def test_services_are_held_by_their_tiers_quota_without_a_core_set() -> None:
    stack = Stack().add("worker", service(5, 10**9, 2**30), SERVICE)

    assert messages(TIER_QUOTAS, stack) == [
        "tier 2 requests 5 of 2 cores (worker 5): lower a request, or raise tiers.2.cpu",
        "tier 2 requests 5120 MiB of 4096 MiB (worker 5120): lower a request, or raise tiers.2.memory",
        "tier 2 may take 5 of 4 cores, on 0-11 (worker 5):"
        " narrow a cpuSet, lower cpus, or raise tiers.2.cpu_limit",
    ]


def test_quotas_scale_with_a_declared_host_unless_they_are_given() -> None:
    half = {"cores": 6, "memory_mib": 15043}
    stack = Stack().add("redis", container("1-5", 3073, 7169, 7169, "1"))

    assert messages(TIER_QUOTAS, stack, host=half) == [
        "tier 1 requests 3.001 of 3 cores (redis 3.001): lower a request, or raise tiers.1.cpu",
        "tier 1 requests 7169 MiB of 7168.51 MiB (redis 7169): lower a request, or raise tiers.1.memory",
        "tier 1 may take 5 of 4 cores, on 1-5 (redis 5): narrow a cpuSet, lower cpus, or raise tiers.1.cpu_limit",
    ]
    given = {"1": {"cpu": 3.5, "memory": 7200, "cpu_limit": 5}}
    assert messages(TIER_QUOTAS, stack, host=half, tiers=given) == []


def test_on_two_cores_every_tier_may_span_both() -> None:
    stack = Stack()
    for tier in "123":
        stack.add(f"c{tier}", container("0-1", 256, 48, 256, tier))

    assert messages(TIER_QUOTAS, stack, host={"cores": 2, "memory_mib": 24105}) == []


def test_a_tier_of_ones_own_needs_all_its_quotas() -> None:
    stack = small_stack().change("redis", labels=labels(tier="batch"))
    quotas = {"cpu": 1, "memory": 512, "cpu_limit": 2, "memory_limit": 512}
    assert messages(TIER_QUOTAS, stack, tiers={"batch": quotas}) == []

    del quotas["memory"]

    assert messages(TIER_QUOTAS, stack, tiers={"batch": quotas}) == [
        "the settings of tier-quotas can't be used: tiers.batch: not a reference tier, so give all of cpu,"
        " memory, cpu_limit and memory_limit (they come from policy/stacks.yaml and --policy-pack-config)"
    ]


def test_what_can_not_be_counted_is_named() -> None:
    stack = small_stack().change("redis", cpus="lots", memory=-1)

    assert messages(TIER_QUOTAS, stack) == [
        f"the {what} of redis can't be counted: give it as a plain value"
        " (limits-required says what is wrong with it)"
        for what in ("CPU limit", "memory limit")
    ]
