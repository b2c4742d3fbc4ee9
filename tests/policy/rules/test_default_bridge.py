"""No workload is on Docker's default bridge, however it is called."""

from __future__ import annotations

from typing import Any

import pytest
from sutazai_policy.rules.default_bridge import RULE

from tests.policy.stacks import (
    LEFT_OUT,
    NETWORK,
    SERVICE,
    STOPPED,
    UNKNOWN,
    Secret,
    Stack,
    messages,
    service,
    small_stack,
    violations,
)

_ON_IT = (
    "redis is on Docker's default bridge, where every container reaches every other:"
    " name a network of the stack in networksAdvanced, or set networkMode to none"
)
_BY_NAME = (
    "redis joins Docker's default bridge by its name:"
    " name a network of the stack in networksAdvanced, or set networkMode to none"
)
_FROM_NOWHERE = (
    "that is unknown until the update runs, and comes from no docker.Network of this stack:"
    " give the network's name, or declare it"
)
_UNKNOWN = "that is unknown until the update runs: give a plain value, not another resource's output"


def _redis(**properties: Any) -> Stack:
    return small_stack().change("redis", **properties)


def _worker(networks: Any) -> Stack:
    worker = service(1, 10**8, 2**20)
    worker["taskSpec"]["networksAdvanceds"] = networks
    return small_stack().add("worker", worker, SERVICE)


@pytest.mark.parametrize("mode", ["bridge", "default", LEFT_OUT, None, ""])
def test_passes_a_container_with_networks_of_its_own_whatever_its_mode(mode: object) -> None:
    assert messages(RULE, _redis(networkMode=mode)) == []


@pytest.mark.parametrize("mode", ["none", "host", "shop-agents", "Bridge", "container:agent"])
@pytest.mark.parametrize("networks", [LEFT_OUT, []])
def test_passes_a_container_that_another_mode_keeps_off_it(mode: str, networks: object) -> None:
    assert messages(RULE, _redis(networkMode=mode, networksAdvanced=networks)) == []


def test_passes_a_service_on_a_network_by_name_or_id() -> None:
    assert messages(RULE, _worker([{"name": "shop-agents"}])) == []
    assert messages(RULE, _worker([{"id": "0f1e2d3c4b5a"}])) == []


@pytest.mark.parametrize("mode", ["bridge", "default", LEFT_OUT, None, "", Secret("bridge")])
@pytest.mark.parametrize("networks", [LEFT_OUT, None, [], [{}], [{"name": ""}]])
def test_refuses_a_container_without_networks(mode: object, networks: object) -> None:
    stack = _redis(networkMode=mode, networksAdvanced=networks)

    (found,) = violations(RULE, stack)

    assert found.message == _ON_IT
    assert found.urn == stack.urn("redis")


def test_refuses_a_stopped_container_too() -> None:
    assert messages(RULE, _redis(networksAdvanced=[], **STOPPED)) == [_ON_IT]


@pytest.mark.parametrize("name", ["bridge", "default", Secret("bridge")])
def test_refuses_the_default_bridge_by_its_name(name: object) -> None:
    assert messages(RULE, _redis(networksAdvanced=[{"name": "shop-infrastructure"}, {"name": name}])) == [_BY_NAME]
    assert messages(RULE, _redis(networksAdvanced=Secret([{"name": name}]))) == [_BY_NAME]


@pytest.mark.parametrize(
    ("networks", "problem"),
    [
        (LEFT_OUT, "is on Docker's default bridge, where every container reaches every other"),
        ([], "is on Docker's default bridge, where every container reaches every other"),
        ([{"name": "bridge"}], "joins Docker's default bridge by its name"),
        ([{"name": "shop-agents", "id": "bridge"}], "joins Docker's default bridge by its name"),
    ],
)
def test_refuses_a_service_on_it(networks: object, problem: str) -> None:
    stack = _worker(networks)
    if networks is LEFT_OUT:
        worker = service(1, 10**8, 2**20)
        del worker["taskSpec"]["networksAdvanceds"]
        stack.change("worker", **worker)

    (found,) = violations(RULE, stack)

    assert found.message == f"worker {problem}: name a network of the stack in taskSpec.networksAdvanceds"
    assert found.urn == stack.urn("worker", SERVICE)


