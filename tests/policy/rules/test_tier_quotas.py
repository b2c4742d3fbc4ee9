"""Each tier stays within its quotas; the borders of each, with its whole message."""

from __future__ import annotations

from typing import Any

import pytest
from sutazai_policy.rules.tier_quotas import RULE

from tests.policy.stacks import (
    LEFT_OUT,
    SERVICE,
    STOPPED,
    UNKNOWN,
    Secret,
    Stack,
    container,
    labels,
    messages,
    reference_stack,
    service,
    small_stack,
    violations,
)
from tests.policy.unreadable import LATER

_NARROW = "narrow a cpuSet, lower cpus, or raise"
_LOWER = "lower memory, place containers in their pool's cgroup, or raise"
_TIERLESS = "set the label sutazai.tier to one of 1, 2, 3, or describe the tier in tiers"


def test_passes_the_reference_stack() -> None:
    assert messages(RULE, reference_stack()) == []


@pytest.mark.parametrize(
    ("tier", "cores", "exact"),
    [("1", "2-9", (6144, 14336, 16384)), ("2", "8-11", (2048, 4096, 8192)), ("3", "8-11", (2048, 5120, 5120))],
)
def test_passes_a_quota_that_is_used_up_exactly_and_refuses_one_more(
    tier: str, cores: str, exact: tuple[int, int, int]
) -> None:
    shares, request, limit = exact
    stack = Stack().add("c", container(cores, shares, request, limit, tier))
    assert messages(RULE, stack) == []

    stack.change("c", cpuShares=shares + 1, memoryReservation=request + 1, memory=limit + 1)

    over = f"{shares // 1024}.001"
    found = violations(RULE, stack)
    assert [one.message for one in found] == [
        f"tier {tier} requests {over} of {shares // 1024} cores (c {over}):"
        f" lower a request, or raise tiers.{tier}.cpu",
        f"tier {tier} requests {request + 1} MiB of {request} MiB (c {request + 1}):"
        f" lower a request, or raise tiers.{tier}.memory",
        f"tier {tier} may take {limit + 1} MiB of {limit} MiB (c {limit + 1}): {_LOWER} tiers.{tier}.memory_limit",
    ]
    assert {one.urn for one in found} == {None}


def test_refuses_the_sum_of_what_each_tier_holds_alone() -> None:
    stack = Stack()
    stack.add("pytorch", container("8-11", 512, 4096, 4096, "3", cgroupParent="/sutazai/prod/ml", cpus="2"))
    stack.add("aider", container("8-11", 512, 2048, 2048, "3", cgroupParent="/sutazai/prod/tools", cpus="2"))
    stack.add("redis", container("4-5", 512, 4096, 4096, "1"))

    assert messages(RULE, stack) == [
        "tier 3 requests 6144 MiB of 5120 MiB (pytorch 4096, aider 2048): lower a request, or raise tiers.3.memory"
    ]


def test_bounds_the_cpu_ceiling_by_the_distinct_cores() -> None:
    stack = Stack()
    for number in range(4):
        stack.add(f"agent-{number}", container("8-11", 64, 48, 256, "2"))
    assert messages(RULE, stack) == []

    stack.add("roamer", container("6-7", 64, 48, 256, "2"))

    assert messages(RULE, stack) == [
        "tier 2 may take 6 of 4 cores, on 6-11 (agent-0 4, agent-1 4, agent-2 4, agent-3 4, roamer 2):"
        f" {_NARROW} tiers.2.cpu_limit"
    ]


def test_bounds_the_cpu_ceiling_by_the_cpus_that_containers_may_take() -> None:
    stack = Stack().add("a", container("2-11", 64, 48, 256, "2", cpus="1.5"))
    stack.add("b", container("2-11", 64, 48, 256, "2", cpus="2.5"))
    assert messages(RULE, stack) == []

    assert messages(RULE, stack.change("b", cpus="2.51")) == [
        f"tier 2 may take 4.01 of 4 cores, on 2-11 (b 2.51, a 1.5): {_NARROW} tiers.2.cpu_limit"
    ]


