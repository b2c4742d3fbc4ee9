"""One network is one, by whichever of its names, its id or its resource it is joined; pool-links tells."""

from __future__ import annotations

from typing import Any

import pytest
from sutazai_policy.rules.pool_links import RULE

from tests.policy.stacks import (
    LEFT_OUT,
    NETWORK,
    SERVICE,
    UNKNOWN,
    Secret,
    Stack,
    labels,
    messages,
    service,
    small_stack,
    violations,
)

_ADVICE = "and no link allows it: take one of them off that network, or declare the link in links"
_REDIS = f"redis (pool infrastructure) is on the network shared with agent of another pool, {_ADVICE}"


def _joined(*networks: Any, **properties: Any) -> dict[str, Any]:
    return {"networkMode": "bridge", "networksAdvanced": [{"name": one} for one in networks], **properties}


def _pair(redis: dict[str, Any], agent: dict[str, Any]) -> Stack:
    return small_stack().change("redis", **redis).change("agent", **agent)


@pytest.mark.parametrize(
    "ways",
    [
        (_joined("shared"), _joined(networkMode="shared")),
        (_joined(networkMode="shared"), _joined("other", "shared")),
        (_joined("shared", networkMode=LEFT_OUT), _joined(Secret("shared"))),
        (_joined("net-id"), _joined("shared-declared")),
        (_joined("net-id"), _joined(networkMode="shared-declared")),
    ],
)
def test_refuses_one_network_by_whichever_name(ways: tuple[dict[str, Any], dict[str, Any]]) -> None:
    stack = _pair(*ways).add("net", {"name": "shared-declared", "id": "net-id"}, NETWORK)

    assert len(messages(RULE, stack)) == 1


def test_refuses_a_service_that_names_one_network_and_joins_another_by_id() -> None:
    worker = service(1, 10**8, 2**20, "2")
    worker["taskSpec"]["networksAdvanceds"] = [{"name": "shop-agents", "id": "net-id"}]
    stack = small_stack().add("net", {"name": "shop-infrastructure", "id": "net-id"}, NETWORK)
    stack.add("worker", worker, SERVICE)

    (found,) = violations(RULE, stack)

    assert found.message.startswith(
        "redis (pool infrastructure) is on the network net with worker of another pool,"
    )
    assert found.urn == stack.urn("redis")


def test_a_network_that_is_joined_twice_is_joined_once() -> None:
    twice = _joined("shared-declared", "net-id", networkMode="shared-declared")
    stack = _pair(twice, _joined("shared-declared")).add(
        "net", {"name": "shared-declared", "id": "net-id"}, NETWORK
    )

    assert messages(RULE, stack) == [_REDIS.replace("shared", "net")]


@pytest.mark.parametrize("name", ["0", "cafe", "0f1e2d3c4b5a", "f" * 64, "z3k1l2m3n4o5p6q7r8s9t0u1v"])
def test_refuses_an_id_that_no_network_of_the_stack_has(name: str) -> None:
    stack = small_stack().change("redis", **_joined(name))

    (found,) = violations(RULE, stack)

    assert found.message == (
        f"redis joins a network by the id {name}, which no docker.Network of this stack has:"
        " give the network's name"
    )
    assert found.urn == stack.urn("redis")
    assert messages(RULE, stack.add("net", {"name": "shop", "id": name}, NETWORK)) == []
    assert messages(RULE, stack.change("net", name=name, id=LEFT_OUT)) == []


@pytest.mark.parametrize("name", ["cafes", "CAFE", "f" * 65, "shop-cafe", "z" * 24, "z" * 26])
def test_passes_a_name_that_is_no_id(name: str) -> None:
    assert messages(RULE, small_stack().change("redis", **_joined(name))) == []


def test_an_unknown_name_stands_for_every_network_that_it_may_come_from() -> None:
    stack = small_stack().add("net", {"name": "shop-agents"}, NETWORK).add("new", {"name": UNKNOWN}, NETWORK)
    both = {"networksAdvanced": [stack.urn("net", NETWORK), stack.urn("new", NETWORK)]}
    redis = _joined(UNKNOWN, labels=labels(stack="prod", pool="infrastructure"))
    stack.remove("redis").add("redis", redis, depends=both)
    aider = _joined(UNKNOWN, labels=labels(stack="prod", pool="ml"))
    stack.remove("aider").add("aider", aider, depends={"networksAdvanced": both["networksAdvanced"][1:]})

    assert messages(RULE, stack) == [
        f"redis (pool infrastructure) is on the network net with agent of another pool, {_ADVICE}",
        f"aider (pool ml) is on the network new with redis of another pool, {_ADVICE}",
    ]


def test_networks_of_one_name_are_one_and_those_without_are_not() -> None:
    stack = small_stack().change("agent", **_joined("shared"))
    for name, docker_name in (("one", "shared"), ("two", "shared"), ("three", UNKNOWN), ("four", LEFT_OUT)):
        stack.add(name, {} if docker_name is LEFT_OUT else {"name": docker_name}, NETWORK)
    for name, source in (("redis", "two"), ("aider", "three"), ("cache", "four")):
        properties = _joined(UNKNOWN, labels=labels(pool=f"of-{name}"))
        stack.remove(name).add(name, properties, depends={"networksAdvanced": [stack.urn(source, NETWORK)]})

    assert messages(RULE, stack) == [
        f"redis (pool of-redis) is on the network two with agent of another pool, {_ADVICE}"
    ]
