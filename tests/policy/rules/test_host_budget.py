from __future__ import annotations

import pytest
from sutazai_policy.rules import HOST_BUDGET

from tests.policy.stacks import (
    LEFT_OUT,
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


def test_the_reference_stack_fits_the_reference_host() -> None:
    assert messages(HOST_BUDGET, reference_stack()) == []


def test_memory_requests_may_fill_the_usable_memory_to_the_last_mib() -> None:
    full = Stack().add("redis", container("4-5", 512, 27648, 27648))

    assert messages(HOST_BUDGET, full) == []


def test_memory_requests_beyond_the_usable_memory_name_sums_culprits_and_who_is_evicted_first() -> None:
    stack = small_stack().change("redis", memoryReservation=27089, memory=27089)
    stack.change("redis", labels=labels(tier="1", priority="critical"))
    stack.change("agent", labels=labels(tier="2", priority="high"))
    stack.change("aider", labels=labels(tier="3", priority="low"))

    assert messages(HOST_BUDGET, stack) == [
        "the stack requests 27649 MiB of 27648 MiB usable memory (redis 27089, aider 512, agent 48);"
        " evicted first: aider (priority 400), then agent (priority 800), then redis (priority 1000):"
        " lower memoryReservation, or raise host.memory_mib",
        "the stack may take 27857 MiB of 27648 MiB usable memory (redis 27089, aider 512, agent 256);"
        " evicted first: aider (priority 400), then agent (priority 800), then redis (priority 1000):"
        " lower memory, place containers in their pool's cgroup, or raise overcommit",
    ]


def test_among_equal_priorities_the_largest_over_request_goes_first() -> None:
    stack = Stack()
    for name, request, limit in (("even", 20000, 20000), ("greedy", 100, 9000), ("modest", 100, 200)):
        stack.add(name, container("4-5", 512, request, limit, labels=labels(tier="1", priority="600")))

    (message,) = messages(HOST_BUDGET, stack)

    order = "evicted first: greedy (priority 600), then modest (priority 600), then even (priority 600)"
    assert order in message


def test_a_lying_priority_gains_nothing() -> None:
    stack = small_stack().change("redis", memoryReservation=28000, memory=28000)
    stack.change("redis", labels=labels(tier="1", priority="immortal"))
    stack.change("agent", labels=labels(tier="2", priority="background"))
    stack.change("aider", labels=[*labels(priority="critical"), *labels(priority="low"), *labels(tier="3")])

    assert (
        "evicted first: aider (priority 0), then redis (priority 0), then agent (priority 200)"
        in (messages(HOST_BUDGET, stack)[0])
    )


def test_no_label_lowers_a_sum() -> None:
    stack = reference_stack().add("bare", container("4", 2, 20000, 20000, labels=[]))

    assert [text.split(" (")[0] for text in messages(HOST_BUDGET, stack)] == [
        "the stack requests 35984 MiB of 27648 MiB usable memory",
        "the stack may take 47008 MiB of 27648 MiB usable memory",
    ]


def test_long_lists_of_culprits_are_capped() -> None:
    stack = Stack()
    for number in range(9):
        stack.add(f"c{number}", container("4-5", 100, 4000 + number, 4000 + number))

    (requests, _) = messages(HOST_BUDGET, stack)

    assert "(c8 4008, c7 4007, c6 4006, c5 4005, c4 4004, +4 more)" in requests


def test_cpu_requests_beyond_the_usable_cores_are_named() -> None:
    stack = small_stack().change("redis", cpuShares=10240, cpuSet="2-11")

    assert messages(HOST_BUDGET, stack) == [
        "the stack requests 10.313 of 10 usable cores (redis 10, aider 0.25, agent 0.063):"
        " lower cpuShares, or raise host.cores"
    ]


def test_cpu_requests_may_fill_the_usable_cores_exactly() -> None:
    full = Stack().add("redis", container("2-11", 10240, 448, 512))

    assert messages(HOST_BUDGET, full) == []


def test_left_out_shares_count_as_the_whole_core_that_docker_gives() -> None:
    stack = Stack()
    for number in range(11):
        stack.add(f"c{number:02}", container("2-11", 0, 100, 100, cpuShares=[None, 0, LEFT_OUT][number % 3]))

    assert messages(HOST_BUDGET, stack.change("c02").change("c05").change("c08")) == [
        "the stack requests 11 of 10 usable cores (c00 1, c01 1, c02 1, c03 1, c04 1, +6 more):"
        " lower cpuShares, or raise host.cores"
    ]


def test_sums_that_fit_the_host_but_not_their_cores_are_found() -> None:
    stack = small_stack().change("redis", cpuShares=2048).add("sidecar", container("4-5", 100, 16, 16))

    assert messages(HOST_BUDGET, stack) == [
        "what is confined to cores 4-5 requests 2.098 cores of 2 (redis 2, sidecar 0.098):"
        " lower cpuShares, or widen a cpuSet"
    ]


def test_overlapping_core_sets_are_judged_as_a_flow() -> None:
    stack = Stack().add("a", container("4-5", 1536, 16, 16)).add("b", container("5-6", 1536, 16, 16))
    assert messages(HOST_BUDGET, stack) == []

    stack.add("c", container("4,6", 512, 16, 16))

    assert messages(HOST_BUDGET, stack) == [
        "what is confined to cores 4-6 requests 3.5 cores of 3 (a 1.5, b 1.5, c 0.5):"
        " lower cpuShares, or widen a cpuSet"
    ]


@pytest.mark.parametrize(
    ("cores", "message"),
    [
        ("12", "redis may run on core 12, and the host has cores 0-11: narrow its cpuSet"),
        ("4,12-13", "redis may run on cores 12-13, and the host has cores 0-11: narrow its cpuSet"),
        ("1-2", "redis may run on core 1, and cores 0-1 are for the system: narrow its cpuSet"),
    ],
)
def test_a_core_that_is_not_to_be_had_is_a_violation_on_the_container(cores: str, message: str) -> None:
    stack = small_stack().change("redis", cpuSet=cores)

    (found,) = violations(HOST_BUDGET, stack)

    assert found.message == message
    assert found.urn == stack.urn("redis")


def test_a_container_without_a_memory_limit_is_a_violation_unless_its_pool_holds_it() -> None:
    stack = small_stack().change("redis", memory=None)
    assert messages(HOST_BUDGET, stack) == [
        "redis has no memory limit and may take all 30085 MiB of the host: set its memory"
    ]

    stack.change("redis", cgroupParent="/sutazai/prod/infrastructure")

    assert messages(HOST_BUDGET, stack) == []


def test_limits_may_exceed_the_usable_memory_by_the_stated_overcommit_only() -> None:
    stack = small_stack().change("redis", memory=27648 * 2 - 768)
    assert messages(HOST_BUDGET, stack, overcommit=2) == []

    stack.change("agent", memory=257)

    (message,) = messages(HOST_BUDGET, stack, overcommit=2)
    assert message.startswith("the stack may take 55297 MiB of 55296 MiB usable memory overcommitted x 2 (redis")


@pytest.mark.parametrize(
    "parent",
    ["/sutazai/prod/agents", "sutazai-prod-agents.slice"],
)
def test_a_pool_cgroup_of_the_stack_carries_the_ceiling(parent: str) -> None:
    stack = small_stack().change("agent", memory=90000, cgroupParent=parent)

    assert messages(HOST_BUDGET, stack) == []


@pytest.mark.parametrize(
    "parent",
    [
        None,
        "/agents",
        "/sutazai/agents",
        "/sutazai/dev/agents",
        "/sutazai/prod/agents/more",
        "/sutazai/prod/agents/",
        "/sutazai/prod/../prod/agents",
        "sutazai/prod/agents",
        "/sutazai/prod/unheard-of",
        "sutazai-dev-agents.slice",
        "sutazai-prod-agents",
        "/sutazai-prod-agents.slice",
        UNKNOWN,
    ],
)
def test_any_other_parent_cgroup_is_not_trusted(parent: str | None) -> None:
    stack = small_stack().change("agent", memory=90000, cgroupParent=parent)

    (message,) = messages(HOST_BUDGET, stack)

    assert message.startswith("the stack may take 91024 MiB of 27648 MiB usable memory (agent 90000, ")


def test_a_slice_is_trusted_only_as_its_name_is_written_for_a_stack_with_a_dash() -> None:
    for parent, count in (("sutazai-my_shop-agents.slice", 0), ("sutazai-my-shop-agents.slice", 1)):
        stack = Stack("my-shop").add("agent", container("4", 64, 48, 90000, cgroupParent=parent))

        assert len(messages(HOST_BUDGET, stack)) == count


def test_tools_share_the_ceiling_of_ml() -> None:
    stack = small_stack().add("filler", container("4", 64, 48, 22528))
    stack.remove("redis").remove("agent").remove("aider")
    for name, pool in (("pytorch", "ml"), ("aider", "tools")):
        stack.add(name, container("8-11", 64, 48, 9000, "3", cgroupParent=f"/sutazai/prod/{pool}"))
    assert messages(HOST_BUDGET, stack) == []

    separate = messages(HOST_BUDGET, stack, pool_cgroups={"ml": None})

    assert [text.split(";")[0] for text in separate] == [
        "the stack may take 33576 MiB of 27648 MiB usable memory (filler 22528, pytorch 9000, pool tools 2048)"
    ]


def test_any_cgroup_can_be_trusted_by_its_full_name() -> None:
    stack = small_stack().change("agent", memory=90000, cgroupParent="/my/own")

    assert messages(HOST_BUDGET, stack, pool_cgroups={"/my/own": 4096}) == []


def test_a_cgroup_without_its_limit_is_no_setting() -> None:
    assert messages(HOST_BUDGET, small_stack(), pool_cgroups={"/my/own": {}}) == [
        "the settings of host-budget can't be used: pool_cgroups./my/own.memory: missing: give the cgroup's"
        " memory limit in MiB (they come from policy/stacks.yaml and --policy-pack-config)"
    ]


def test_a_pool_can_not_be_inside_one_that_is_inside_another() -> None:
    settings = {"agents": {"within": "tools"}}

    assert messages(HOST_BUDGET, small_stack(), pool_cgroups=settings) == [
        "the settings of host-budget can't be used: pool_cgroups.agents.within: tools can't contain it:"
        " name an outermost pool (they come from policy/stacks.yaml and --policy-pack-config)"
    ]


def test_swarm_services_count_with_all_their_replicas() -> None:
    stack = small_stack().add("worker", service(5, 2_500_000_000, 6000 * 2**20), SERVICE)

    assert [text.split(";")[0].split(":")[0] for text in messages(HOST_BUDGET, stack)] == [
        "the stack requests 13.313 of 10 usable cores (worker 12.5, redis 0.5, aider 0.25, agent 0.063)",
        "the stack requests 31008 MiB of 27648 MiB usable memory (worker 30000, aider 512, redis 448, agent 48)",
        "the stack may take 31280 MiB of 27648 MiB usable memory (worker 30000, aider 512, redis 512, agent 256)",
    ]


def test_a_global_service_counts_once_a_host_and_one_without_replicas_once() -> None:
    for mode in ({"global": True, "replicated": None}, {"global": False, "replicated": None}, None):
        stack = Stack().add("worker", service(0, 10**9, 27649 * 2**20), SERVICE).change("worker", mode=mode)

        assert len(messages(HOST_BUDGET, stack)) == 2


def test_a_service_scaled_to_zero_claims_nothing() -> None:
    stack = Stack().add("worker", service(0, 10**12, 2**50), SERVICE)

    assert messages(HOST_BUDGET, stack) == []


def test_a_container_that_is_plainly_declared_stopped_claims_nothing() -> None:
    slot = container("8-11", 10240, 90000, 90000, "3", start=False, mustRun=False, restart="no")

    assert messages(HOST_BUDGET, small_stack().add("slot", slot)) == []


@pytest.mark.parametrize(
    "running",
    [{"start": True}, {"mustRun": True}, {"restart": "always"}, {"start": UNKNOWN}, {"mustRun": "no"}],
)
def test_a_container_that_may_run_all_the_same_counts(running: dict[str, object]) -> None:
    stopped = {"start": False, "mustRun": False, "restart": "no"}
    slot = container("8-11", 64, 90000, 90000, "3", **{**stopped, **running})

    assert len(messages(HOST_BUDGET, small_stack().add("slot", slot))) == 2


def test_two_containers_can_not_have_one_name() -> None:
    stack = small_stack().change("redis", name="cache").change("aider", name="cache").change("agent", name="a")

    (found,) = violations(HOST_BUDGET, stack)

    assert found.message == 'redis wants the container name "cache", which aider has: give it another'
    assert found.urn == stack.urn("redis")


def test_two_resources_of_the_same_name_both_count() -> None:
    stack = Stack()
    for parent in ("pkg:web:Pool", "pkg:data:Pool"):
        stack.add("redis", container("4-5", 512, 14000, 14000), parent=parent)

    assert messages(HOST_BUDGET, stack)[0].startswith(
        "the stack requests 28000 MiB of 27648 MiB usable memory (redis 14000, redis 14000);"
    )


def test_a_missing_request_counts_as_the_limit() -> None:
    stack = small_stack().change("redis", memoryReservation=0, memory=27089)

    assert messages(HOST_BUDGET, stack)[0].startswith("the stack requests 27649 MiB of 27648 MiB")


def test_what_can_not_be_counted_is_named() -> None:
    stack = small_stack().change("redis", memoryReservation=UNKNOWN, cpuShares="many", cpuSet="5-2")
    stack.change("agent", memory=UNKNOWN, memoryReservation=None)

    assert messages(HOST_BUDGET, stack) == [
        f"the {what} can't be counted: give it as a plain value (limits-required says what is wrong with it)"
        for what in (
            "core set of redis",
            "CPU request of redis",
            "memory request of agent, redis",
            "memory limit of agent",
        )
    ]


@pytest.mark.parametrize(
    ("host", "usable"),
    [
        ({"cores": 24, "memory_mib": 60170}, 57344),
        ({"cores": 12, "memory_mib": 30085, "system_reserve_mib": 1000}, 28696),
        ({"memory_mib": 30085, "emergency_reserve_mib": 0}, 28037),
    ],
)
def test_a_declared_host_gives_what_its_reserves_leave(host: dict[str, int], usable: int) -> None:
    stack = Stack().add("redis", container("4-5", 512, usable, usable))
    assert messages(HOST_BUDGET, stack, host=host) == []

    stack.change("redis", memoryReservation=usable + 1, memory=usable + 1)

    assert f"of {usable} MiB usable memory" in messages(HOST_BUDGET, stack, host=host)[0]


@pytest.mark.parametrize(
    ("host", "problem"),
    [
        ({"cores": 4, "reserved_cores": 4}, "host.reserved_cores: leaves none of 4 cores: reserve fewer"),
        (
            {"memory_mib": 1000, "system_reserve_mib": 2048},
            "host: the reserves leave no memory: lower system_reserve_mib or emergency_reserve_mib",
        ),
        ("laptop", 'host: "laptop" is no host: give auto, reference, or cores and memory_mib'),
        (
            {"cores": 0},
            "host.cores: input should be greater than or equal to 1; host.cores: input should be 'auto'",
        ),
        ({"core": 4}, "host.core: extra inputs are not permitted"),
    ],
)
def test_a_host_that_can_not_be_is_refused_not_guessed(host: object, problem: str) -> None:
    assert messages(HOST_BUDGET, small_stack(), host=host) == [
        f"the settings of host-budget can't be used: {problem}"
        " (they come from policy/stacks.yaml and --policy-pack-config)"
    ]
