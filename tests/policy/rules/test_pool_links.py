"""Workloads of different pools share a network only where a link says so."""

from __future__ import annotations

import time
from typing import Any

import pytest
from sutazai_policy.facts import read_facts
from sutazai_policy.rules.pool_links import RULE

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

_ADVICE = "and no link allows it: take one of them off that network, or declare the link in links"
_REDIS = f"redis (pool infrastructure) is on the network shared with agent of another pool, {_ADVICE}"
_FROM_NOWHERE = (
    "that is unknown until the update runs, and comes from no docker.Network of this stack:"
    " give the network's name, or declare it"
)


def _joined(*networks: Any, **properties: Any) -> dict[str, Any]:
    return {"networkMode": "bridge", "networksAdvanced": [{"name": one} for one in networks], **properties}


def _pair(redis: dict[str, Any], agent: dict[str, Any]) -> Stack:
    return small_stack().change("redis", **redis).change("agent", **agent)


def _shared(name: Any = "shared") -> Stack:
    return _pair(_joined(name), _joined(name))


def test_passes_stacks_with_a_network_for_each_pool() -> None:
    assert messages(RULE, small_stack()) == []
    assert messages(RULE, reference_stack()) == []


@pytest.mark.parametrize("mode", ["bridge", "default", "none", "host", "container:web", LEFT_OUT])
def test_passes_modes_that_name_no_network(mode: object) -> None:
    assert messages(RULE, _pair(_joined(networkMode=mode), _joined(networkMode=mode))) == []


@pytest.mark.parametrize(
    "links",
    [
        {"redis": ["agent"]},
        {"redis": ["agents"]},
        {"agent": ["redis"]},
        {"agent": ["nobody", "infrastructure"]},
    ],
    ids=["service", "pool", "service backwards", "pool backwards"],
)
def test_passes_a_declared_link_in_either_direction(links: dict[str, list[str]]) -> None:
    assert messages(RULE, _shared(), links=links) == []


@pytest.mark.parametrize(
    "links", [{}, {"redis": []}, {"redis": ["ml"]}, {"backend": ["agents"]}, {"agents": ["redis"]}]
)
def test_refuses_two_pools_on_one_network_without_their_link(links: dict[str, list[str]]) -> None:
    stack = _shared()

    (found,) = violations(RULE, stack, links=links)

    assert found.message == _REDIS
    assert found.urn == stack.urn("redis")


def test_refuses_the_member_that_is_not_of_the_networks_largest_pool() -> None:
    stack = _shared().add("cache", container("4-5", 64, 64, 64, "1", **_joined("shared")))

    assert messages(RULE, stack) == [
        f"agent (pool agents) is on the network shared with cache, redis of another pool, {_ADVICE}"
    ]


def test_refuses_each_pair_of_three_pools_once() -> None:
    stack = _shared().change("aider", **_joined("shared"))

    assert messages(RULE, stack, links={"redis": ["agent"]}) == [
        f"aider (pool ml) is on the network shared with agent, redis of another pool, {_ADVICE}"
    ]
    assert messages(RULE, stack, links={"redis": ["agents", "aider"]}) == [
        f"aider (pool ml) is on the network shared with agent of another pool, {_ADVICE}"
    ]


def test_refuses_with_the_first_few_of_many_others() -> None:
    stack = small_stack().change("redis", **_joined("shared"))
    for number in range(7):
        stack.add(f"agent-{number}", container("10-11", 8, 8, 8, "2", **_joined("shared")))
        (found,) = messages(RULE, stack)
        shown = ", ".join(f"agent-{one}" for one in range(min(number + 1, 5)))
        more = f", +{number - 4} more" if number > 4 else ""
        assert found == _REDIS.replace("with agent", f"with {shown}{more}")


@pytest.mark.parametrize("pool", [LEFT_OUT, "", UNKNOWN, 5])
def test_refuses_who_tells_no_pool_beside_any_other(pool: object) -> None:
    stack = small_stack().change("redis", **_joined("shared")).relabel("redis", pool=pool)
    assert messages(RULE, stack) == []

    stack.change("agent", **_joined("shared"))

    assert messages(RULE, stack) == [_REDIS.replace("pool infrastructure", "no pool")]
    assert messages(RULE, stack, links={"redis": ["agents"]}) == []


