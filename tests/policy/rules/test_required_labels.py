"""Every workload says what it is, and truly."""

from __future__ import annotations

from typing import Any

import pytest
from sutazai_policy.rules.required_labels import RULE

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

_ALL = {"stack": "prod", "service": "redis", "pool": "infrastructure", "tier": "1", "priority": "medium"}
_ADVICE = {
    "stack": "set it, in plain text, to prod",
    "service": "set it, in plain text, to the service's name",
    "pool": "set it, in plain text, to one of agents, infrastructure, ml, tools",
    "tier": "set it, in plain text, to one of 1, 2, 3",
    "priority": "set it, in plain text, to one of critical, high, medium, low, background",
}


def _worker(inner: Any, **outer: Any) -> Stack:
    found = service(1, 10**9, 2**20) | {"labels": labels(**outer)}
    found["taskSpec"]["containerSpec"]["labels"] = inner
    return Stack().add("worker", found, SERVICE)


def test_passes_the_reference_stack_and_a_service() -> None:
    assert messages(RULE, reference_stack().add("worker", service(1, 10**9, 2**20), SERVICE)) == []


@pytest.mark.parametrize("priority", ["critical", "high", "medium", "low", "background"])
def test_passes_each_priority(priority: str) -> None:
    assert messages(RULE, small_stack().relabel("redis", priority=priority)) == []


@pytest.mark.parametrize(("pool", "tier"), [("infrastructure", "1"), ("agents", "2"), ("ml", "3"), ("tools", "3")])
def test_passes_each_pool_in_its_tier_and_refuses_it_in_another(pool: str, tier: str) -> None:
    assert messages(RULE, small_stack().relabel("redis", pool=pool, tier=tier)) == []

    other = "1" if tier != "1" else "2"
    assert messages(RULE, small_stack().relabel("redis", pool=pool, tier=other)) == [
        f"redis says that it is of tier {other} and in pool {pool}, which is of tier {tier}: make the two agree"
    ]


@pytest.mark.parametrize("key", _ALL)
@pytest.mark.parametrize(
    "nothing", [LEFT_OUT, None, "", Secret(None)], ids=["left out", "null", "empty", "secret"]
)
def test_refuses_a_missing_label(key: str, nothing: Any) -> None:
    stack = small_stack().change("redis", labels=labels(**_ALL)).relabel("redis", **{key: nothing})

    (found,) = violations(RULE, stack)

    assert found.message == f"redis has no label sutazai.{key}: {_ADVICE[key]}"
    assert found.urn == stack.urn("redis")


@pytest.mark.parametrize("nothing", [[], None, LEFT_OUT])
def test_refuses_a_container_without_any_label(nothing: Any) -> None:
    assert messages(RULE, small_stack().change("redis", labels=nothing)) == [
        f"redis has no label sutazai.{key}: {_ADVICE[key]}" for key in _ALL
    ]


@pytest.mark.parametrize(
    ("key", "value", "shown"),
    [
        ("stack", "dev", "dev"),
        ("stack", "Prod", "Prod"),
        ("pool", "batch", "batch"),
        ("pool", "infrastructure ", "'infrastructure '"),
        ("tier", "0", "0"),
        ("tier", "01", "01"),
        ("tier", "\uff11", "'\uff11'"),
        ("priority", "immortal", "immortal"),
        ("priority", "800", "800"),
        ("priority", "a\x1b[2Jb", "'a\\x1b[2Jb'"),
        ("priority", Secret("hunter2"), "a secret"),
    ],
)
def test_refuses_a_label_that_is_not_to_be_had(key: str, value: Any, shown: str) -> None:
    stack = small_stack().relabel("redis", **{key: value})

    assert messages(RULE, stack) == [f"redis has the label sutazai.{key} {shown}: {_ADVICE[key]}"]


@pytest.mark.parametrize("name", ["sutazai.Tier", "Sutazai.tier", "sutazai.tier ", "tier", "com.sutazai.tier"])
def test_refuses_a_label_of_another_spelling(name: str) -> None:
    stack = small_stack().relabel("redis", tier=LEFT_OUT)
    found = [
        *labels(**{key: value for key, value in _ALL.items() if key != "tier"}),
        {"label": name, "value": "1"},
    ]

    assert messages(RULE, stack.change("redis", labels=found)) == [
        f"redis has no label sutazai.tier: {_ADVICE['tier']}"
    ]


@pytest.mark.parametrize(
    ("more", "key", "problem"),
    [
        (labels(tier="2"), "tier", "is given twice (1 and 2): give it once"),
        (labels(tier=""), "tier", "is given twice (1 and nothing): give it once"),
        (labels(tier=Secret("2")), "tier", "is given twice (1 and a secret): give it once"),
        ([*labels(tier="2"), *labels(tier="3")], "tier", "is given twice (1 and 2): give it once"),
        ([*labels(tier=UNKNOWN), *labels(tier="1")], "tier", LATER),
        (labels(service=5), "service", "is 5, not a text: give a text"),
        (labels(stack=["prod"]), "stack", "is a list, not a text: give a text"),
        (labels(pool={"name": "ml"}), "pool", "is a group of properties, not a text: give a text"),
        (labels(priority=True), "priority", "is True, not a text: give a text"),
    ],
)
def test_refuses_a_label_that_contradicts_itself_or_is_no_text(more: list[Any], key: str, problem: str) -> None:
    stack = small_stack().change("redis", labels=[*labels(**_ALL), *more])

    assert messages(RULE, stack) == [f"redis has a label sutazai.{key} that {problem}"]


