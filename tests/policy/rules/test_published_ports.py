"""Only gateways publish ports on addresses that others reach."""

from __future__ import annotations

from typing import Any

import pytest
from sutazai_policy.rules.published_ports import RULE

from tests.policy.stacks import (
    LEFT_OUT,
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
from tests.policy.unreadable import LATER

_ADVICE = "set ports[].ip to 127.0.0.1, or name it in gateways"
_EVERYWHERE = f"redis publishes port 16379 on 0.0.0.0, all of the host's addresses: {_ADVICE}"
_ALL_AT_ONCE = (
    "redis publishes every port that its image exposes on 0.0.0.0, all of the host's addresses:"
    " leave publishAllPorts out, and name in ports what has to be reached"
)
_SWARM = "on all addresses of every host, as Swarm does: leave endpointSpec.ports out, or name it in gateways"


def _redis(*ports: Any, **properties: Any) -> Stack:
    return small_stack().change("redis", ports=list(ports), **properties)


def _port(**given: Any) -> dict[str, Any]:
    found = {"internal": 6379, "external": 16379, "protocol": "tcp", **given}
    return {key: value for key, value in found.items() if value is not LEFT_OUT}


def _worker(endpoint: Any, name: str = "worker") -> Stack:
    return small_stack().add(name, service(1, 10**8, 2**20) | {"endpointSpec": endpoint}, SERVICE)


@pytest.mark.parametrize("ports", [LEFT_OUT, None, []])
@pytest.mark.parametrize("at_once", [LEFT_OUT, None, False])
def test_passes_a_container_that_publishes_nothing(ports: object, at_once: object) -> None:
    assert messages(RULE, small_stack().change("redis", ports=ports, publishAllPorts=at_once)) == []


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "127.0.0.0", "127.255.255.255", "::1", "0:0:0:0:0:0:0:1", Secret("127.0.0.1")],
)
def test_passes_a_port_on_loopback(address: object) -> None:
    assert messages(RULE, _redis(_port(ip=address))) == []


@pytest.mark.parametrize("endpoint", [LEFT_OUT, None, {}, {"ports": []}, {"mode": "vip"}])
def test_passes_a_service_that_publishes_nothing(endpoint: object) -> None:
    assert messages(RULE, _worker({}).change("worker", endpointSpec=endpoint)) == []


@pytest.mark.parametrize("address", ["0.0.0.0", LEFT_OUT, None, "", Secret(None)])  # noqa: S104
def test_refuses_the_providers_default_address(address: object) -> None:
    stack = _redis(_port(ip=address))

    (found,) = violations(RULE, stack)

    assert found.message == _EVERYWHERE
    assert found.urn == stack.urn("redis")


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("::", "::, all of the host's addresses"),
        ("10.0.0.5", "10.0.0.5, which others can reach"),
        ("126.255.255.255", "126.255.255.255, which others can reach"),
        ("128.0.0.0", "128.0.0.0, which others can reach"),
        ("::2", "::2, which others can reach"),
        ("::ffff:127.0.0.1", "::ffff:127.0.0.1, which others can reach"),
        ("::1%lo", "::1%lo, which is no address"),
        ("localhost", "localhost, which is no address"),
        ("127.1", "127.1, which is no address"),
        ("127.0.0.01", "127.0.0.01, which is no address"),
        (" 127.0.0.1", " 127.0.0.1, which is no address"),
        ("127.0.0.1/0", "127.0.0.1/0, which is no address"),
        ("2130706433", "2130706433, which is no address"),
        (Secret("10.0.0.5"), "(secret), which others can reach"),
    ],
)
def test_refuses_an_address_that_others_reach_or_that_is_none(address: object, shown: str) -> None:
    assert messages(RULE, _redis(_port(ip=address))) == [f"redis publishes port 16379 on {shown}: {_ADVICE}"]


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"external": 80}, "port 80"),
        ({"external": LEFT_OUT}, "port 6379"),
        ({"external": 0}, "port 6379"),
        ({"external": Secret(8080)}, "port (secret)"),
        ({"external": UNKNOWN}, "port 6379"),
        ({"external": LEFT_OUT, "internal": UNKNOWN}, "a port"),
    ],
)
def test_refuses_whatever_number_the_port_has(given: dict[str, Any], named: str) -> None:
    assert messages(RULE, _redis(_port(**given))) == [_EVERYWHERE.replace("port 16379", named)]


