"""What containers request and may take fits the host; the sums and their borders, each with its whole message."""

from __future__ import annotations

from typing import Any

import pytest
from sutazai_policy.rules.host_budget import RULE

from tests.policy.stacks import (
    LEFT_OUT,
    SERVICE,
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

_LOWER_LIMITS = "lower memory, place containers in their pool's cgroup, or raise overcommit"


def _sums(found: list[str]) -> list[str]:
    """Return the messages without the order of eviction and the way out."""
    return [text.split(";")[0].split(": lower")[0] for text in found]


def test_passes_the_reference_stack() -> None:
    assert messages(RULE, reference_stack()) == []


def test_passes_what_fills_the_host_to_the_last_mib_and_share() -> None:
    assert messages(RULE, Stack().add("redis", container("2-11", 10240, 27648, 27648))) == []


def test_refuses_memory_beyond_the_host_with_sums_culprits_and_who_is_evicted_first() -> None:
    stack = small_stack().change("redis", memoryReservation=27089, memory=27089)
    stack.relabel("redis", priority="critical").relabel("agent", priority="high").relabel("aider", priority="low")
    evicted = "evicted first: aider (priority 400), then agent (priority 800), then redis (priority 1000)"

    found = violations(RULE, stack)

    assert [one.message for one in found] == [
        "the stack requests 27649 MiB of 27648 MiB usable memory (redis 27089, aider 512, agent 48);"
        f" {evicted}: lower memoryReservation, or raise host.memory_mib",
        "the stack may take 27857 MiB of 27648 MiB usable memory (redis 27089, aider 512, agent 256);"
        f" {evicted}: {_LOWER_LIMITS}",
    ]
    assert [one.urn for one in found] == [None, None]


def test_refuses_cpu_requests_beyond_the_usable_cores() -> None:
    stack = small_stack().change("redis", cpuShares=10240, cpuSet="2-11")

    assert messages(RULE, stack) == [
        "the stack requests 10.313 of 10 usable cores (redis 10, aider 0.25, agent 0.063):"
        " lower cpuShares, or raise host.cores"
    ]


def test_refuses_the_eleventh_container_without_shares_since_docker_gives_each_a_core() -> None:
    stack = Stack()
    for number in range(11):
        given = [None, 0, LEFT_OUT][number % 3]
        stack.add(f"c{number:02}", container("2-11", 0, 100, 100)).change(f"c{number:02}", cpuShares=given)
    assert messages(RULE, stack) == [
        "the stack requests 11 of 10 usable cores (c00 1, c01 1, c02 1, c03 1, c04 1, +6 more):"
        " lower cpuShares, or raise host.cores"
    ]

    assert messages(RULE, stack.remove("c10")) == []


def test_refuses_a_container_without_a_limit_that_no_cgroup_holds() -> None:
    stack = small_stack().change("redis", memory=None)

    (found,) = violations(RULE, stack)

    assert found.message == (
        "redis has no memory limit and may take all 30085 MiB of the host:"
        " set memory, or a service's limits.memoryBytes"
    )
    assert found.urn == stack.urn("redis")
    assert messages(RULE, stack.change("redis", cgroupParent="/sutazai/prod/infrastructure")) == []


def test_refuses_a_service_by_all_its_replicas() -> None:
    stack = small_stack().add("worker", service(5, 2_500_000_000, 6000 * 2**20), SERVICE)

    assert _sums(messages(RULE, stack)) == [
        "the stack requests 13.313 of 10 usable cores (worker 12.5, redis 0.5, aider 0.25, agent 0.063)",
        "the stack requests 31008 MiB of 27648 MiB usable memory (worker 30000, aider 512, redis 448, agent 48)",
        "the stack may take 31280 MiB of 27648 MiB usable memory (worker 30000, aider 512, redis 512, agent 256)",
    ]


def test_refuses_replicas_without_number_in_no_time() -> None:
    found = _sums(messages(RULE, Stack().add("worker", service(10**15, 10**9, 2**20), SERVICE)))

    assert found == [
        f"the stack requests {10**15} of 10 usable cores (worker {10**15})",
        f"the stack requests {10**15} MiB of 27648 MiB usable memory (worker {10**15})",
        f"the stack may take {10**15} MiB of 27648 MiB usable memory (worker {10**15})",
    ]


def test_refuses_a_services_task_that_reserves_nothing_as_a_whole_core() -> None:
    worker = service(11, 10**9, 2**20)
    worker["taskSpec"]["resources"]["reservation"] = None

    assert _sums(messages(RULE, Stack().add("worker", worker, SERVICE))) == [
        "the stack requests 11 of 10 usable cores (worker 11)"
    ]


def test_refuses_what_only_its_labels_make_small() -> None:
    stack = reference_stack().add("bare", container("4", 2, 20000, 20000, labels=[]))

    assert [text.split(" (")[0] for text in messages(RULE, stack)] == [
        "the stack requests 35984 MiB of 27648 MiB usable memory",
        "the stack may take 47008 MiB of 27648 MiB usable memory",
    ]


def test_refuses_two_resources_of_the_same_name_for_both() -> None:
    stack = Stack()
    for parent in ("pkg:web:Pool", "pkg:data:Pool"):
        stack.add("redis", container("4-5", 512, 14000, 14000), parent=parent)

    assert _sums(messages(RULE, stack))[0] == (
        "the stack requests 28000 MiB of 27648 MiB usable memory (redis 14000, redis 14000)"
    )


def test_names_the_largest_culprits_only() -> None:
    stack = Stack()
    for number in range(9):
        stack.add(f"c{number}", container("4-5", 100, 4000 + number, 4000 + number))

    assert "(c8 4008, c7 4007, c6 4006, c5 4005, c4 4004, +4 more)" in messages(RULE, stack)[0]


def test_names_among_equal_priorities_the_largest_over_its_request_first() -> None:
    stack = Stack()
    for name, request, limit in (("even", 20000, 20000), ("greedy", 100, 9000), ("modest", 100, 200)):
        stack.add(name, container("4-5", 512, request, limit))

    (message,) = messages(RULE, stack)

    order = "evicted first: greedy (priority 600), then modest (priority 600), then even (priority 600)"
    assert order in message
    stack.add("endless", container("4-5", 512, 100, 100, cgroupParent="/sutazai/prod/agents", memory=None))
    assert "evicted first: endless (priority 600), then greedy" in messages(RULE, stack)[0]


def test_a_lying_priority_gains_nothing() -> None:
    stack = small_stack().change("redis", memoryReservation=28000, memory=28000)
    stack.relabel("redis", priority="immortal").relabel("agent", priority="background")
    stack.change("aider", labels=[*labels(priority="critical"), *labels(priority="low"), *labels(tier="3")])

    order = "evicted first: aider (priority 0), then redis (priority 0), then agent (priority 200)"
    assert order in messages(RULE, stack)[0]


def test_writes_no_secret_amount() -> None:
    stack = small_stack().change("redis", memory=Secret(27089), memoryReservation=Secret(27089))
    stack.change("redis", cpuShares=Secret(10240), cpuSet="2-11")

    found = messages(RULE, stack)

    assert len([text for text in found if "(redis (secret), aider " in text]) == len(found) == 3
    assert not any("27089" in text for text in found)


def test_obeys_the_overcommit_for_limits_and_no_further() -> None:
    stack = small_stack().change("redis", memory=27648 * 2 - 768)
    assert messages(RULE, stack, overcommit=2) == []

    assert messages(RULE, stack.change("agent", memory=257), overcommit=2) == [
        "the stack may take 55297 MiB of 55296 MiB usable memory overcommitted x 2"
        " (redis 54528, aider 512, agent 257);"
        " evicted first: redis (priority 600), then agent (priority 600), then aider (priority 600):"
        f" {_LOWER_LIMITS}"
    ]


def test_obeys_the_overcommit_for_no_request() -> None:
    stack = Stack().add("redis", container("4-5", 512, 27649, 27649))

    assert _sums(messages(RULE, stack, overcommit=2)) == [
        "the stack requests 27649 MiB of 27648 MiB usable memory (redis 27649)"
    ]


@pytest.mark.parametrize(
    ("changes", "messages_expected"),
    [
        ({"cpuShares": UNKNOWN}, [f"the CPU request of redis can't be counted: it {LATER}"]),
        (
            {"cpuShares": "512"},
            [
                "the CPU request of redis can't be counted:"
                " it is the text '512', not a whole number: give a whole number"
            ],
        ),
        ({"memoryReservation": UNKNOWN}, [f"the memory request of redis can't be counted: it {LATER}"]),
        ({"memory": UNKNOWN}, [f"the memory limit of redis can't be counted: it {LATER}"]),
        (
            {"memory": None, "memoryReservation": 0, "cgroupParent": "/sutazai/prod/infrastructure"},
            [
                "the memory request of redis can't be counted:"
                " it is given by neither a reservation nor a limit: set both"
            ],
        ),
    ],
)  # fmt: skip
def test_unknown_or_odd_amounts_are_violations(changes: dict[str, Any], messages_expected: list[str]) -> None:
    assert messages(RULE, small_stack().change("redis", **changes)) == messages_expected


def test_unknown_amounts_of_several_are_told_together_with_the_first_reason() -> None:
    stack = small_stack().change("redis", memory=-1).change("agent", memory=UNKNOWN, memoryReservation=None)

    assert messages(RULE, stack) == [
        "the memory request of agent can't be counted: it is given by neither a reservation nor a limit: set both",
        f"the memory limit of agent, redis can't be counted: that of agent {LATER}",
    ]


def test_unknown_replicas_are_a_violation() -> None:
    worker = service(1, 10**8, 2**28) | {"mode": {"replicated": {"replicas": UNKNOWN}}}

    assert messages(RULE, Stack().add("worker", worker, SERVICE)) == [
        f"the replicas of worker can't be counted: it {LATER}"
    ]