def test_obeys_an_exception_for_one_service_and_no_other() -> None:
    stack = _redis(networksAdvanced=[]).change("agent", networksAdvanced=[])
    exception = {"service": "agent", "reason": "reaches the host's own resolver", "expires": "2027-01-31"}

    assert messages(RULE, stack, exceptions=[exception]) == [_ON_IT]


@pytest.mark.parametrize(
    ("properties", "message"),
    [
        ({"networkMode": 5}, "redis has a networkMode that is 5, not a text: give a text"),
        ({"networkMode": UNKNOWN}, f"redis has a networkMode {_FROM_NOWHERE}"),
        ({"networksAdvanced": UNKNOWN}, f"redis has a networksAdvanced {_UNKNOWN}"),
        ({"networksAdvanced": [UNKNOWN]}, f"redis has a networksAdvanced {_FROM_NOWHERE}"),
        ({"networksAdvanced": [{"name": UNKNOWN}]}, f"redis has a networksAdvanced {_FROM_NOWHERE}"),
        ({"networksAdvanced": [{"name": Secret(UNKNOWN)}]}, f"redis has a networksAdvanced {_FROM_NOWHERE}"),
        ({"networksAdvanced": "x"}, "redis has a networksAdvanced that is the text 'x', not a list: give a list"),
        (
            {"networksAdvanced": [{"name": "shop-agents"}, "shop"]},
            "redis has a networksAdvanced that is the text 'shop', not a group of properties:"
            " give a group of properties",
        ),
    ],
)  # fmt: skip
def test_unknown_and_odd_values_are_violations(properties: dict[str, Any], message: str) -> None:
    assert messages(RULE, _redis(**properties)) == [message]


def test_unknown_networks_of_a_service_are_violations() -> None:
    assert messages(RULE, _worker(UNKNOWN)) == [f"worker has a taskSpec.networksAdvanceds {_UNKNOWN}"]
    assert messages(RULE, _worker([{"name": UNKNOWN}])) == [
        f"worker has a taskSpec.networksAdvanceds {_FROM_NOWHERE}"
    ]
    assert messages(RULE, _worker([]).change("worker", taskSpec=UNKNOWN)) == [
        f"worker has a taskSpec.networksAdvanceds {_UNKNOWN}"
    ]


def test_an_unknown_name_that_comes_from_a_network_of_the_stack_is_one() -> None:
    stack = small_stack().add("net", {"name": "shop-new"}, NETWORK)
    redis = {"networkMode": "bridge", "networksAdvanced": [{"name": UNKNOWN}], "labels": []}
    stack.remove("redis").add("redis", redis, depends={"networksAdvanced": [stack.urn("net", NETWORK)]})
    by_mode = {"networkMode": UNKNOWN, "labels": []}
    stack.add("cache", by_mode, depends={"networkMode": [stack.urn("net", NETWORK)]})
    worker = service(1, 10**8, 2**20)
    worker["taskSpec"]["networksAdvanceds"] = [{"id": UNKNOWN}]
    stack.add("worker", worker, SERVICE, depends={"taskSpec": [stack.urn("net", NETWORK)]})

    assert messages(RULE, stack) == []


def test_an_unknown_name_that_comes_from_something_else_is_none() -> None:
    stack = small_stack().add("pet", {}, "random:index/randomPet:RandomPet")
    redis = {"networksAdvanced": [{"name": UNKNOWN}], "labels": []}
    from_pet = {"networksAdvanced": [stack.urn("pet", "random:index/randomPet:RandomPet")]}
    stack.remove("redis").add("redis", redis, depends=from_pet)

    assert messages(RULE, stack) == [f"redis has a networksAdvanced {_FROM_NOWHERE}"]


def test_each_workload_is_judged_before_it_is_made() -> None:
    assert RULE.alone
