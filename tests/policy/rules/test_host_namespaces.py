"""No workload shares a namespace with the host or with another container, however that is spelt."""

from __future__ import annotations

from typing import Any

import pytest
from sutazai_policy.rules.host_namespaces import RULE

from tests.policy.stacks import (
    LEFT_OUT,
    NETWORK,
    SERVICE,
    UNKNOWN,
    VOLUME,
    Secret,
    Stack,
    container,
    messages,
    service,
    small_stack,
    violations,
)
from tests.policy.swarm import swarm_stack
from tests.policy.unreadable import HIDDEN, LATER

_MODES = {
    "networkMode": "network",
    "pidMode": "processes",
    "ipcMode": "shared memory",
    "usernsMode": "user ids",
    "cgroupnsMode": "cgroups",
}
_every_mode = pytest.mark.parametrize("key", _MODES)
_CONTAINERS, _TASKS = "networksAdvanced", "taskSpec.networksAdvanceds"


def _host(key: str, told: str = "host") -> str:
    return f"redis shares the host's {_MODES[key]} ({key} {told}): remove {key}"


def _joins(name: str, where: str) -> str:
    return f"{name} joins the host's network ({where}): name one of the stack's own"


def _joining(given: object, depends: str = "") -> Stack:
    """Return a stack whose container `redis` joins what is given, which comes from the resource named so."""
    stack = Stack().add("shop", {"name": "shop-infrastructure"}, NETWORK).add("data", {"name": "host"}, VOLUME)
    stack.add("lan", {"name": "host", "id": "3f2a"}, NETWORK).add("made", {"name": UNKNOWN}, NETWORK)
    kind = VOLUME if depends == "data" else NETWORK
    urns = {"networksAdvanced": [stack.urn(depends, kind)]} if depends else {}
    return stack.add("redis", container("4-5", 2, 6, 6, networksAdvanced=given), depends=urns)


@_every_mode
@pytest.mark.parametrize("given", [LEFT_OUT, None, "", "private", "none", "bridge", "hosted", "my-container:a"])
def test_passes_a_namespace_of_its_own(key: str, given: object) -> None:
    assert messages(RULE, small_stack().change("redis", **{key: given})) == []


def test_passes_a_service_and_what_joins_no_network() -> None:
    assert messages(RULE, swarm_stack()) == []
    assert messages(RULE, swarm_stack().change("worker", pidMode="host")) == []  # it has no such property
    assert messages(RULE, swarm_stack({"networksAdvanceds": LEFT_OUT})) == []
    assert messages(RULE, _joining(None)) == []
    assert messages(RULE, _joining([{"name": "hosts"}, {"name": "shop-infrastructure"}])) == []


@_every_mode
@pytest.mark.parametrize(
    ("given", "told"),
    [("host", "host"), ("HOST", "HOST"), (" host", "' host'"), (Secret("host"), "a secret")],
)
def test_refuses_the_hosts_namespace(key: str, given: object, told: str) -> None:
    stack = small_stack().change("redis", **{key: given})

    (found,) = violations(RULE, stack)

    assert (found.message, found.urn) == (_host(key, told), stack.urn("redis"))


@_every_mode
@pytest.mark.parametrize("given", ["container:db", "Container:db", "container:"])
def test_refuses_another_containers_namespace(key: str, given: str) -> None:
    assert messages(RULE, small_stack().change("redis", **{key: given})) == [
        f"redis shares another container's {_MODES[key]} ({key} {given}): remove {key}, and talk over a network"
    ]


@pytest.mark.parametrize("given", ["shareable", "Shareable"])
def test_refuses_a_shared_memory_that_others_may_join(given: str) -> None:
    assert messages(RULE, small_stack().change("redis", ipcMode=given)) == [
        f"redis lets other containers into its shared memory (ipcMode {given}): remove ipcMode"
    ]
    assert messages(RULE, small_stack().change("redis", pidMode=given)) == []