def test_passes_the_same_label_twice_with_the_same_value() -> None:
    for again in (labels(tier="1"), labels(tier=Secret("1")), [*labels(tier="1"), *labels(tier="1")]):
        stack = small_stack().change("redis", labels=[*labels(**_ALL), *again])

        assert messages(RULE, stack) == []


@pytest.mark.parametrize(
    ("odd", "problem"),
    [
        (UNKNOWN, LATER),
        ("sutazai.tier=2", "is no pair: give pairs of label and value"),
        (None, "is no pair: give pairs of label and value"),
        ({"value": "2"}, "has a name that is empty: give it one"),
        ({"label": "", "value": "2"}, "has a name that is empty: give it one"),
        ({"label": UNKNOWN, "value": "2"}, f"has a name that {LATER}"),
        ({"label": 1, "value": "2"}, "has a name that is 1, not a text: give a text"),
    ],
)
def test_refuses_all_labels_beside_one_that_may_be_any_of_them(odd: Any, problem: str) -> None:
    for given in ([*labels(**_ALL), odd], [odd, *labels(**_ALL)]):
        found = messages(RULE, small_stack().change("redis", labels=given))

        assert found == [
            f"redis has a label sutazai.{key} that is among labels of which one {problem}" for key in _ALL
        ]


def test_refuses_a_service_whose_two_lists_disagree() -> None:
    outer = _ALL | {"service": "worker", "pool": "agents", "tier": "2"}
    assert messages(RULE, _worker([], **outer)) == []
    assert messages(RULE, _worker(labels(**outer), stack="prod")) == []

    stack = _worker(labels(tier="3"), **outer)
    (found,) = violations(RULE, stack)
    assert found.message == "worker has a label sutazai.tier that is given twice (2 and 3): give it once"
    assert found.urn == stack.urn("worker", SERVICE)
    assert len(messages(RULE, _worker(UNKNOWN, **outer))) == 5


def test_refuses_stopped_workloads_too() -> None:
    slot = container("11", 2, 8, 8, "3", **STOPPED)
    stack = Stack().add("slot", slot).add("none", service(0, 10**9, 2**20), SERVICE)

    stack.relabel("slot", priority="none").relabel("none", priority="none")

    assert len(messages(RULE, stack)) == 2


def test_writes_no_secret() -> None:
    stack = small_stack().relabel("redis", pool=Secret("ml"), tier=Secret("1"))
    assert messages(RULE, stack) == [
        "redis says that it is of tier (secret) and in pool (secret), which is of tier (secret):"
        " make the two agree"
    ]

    stack = small_stack().change("redis", labels=Secret(labels(**_ALL | {"priority": "hunter2"})))
    assert messages(RULE, stack) == [f"redis has the label sutazai.priority a secret: {_ADVICE['priority']}"]


def test_obeys_the_stacks_name_in_its_urns() -> None:
    stack = Stack("my-shop").add("redis", container("4", 2, 8, 8)).relabel("redis", stack="my-shop")
    assert messages(RULE, stack) == []

    assert messages(RULE, stack.relabel("redis", stack="my_shop")) == [
        "redis has the label sutazai.stack my_shop: set it, in plain text, to my-shop"
    ]


def test_obeys_tiers_and_pools_of_ones_own() -> None:
    quotas = {"cpu": 1, "memory": 512, "cpu_limit": 2, "memory_limit": 512}
    pools = {"night": {"tier": "batch", "cpu": 1, "memory": 512}, "tools": {"tier": "2"}}
    stack = small_stack().relabel("redis", tier="batch", pool="night").relabel("aider", tier="2", pool="tools")
    assert messages(RULE, stack, tiers={"batch": quotas}, pools=pools) == []

    assert messages(RULE, stack.relabel("redis", tier="7"), tiers={"batch": quotas}, pools=pools) == [
        "redis has the label sutazai.tier 7: set it, in plain text, to one of 1, 2, 3, batch"
    ]


def test_obeys_an_exception_for_one_service_and_no_other() -> None:
    stack = small_stack().relabel("redis", priority=LEFT_OUT).relabel("agent", priority=LEFT_OUT)
    exception = {"service": "agent", "reason": "is somebody else's program", "expires": "2027-01-31"}

    assert messages(RULE, stack, exceptions=[exception]) == [
        f"redis has no label sutazai.priority: {_ADVICE['priority']}"
    ]


@pytest.mark.parametrize("key", _ALL)
def test_unknown_labels_are_violations(key: str) -> None:
    stack = small_stack().change("redis", labels=labels(**_ALL | {key: UNKNOWN}))

    assert messages(RULE, stack) == [f"redis has a label sutazai.{key} that {LATER}"]


@pytest.mark.parametrize("given", [UNKNOWN, Secret(UNKNOWN), "a", {"sutazai.tier": "1"}])
def test_unknown_or_odd_lists_are_violations_for_every_label(given: Any) -> None:
    found = messages(RULE, small_stack().change("redis", labels=given))

    assert [text.split(" that is among labels of which the list is ")[0] for text in found] == [
        f"redis has a label sutazai.{key}" for key in _ALL
    ]