def test_refuses_each_port_of_a_stopped_container_too() -> None:
    stack = _redis(_port(), _port(ip="127.0.0.1"), _port(ip="::"), **STOPPED)

    assert messages(RULE, stack) == [_EVERYWHERE, _EVERYWHERE.replace("0.0.0.0", "::")]  # noqa: S104


def test_refuses_to_publish_whatever_the_image_exposes() -> None:
    stack = small_stack().change("redis", publishAllPorts=True)

    assert messages(RULE, stack) == [_ALL_AT_ONCE]
    assert messages(RULE, stack, gateways=["redis"]) == [_ALL_AT_ONCE]


@pytest.mark.parametrize("mode", ["ingress", "host", LEFT_OUT])
@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"publishedPort": 8080}, "port 8080"),
        ({"publishedPort": 8080, "ip": "127.0.0.1"}, "port 8080"),
        ({}, "port 80"),
    ],
)
def test_refuses_any_port_of_a_service(mode: object, given: dict[str, Any], named: str) -> None:
    port = {"targetPort": 80, **given} | ({} if mode is LEFT_OUT else {"publishMode": mode})
    stack = _worker({"ports": [port]})

    (found,) = violations(RULE, stack)

    assert found.message == f"worker publishes {named} {_SWARM}"
    assert found.urn == stack.urn("worker", SERVICE)


def test_obeys_the_gateways_by_name_and_their_replicas() -> None:
    open_port = {"ports": [_port()]}
    stack = small_stack()
    for name in ("redis", "redis-2", "redis-exporter", "redis-12345", "my-redis"):
        stack.remove(name).add(name, open_port)

    assert [text.partition(" ")[0] for text in messages(RULE, stack, gateways=["redis", "other"])] == [
        "my-redis",
        "redis-12345",
        "redis-exporter",
    ]
    assert len(messages(RULE, stack, gateways=["redis-2"])) == 4
    assert messages(RULE, _worker({"ports": UNKNOWN}, "worker-2"), gateways=["worker"]) == []


def test_a_label_makes_nobody_a_gateway() -> None:
    assert messages(RULE, _redis(_port()).relabel("redis", service="gateway"), gateways=["gateway"]) == [
        _EVERYWHERE
    ]


def test_obeys_an_exception_for_one_service_and_no_other() -> None:
    stack = _redis(_port()).change("agent", ports=[_port()])
    exception = {"service": "agent", "reason": "measured from another host", "expires": "2027-01-31"}

    assert messages(RULE, stack, exceptions=[exception]) == [_EVERYWHERE]


@pytest.mark.parametrize(
    ("properties", "problem"),
    [
        ({"ports": UNKNOWN}, f"ports that {LATER}"),
        ({"ports": [UNKNOWN]}, f"ports that {LATER}"),
        ({"ports": "80:80"}, "ports that is the text '80:80', not a list: give a list"),
        ({"ports": [_port(ip=UNKNOWN)]}, f"ports[].ip that {LATER}"),
        ({"ports": [_port(ip=Secret(UNKNOWN))]}, f"ports[].ip that {LATER}"),
        ({"ports": [_port(ip=127)]}, "ports[].ip that is 127, not a text: give a text"),
        ({"publishAllPorts": UNKNOWN}, f"publishAllPorts that {LATER}"),
        (
            {"publishAllPorts": "true"},
            "publishAllPorts that is the text 'true', not true or false: give true or false",
        ),
    ],
)
def test_unknown_and_odd_values_are_violations(properties: dict[str, Any], problem: str) -> None:
    assert messages(RULE, small_stack().change("redis", **properties)) == [f"redis has a {problem}"]


@pytest.mark.parametrize("endpoint", [UNKNOWN, {"ports": UNKNOWN}, {"ports": [UNKNOWN]}])
def test_unknown_ports_of_a_service_are_violations(endpoint: object) -> None:
    assert messages(RULE, _worker(endpoint)) == [f"worker has a endpointSpec.ports that {LATER}"]


def test_each_workload_is_judged_before_it_is_made() -> None:
    assert RULE.alone