def test_refuses_each_of_several_also_of_a_stopped_container() -> None:
    stack = small_stack().change("redis", pidMode="host", networkMode="host", start=False, mustRun=False)

    assert messages(RULE, stack) == [_host("networkMode"), _host("pidMode")]


@pytest.mark.parametrize("given", [{"name": "host"}, {"id": "host"}, {"name": "shop", "id": " Host"}])
def test_refuses_a_service_on_the_hosts_network(given: dict[str, str]) -> None:
    stack = swarm_stack({"networksAdvanceds": [{"name": "shop-agents"}, given]})

    (found,) = violations(RULE, stack)

    assert (found.message, found.urn) == (_joins("worker", _TASKS), stack.urn("worker", SERVICE))


@pytest.mark.parametrize("given", ["host", "HOST", "3f2a", Secret("host")])
def test_refuses_a_container_that_joins_the_hosts_network_by_its_name_or_id(given: object) -> None:
    assert messages(RULE, _joining([{"name": "shop-infrastructure"}, {"name": given}])) == [
        _joins("redis", _CONTAINERS)
    ]


def test_obeys_an_exception_for_one_service_and_no_other() -> None:
    stack = small_stack().change("redis", pidMode="host").change("agent", pidMode="host")
    exception = {"service": "agent", "reason": "watches the host's processes", "expires": "2027-01-31"}

    assert messages(RULE, stack, exceptions=[exception]) == [_host("pidMode")]


@_every_mode
@pytest.mark.parametrize(
    ("given", "problem"),
    [
        (UNKNOWN, LATER),
        (["host"], "is a list, not a text: give a text"),
        (Secret(["host"]), HIDDEN),
    ],
)
def test_unknown_or_odd_modes_are_violations(key: str, given: object, problem: str) -> None:
    assert messages(RULE, small_stack().change("redis", **{key: given})) == [f"redis has a {key} that {problem}"]


@pytest.mark.parametrize("depends", ["shop", "made"])
def test_unknown_is_no_violation_of_a_network_that_the_stack_makes(depends: str) -> None:
    assert messages(RULE, _joining([{"name": UNKNOWN}], depends)) == []


@pytest.mark.parametrize(
    ("given", "depends", "found"),
    [
        ([{"name": UNKNOWN}], "", f"has a networksAdvanced that {LATER}"),
        ([{"name": UNKNOWN}], "data", f"has a networksAdvanced that {LATER}"),
        (
            [{"name": UNKNOWN}],
            "lan",
            "may join the host's network (networksAdvanced): name one of the stack's own",
        ),
        ([{"name": 5}], "shop", "has a networksAdvanced that is 5, not a text: give a text"),
        (UNKNOWN, "shop", f"has a networksAdvanced that {LATER}"),
        ([UNKNOWN], "", f"has a networksAdvanced that {LATER}"),
        ("host", "", "has a networksAdvanced that is the text 'host', not a list: give a list"),
    ],
)
def test_unknown_networks_of_others_are_violations(given: Any, depends: str, found: str) -> None:
    assert messages(RULE, _joining(given, depends)) == [f"redis {found}"]


def test_unknown_networks_of_a_service_are_violations_unless_the_stack_makes_them() -> None:
    properties = service(1, 10**8, 2**28)
    properties["taskSpec"]["networksAdvanceds"] = [{"id": UNKNOWN}]
    stack = Stack().add("shop", {"name": "shop-agents"}, NETWORK)
    made = {"taskSpec": [stack.urn("shop", NETWORK)]}

    assert messages(RULE, stack.add("worker", properties, SERVICE)) == [f"worker has a {_TASKS} that {LATER}"]
    assert messages(RULE, stack.add("worker", properties, SERVICE, depends=made)) == []
    assert messages(RULE, swarm_stack({"networksAdvanceds": UNKNOWN})) == [f"worker has a {_TASKS} that {LATER}"]
