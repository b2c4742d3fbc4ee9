"""No host port below 1024 is published, unless it's allowed."""

from __future__ import annotations

from typing import Any

import pytest
from sutazai_policy.rules.privileged_ports import RULE
from sutazai_policy.settings import SettingsError, resolve

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

_NO_NUMBER = "not a whole number: give a whole number"


def _redis(*external: Any) -> Stack:
    ports = [
        {"internal": 80, "ip": "127.0.0.1"} | ({} if one is LEFT_OUT else {"external": one}) for one in external
    ]
    return small_stack().change("redis", ports=ports)


def _worker(ports: Any) -> Stack:
    return small_stack().add("worker", service(1, 10**8, 2**20) | {"endpointSpec": {"ports": ports}}, SERVICE)


def _refused(port: object) -> str:
    return (
        f"redis publishes host port {port}, below 1024:"
        " set ports[].external to one from 1024 up, or name it in allowed"
    )


@pytest.mark.parametrize("external", [1024, 1024.0, 8080, 65535, 0, LEFT_OUT, None, Secret(1024)])
def test_passes_a_port_from_1024_up_or_one_that_docker_chooses(external: object) -> None:
    assert messages(RULE, _redis(external)) == []
    assert (
        messages(RULE, _worker([{"targetPort": 80, "publishedPort": external}][: external is not LEFT_OUT])) == []
    )


@pytest.mark.parametrize("ports", [LEFT_OUT, []])
def test_passes_a_container_that_publishes_nothing(ports: object) -> None:
    assert messages(RULE, small_stack().change("redis", ports=ports)) == []


@pytest.mark.parametrize("external", [1, 22, 1023, 443.0])
def test_refuses_a_port_below_1024(external: float) -> None:
    stack = _redis(8080, external)

    (found,) = violations(RULE, stack)

    assert found.message == _refused(int(external))
    assert found.urn == stack.urn("redis")


def test_refuses_one_of_a_stopped_container_too() -> None:
    assert messages(RULE, _redis(80).change("redis", **STOPPED)) == [_refused(80)]


def test_refuses_a_secret_one_without_telling_it() -> None:
    assert messages(RULE, _redis(Secret(80))) == [_refused("(secret)")]


def test_refuses_one_of_a_service() -> None:
    stack = _worker([{"targetPort": 8080, "publishedPort": 80}])

    (found,) = violations(RULE, stack)

    assert found.message == (
        "worker publishes host port 80, below 1024:"
        " set endpointSpec.ports[].publishedPort to one from 1024 up, or name it in allowed"
    )
    assert found.urn == stack.urn("worker", SERVICE)


def test_obeys_the_ports_that_are_allowed() -> None:
    assert messages(RULE, _redis(80, 443, 22), allowed=[80, 443]) == [_refused(22)]
    for port in (1, 1023):
        assert messages(RULE, _redis(port), allowed=[port]) == []


@pytest.mark.parametrize("port", [0, 1024, "ssh"])
def test_takes_no_other_ports_as_allowed(port: object) -> None:
    with pytest.raises(SettingsError, match=r"^allowed\.0: "):
        resolve(RULE.settings, {"allowed": [port]})


def test_obeys_an_exception_for_one_service_and_no_other() -> None:
    stack = _redis(80).change("agent", ports=[{"internal": 53, "external": 53}])
    exception = {"service": "agent", "reason": "is the host's own resolver", "expires": "2027-01-31"}

    assert messages(RULE, stack, exceptions=[exception]) == [_refused(80)]


@pytest.mark.parametrize(
    ("ports", "problem"),
    [
        (UNKNOWN, f"ports that {LATER}"),
        ([UNKNOWN], f"ports that {LATER}"),
        ("80:80", "ports that is the text '80:80', not a list: give a list"),
        ([{"external": UNKNOWN}], f"ports[].external that {LATER}"),
        ([{"external": "80"}], f"ports[].external that is the text '80', {_NO_NUMBER}"),
        ([{"external": 80.5}], f"ports[].external that is 80.5, {_NO_NUMBER}"),
        ([{"external": True}], f"ports[].external that is True, {_NO_NUMBER}"),
        ([{"external": -1}], "ports[].external that is -1, below 0: give a number from 0 up"),
    ],
)
def test_unknown_and_odd_ports_are_violations(ports: object, problem: str) -> None:
    assert messages(RULE, small_stack().change("redis", ports=ports)) == [f"redis has a {problem}"]


def test_unknown_ports_of_a_service_are_violations() -> None:
    assert messages(RULE, _worker(UNKNOWN)) == [f"worker has a endpointSpec.ports that {LATER}"]
    assert messages(RULE, _worker([{"targetPort": 80, "publishedPort": UNKNOWN}])) == [
        f"worker has a endpointSpec.ports[].publishedPort that {LATER}"
    ]


def test_each_workload_is_judged_before_it_is_made() -> None:
    assert RULE.alone