@pytest.mark.parametrize("nothing", [None, "", LEFT_OUT])
def test_refuses_a_container_without_cores_and_cpus_as_one_that_may_take_the_host(nothing: Any) -> None:
    assert messages(RULE, small_stack().change("agent", cpuSet=nothing)) == [
        f"tier 2 may take 12 of 4 cores, on 0-11 (agent 12): {_NARROW} tiers.2.cpu_limit"
    ]


def test_passes_fifty_one_agents_only_in_their_pools_cgroup() -> None:
    stack = reference_stack()
    for number in range(1, 52):
        stack.change(f"agent-{number:02}", cgroupParent=None)

    assert messages(RULE, stack) == [
        "tier 2 may take 18432 MiB of 8192 MiB"
        " (pool agents 5376, agent-01 256, agent-02 256, agent-03 256, agent-04 256, +47 more):"
        f" {_LOWER} tiers.2.memory_limit"
    ]


def test_passes_ninety_nine_more_agents_in_tier_3_while_no_job_runs() -> None:
    stack = reference_stack().remove("pytorch").remove("aider")
    for number in range(52, 151):
        stack.add(f"agent-{number}", container("8-11", 6, 48, 256, "3", cgroupParent="/sutazai/prod/ml"))

    assert messages(RULE, stack) == []


def test_refuses_a_service_by_all_its_replicas_and_every_core() -> None:
    stack = Stack().add("worker", service(5, 10**9, 2**30), SERVICE)

    assert messages(RULE, stack) == [
        "tier 2 requests 5 of 2 cores (worker 5): lower a request, or raise tiers.2.cpu",
        "tier 2 requests 5120 MiB of 4096 MiB (worker 5120): lower a request, or raise tiers.2.memory",
        f"tier 2 may take 5 of 4 cores, on 0-11 (worker 5): {_NARROW} tiers.2.cpu_limit",
    ]


@pytest.mark.parametrize(
    "label",
    [[], None, UNKNOWN, labels(tier="7"), labels(tier=UNKNOWN), labels(tier=1), labels(Tier="1"),
     labels(tier="1 "), [*labels(tier="1"), *labels(tier="3")], [*labels(tier="1"), "sutazai.tier=3"],
     labels(tier=["1"])],
    ids=str,
)  # fmt: skip
def test_unknown_tiers_are_a_violation_since_no_quota_holds_them(label: Any) -> None:
    found = violations(RULE, small_stack().change("redis", labels=label))

    assert [one.message for one in found] == [f"no quota holds redis, which is of no known tier: {_TIERLESS}"]
    assert found[0].urn is None


def test_refuses_several_that_are_of_no_tier_together() -> None:
    stack = small_stack().change("redis", labels=[]).change("agent", labels=[])

    assert messages(RULE, stack) == [f"no quota holds agent, redis, which are of no known tier: {_TIERLESS}"]


@pytest.mark.parametrize("label", [[*labels(tier="1"), *labels(tier="1")], Secret(labels(tier="1"))], ids=str)
def test_passes_a_tier_said_twice_or_in_secret(label: Any) -> None:
    assert messages(RULE, small_stack().change("redis", labels=label)) == []


def test_refuses_a_lie_where_it_says_that_it_belongs() -> None:
    stack = reference_stack().relabel("ollama", tier="3")

    assert [text.split(" (")[0] for text in messages(RULE, stack)] == [
        "tier 3 requests 4.002 of 2 cores",
        "tier 3 requests 8704 MiB of 5120 MiB",
        "tier 3 may take 6 of 4 cores, on 6-11",
        "tier 3 may take 12800 MiB of 5120 MiB",
    ]


def test_passes_what_is_never_to_run() -> None:
    slot = container("8-11", 9000, 9000, 9000, "9", **STOPPED)

    assert messages(RULE, Stack().add("slot", slot)) == []