def test_refuses_two_that_tell_no_pool() -> None:
    stack = _shared().relabel("redis", pool=LEFT_OUT).relabel("agent", pool=LEFT_OUT)

    assert messages(RULE, stack) == [_REDIS.replace("pool infrastructure", "no pool")]


def test_a_secret_is_not_told() -> None:
    stack = _shared(Secret("hidden")).relabel("redis", pool=Secret("private"))
    assert messages(RULE, stack) == [
        f"redis (pool (secret)) is on the network (secret) with agent of another pool, {_ADVICE}"
    ]
    stack = small_stack().change("redis", networksAdvanced=Secret([{"name": "cafe"}]))
    assert messages(RULE, stack) == [
        "redis joins a network by the id (secret), which no docker.Network of this stack has:"
        " give the network's name"
    ]


def test_obeys_an_exception_for_one_service_and_no_other() -> None:
    stack = _shared().change("aider", **_joined("shared"))
    exception = {"service": "redis", "reason": "moves to a network of its own", "expires": "2027-01-31"}

    assert messages(RULE, stack, exceptions=[exception]) == [
        f"aider (pool ml) is on the network shared with agent, redis of another pool, {_ADVICE}"
    ]


def test_a_stopped_workload_joins_nothing() -> None:
    assert messages(RULE, _shared().change("agent", **STOPPED)) == []
    assert messages(RULE, small_stack().change("agent", networksAdvanced=UNKNOWN, **STOPPED)) == []
    worker = service(0, 10**8, 2**20, "2")
    worker["taskSpec"]["networksAdvanceds"] = [{"name": "shop-infrastructure"}]
    assert messages(RULE, small_stack().add("worker", worker, SERVICE)) == []


@pytest.mark.parametrize(
    ("properties", "message"),
    [
        (
            {"networksAdvanced": UNKNOWN},
            "redis has a networksAdvanced that is unknown until the update runs:"
            " give a plain value, not another resource's output",
        ),
        (_joined(UNKNOWN, UNKNOWN), f"redis has a networksAdvanced {_FROM_NOWHERE}"),
        (_joined(networkMode=UNKNOWN), f"redis has a networkMode {_FROM_NOWHERE}"),
        (_joined(7), "redis has a networksAdvanced that is 7, not a text: give a text"),
    ],
)
def test_unknown_and_odd_networks_are_violations(properties: dict[str, Any], message: str) -> None:
    stack = small_stack().change("redis", **properties)

    (found,) = violations(RULE, stack)

    assert (found.message, found.urn) == (message, stack.urn("redis"))


@pytest.mark.parametrize(
    ("pools", "links", "count"),
    [
        (1, {}, 0),
        (2, {"c1": ["p0"], **{f"c{number}": ["p1"] for number in range(0, 5000, 2)}}, 0),
        (2, {}, 2500),
        (5000, {}, 4999),
    ],
    ids=["one pool", "linked", "strangers", "a pool each"],
)
def test_five_thousand_on_one_network_are_judged_quickly(
    pools: int, links: dict[str, list[str]], count: int
) -> None:
    stack = Stack()
    for number in range(5000):
        stack.add(f"c{number}", _joined("shared", labels=labels(pool=f"p{number % pools}", service=f"c{number}")))
    facts = read_facts(stack.resources())

    start = time.process_time()
    found = list(RULE.check(facts, RULE.settings.model_validate({"links": links})))

    assert len(found) == count
    assert time.process_time() - start < 1


def test_refuses_strangers_that_come_after_one_that_is_stopped() -> None:
    shared = [{"name": "shared"}]
    stack = (
        Stack()
        .add("a", container("10-11", 64, 48, 256, "2", networksAdvanced=shared, **STOPPED))
        .add("b", container("4-5", 64, 48, 256, "1", networksAdvanced=shared))
        .add("c", container("10-11", 64, 48, 256, "2", networksAdvanced=shared))
    )

    assert len(messages(RULE, stack)) == 1
