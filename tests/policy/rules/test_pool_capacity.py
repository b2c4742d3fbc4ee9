"""A pool's requests fit it, and pools that share a buffer fit it together."""

from __future__ import annotations

from typing import Any

import pytest
from sutazai_policy.rules.pool_capacity import RULE

from tests.policy.stacks import (
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

_POOLLESS = "set the label sutazai.pool to one of agents, infrastructure, ml, tools, or describe the pool in pools"


def _in(pool: str, shares: int, request: int, name: str = "c", stack: Stack | None = None) -> Stack:
    found = (stack or Stack()).add(name, container("8-11", shares, request, request))
    return found.relabel(name, pool=pool)


def test_passes_the_reference_stack() -> None:
    assert messages(RULE, reference_stack()) == []


@pytest.mark.parametrize(
    ("pool", "cores", "memory"),
    [("infrastructure", 6, 14336), ("agents", 4, 8192), ("ml", 2, 5120), ("tools", 1, 2048)],
)
def test_passes_a_full_pool_and_refuses_one_more_share_or_mib(pool: str, cores: int, memory: int) -> None:
    assert messages(RULE, _in(pool, cores * 1024, memory)) == []

    found = violations(RULE, _in(pool, cores * 1024 + 1, memory + 1))

    shared = " with tools, which it shares its memory with," if pool == "ml" else ""
    assert [one.message for one in found] == [
        f"pool {pool} requests {cores}.001 of {cores} cores (c {cores}.001):"
        f" lower cpuShares, run fewer, or raise pools.{pool}.cpu",
        f"pool {pool}{shared} requests {memory + 1} MiB of {memory} MiB (c {memory + 1}):"
        f" lower memoryReservation, run fewer, or raise pools.{pool}.memory",
    ]
    assert {one.urn for one in found} == {None}


def test_refuses_ml_and_tools_that_only_together_overflow_their_buffer() -> None:
    stack = _in("tools", 2, 1024, "aider", _in("ml", 2, 4096, "pytorch"))
    assert messages(RULE, stack) == []

    assert messages(RULE, stack.change("aider", memoryReservation=1025)) == [
        "pool ml with tools, which it shares its memory with, requests 5121 MiB of 5120 MiB"
        " (pytorch 4096, aider 1025): lower memoryReservation, run fewer, or raise pools.ml.memory"
    ]


def test_refuses_a_byte_too_many_in_the_shared_buffer() -> None:
    stack = _in("ml", 2, 4096, "pytorch").add("tool", service(1, 10**6, 1024 * 2**20, "3"), SERVICE)
    stack.relabel("tool", pool="tools")
    assert messages(RULE, stack) == []

    stack.change("tool", taskSpec=service(1, 10**6, 1024 * 2**20 + 1)["taskSpec"])

    assert messages(RULE, stack) == [
        "pool ml with tools, which it shares its memory with, requests 5120.01 MiB of 5120 MiB"
        " (pytorch 4096, tool 1024.01): lower memoryReservation, run fewer, or raise pools.ml.memory"
    ]


def test_passes_pools_that_share_memory_but_no_cores() -> None:
    assert messages(RULE, _in("tools", 1024, 8, "aider", _in("ml", 2048, 8, "pytorch"))) == []


def test_refuses_a_service_by_all_its_replicas() -> None:
    stack = Stack().add("worker", service(5, 10**9, 2**31), SERVICE)

    assert [text.split(":")[0] for text in messages(RULE, stack)] == [
        "pool agents requests 5 of 4 cores (worker 5)",
        "pool agents requests 10240 MiB of 8192 MiB (worker 10240)",
    ]
    assert messages(RULE, Stack().add("worker", service(10**15, 10**9, 2**20), SERVICE))[0].startswith(
        f"pool agents requests {10**15} of 4 cores"
    )


@pytest.mark.parametrize(
    "label",
    [[], None, UNKNOWN, labels(pool="batch"), labels(pool="ML"), labels(pool="ml "), labels(pool=UNKNOWN),
     labels(pool=3), labels(Pool="ml"), [*labels(pool="ml"), *labels(pool="tools")], [*labels(pool="ml"), None]],
    ids=str,
)  # fmt: skip
def test_unknown_pools_are_a_violation_since_no_capacity_holds_them(label: Any) -> None:
    (found,) = violations(RULE, small_stack().change("redis", labels=label))

    assert found.message == f"no pool holds redis, which is in no known one: {_POOLLESS}"
    assert found.urn is None


def test_refuses_several_that_are_in_no_pool_together() -> None:
    stack = small_stack().change("redis", labels=[]).change("agent", labels=[])

    assert messages(RULE, stack) == [f"no pool holds agent, redis, which are in no known one: {_POOLLESS}"]


def test_passes_what_is_never_to_run() -> None:
    slot = container("8-11", 9000, 9000, 9000, "9", **STOPPED, labels=[])

    assert messages(RULE, Stack().add("slot", slot)) == []


def test_writes_no_secret_amount() -> None:
    stack = _in("tools", 2, 8, "b", _in("tools", 2, 8, "a")).change("a", memoryReservation=Secret(3000))

    assert messages(RULE, stack)[0].startswith("pool tools requests 3008 MiB of 2048 MiB (a (secret), b 8):")


def test_obeys_a_capacity_that_is_given_and_scales_the_others_to_the_host() -> None:
    half = {"cores": 6, "memory_mib": 15043}
    stack = _in("ml", 1025, 2561)

    assert [text.split(" (")[0] for text in messages(RULE, stack, host=half)] == [
        "pool ml requests 1.001 of 1 cores",
        "pool ml with tools, which it shares its memory with, requests 2561 MiB of 2560.18 MiB",
    ]
    assert messages(RULE, stack, host=half, pools={"ml": {"memory": 2561, "cpu": 1.001}}) == []
    assert [text.split(" (")[0] for text in messages(RULE, stack, pools={"ml": {"cpu": 1, "memory": 2560}})] == [
        "pool ml requests 1.001 of 1 cores",
        "pool ml with tools, which it shares its memory with, requests 2561 MiB of 2560 MiB",
    ]


def test_rounds_what_there_is_down_in_messages() -> None:
    assert [
        text.split(" (")[0]
        for text in messages(RULE, _in("tools", 1025, 8), pools={"tools": {"cpu": 1.0005}, "ml": {"memory": 0}})
    ] == [
        "pool ml with tools, which it shares its memory with, requests 8 MiB of 0 MiB",
        "pool tools requests 1.001 of 1 cores",
    ]


def test_obeys_pools_of_ones_own_and_what_they_lie_within() -> None:
    pools = {
        "batch": {"tier": "3", "cpu": 0.5, "memory": 4096, "within": "ml"},
        "spare": {"tier": "2", "cpu": 1, "memory": 64},
    }
    stack = _in("batch", 512, 3000, "b", _in("tools", 2, 1500, "t", _in("spare", 1024, 64, "s")))
    assert messages(RULE, stack, pools=pools) == []

    stack.change("t", memoryReservation=2048, memory=2048).change("b", memoryReservation=3073)
    stack.change("s", memoryReservation=65)

    assert messages(RULE, stack, pools=pools) == [
        "pool ml with batch, tools, which it shares its memory with, requests 5121 MiB of 5120 MiB"
        " (b 3073, t 2048): lower memoryReservation, run fewer, or raise pools.ml.memory",
        "pool spare requests 65 MiB of 64 MiB (s 65):"
        " lower memoryReservation, run fewer, or raise pools.spare.memory",
    ]


@pytest.mark.parametrize(
    ("pools", "problem"),
    [
        ({"x": {"cpu": 1, "memory": 1}}, "pools.x: not a reference pool, so give all of tier, cpu and memory"),
        ({"x": {"tier": "3", "memory": 1}}, "pools.x: not a reference pool, so give all of tier, cpu and memory"),
        ({"x": {"tier": "3", "cpu": 1}}, "pools.x: not a reference pool, so give all of tier, cpu and memory"),
        ({"ml": {"within": "ml"}}, "pools.ml.within: ml can't contain it: name an outermost pool"),
        ({"ml": {"within": "gone"}}, "pools.ml.within: gone can't contain it: name an outermost pool"),
        ({"agents": {"within": "tools"}}, "pools.agents.within: tools can't contain it: name an outermost pool"),
        ({"ml": {"within": "tools"}}, "pools.ml.within: tools can't contain it: name an outermost pool"),
        ({"ml": {"memory": -1}}, "pools.ml.memory: input should be greater than or equal to 0"),
        ({"ml": {"memry": 1}}, "pools.ml.memry: extra inputs are not permitted"),
    ],
)
def test_refuses_pools_that_can_not_be(pools: dict[str, Any], problem: str) -> None:
    assert messages(RULE, small_stack(), pools=pools) == [
        f"the settings of pool-capacity can't be used: {problem}"
        " (they come from policy/stacks.yaml and --policy-pack-config)"
    ]


@pytest.mark.parametrize(
    ("changes", "what"),
    [({"cpuShares": UNKNOWN}, "CPU request"), ({"memoryReservation": UNKNOWN}, "memory request")],
)
def test_unknown_amounts_are_violations(changes: dict[str, Any], what: str) -> None:
    assert messages(RULE, small_stack().change("redis", **changes)) == [
        f"the {what} of redis can't be counted: it {LATER}"
    ]


def test_unknown_replicas_are_a_violation() -> None:
    worker = service(1, 10**8, 2**28) | {"mode": UNKNOWN}

    assert messages(RULE, Stack().add("worker", worker, SERVICE)) == [
        f"the replicas of worker can't be counted: it {LATER}"
    ]