def test_obeys_the_overcommit_for_memory_limits_and_no_further() -> None:
    stack = Stack().add("prometheus", container("10-11", 256, 384, 12288, "2"))
    assert messages(RULE, stack, overcommit=1.5) == []

    assert messages(RULE, stack, overcommit=1.25) == [
        "tier 2 may take 12288 MiB of 10240 MiB overcommitted x 1.25 (prometheus 12288):"
        f" {_LOWER} tiers.2.memory_limit"
    ]


def test_obeys_quotas_that_are_given_and_scales_the_others_to_the_host() -> None:
    half = {"cores": 6, "memory_mib": 15043}
    stack = Stack().add("redis", container("1-5", 3073, 7169, 7169, "1"))

    assert messages(RULE, stack, host=half) == [
        "tier 1 requests 3.001 of 3 cores (redis 3.001): lower a request, or raise tiers.1.cpu",
        "tier 1 requests 7169 MiB of 7168.51 MiB (redis 7169): lower a request, or raise tiers.1.memory",
        f"tier 1 may take 5 of 4 cores, on 1-5 (redis 5): {_NARROW} tiers.1.cpu_limit",
    ]
    assert messages(RULE, stack, host=half, tiers={"1": {"cpu": 3.5, "memory": 7200, "cpu_limit": 5}}) == []


def test_rounds_what_there_is_down_in_messages() -> None:
    stack = Stack().add("c", container("2-9", 1025, 8, 9, "1", cpus="1.1"))
    tiers = {"1": {"cpu": 1.0005, "cpu_limit": 1.0005, "memory_limit": 8}}

    assert [text.split(" (")[0] for text in messages(RULE, stack, tiers=tiers, overcommit=1.001)] == [
        "tier 1 requests 1.001 of 1 cores",
        "tier 1 may take 1.1 of 1 cores, on 2-9",
        "tier 1 may take 9 MiB of 8 MiB overcommitted x 1.001",
    ]


def test_obeys_the_pools_cgroups_that_are_given() -> None:
    stack = Stack().add("a", container("10", 2, 8, 90000, "2", cgroupParent="/sutazai/prod/agents"))
    assert messages(RULE, stack, pool_cgroups={"agents": 8192}) == []

    for trusted, named in ((8193, "pool agents 8193"), (None, "a 90000")):
        (found,) = messages(RULE, stack, pool_cgroups={"agents": trusted})
        assert f"({named})" in found


def test_obeys_a_tier_of_ones_own_that_has_all_its_quotas() -> None:
    stack = small_stack().relabel("redis", tier="batch")
    quotas = {"cpu": 0.5, "memory": 448, "cpu_limit": 2, "memory_limit": 512}
    assert messages(RULE, stack, tiers={"batch": quotas}) == []
    assert [
        text.split(" (")[0] for text in messages(RULE, stack.change("redis", memory=513), tiers={"batch": quotas})
    ] == ["tier batch may take 513 MiB of 512 MiB"]

    for key in quotas:
        given = {name: value for name, value in quotas.items() if name != key}
        assert messages(RULE, stack, tiers={"batch": given}) == [
            "the settings of tier-quotas can't be used: tiers.batch: not a reference tier, so give all of cpu,"
            " memory, cpu_limit and memory_limit (they come from policy/stacks.yaml and --policy-pack-config)"
        ]


@pytest.mark.parametrize(
    ("changes", "what"),
    [({"cpuSet": UNKNOWN, "cpus": "0.5"}, "core set"), ({"cpuShares": UNKNOWN}, "CPU request"),
     ({"cpus": UNKNOWN}, "CPU limit"), ({"memoryReservation": UNKNOWN}, "memory request"),
     ({"memory": UNKNOWN}, "memory limit")],
)  # fmt: skip
def test_unknown_amounts_are_violations(changes: dict[str, Any], what: str) -> None:
    found = messages(RULE, small_stack().change("redis", **changes))

    assert found == [f"the {what} of redis can't be counted: it {LATER}"]


def test_unknown_replicas_are_a_violation() -> None:
    worker = service(1, 10**8, 2**28) | {"mode": UNKNOWN}

    assert messages(RULE, Stack().add("worker", worker, SERVICE)) == [
        f"the replicas of worker can't be counted: it {LATER}"
    ]
