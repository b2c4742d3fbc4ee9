"""No kernel parameter is set but the safe ones, by a workload's sysctls or by its networks."""

from __future__ import annotations

from typing import Any

import pytest
from sutazai_policy.rules.sysctls import RULE

from tests.policy.stacks import LEFT_OUT, SERVICE, UNKNOWN, Secret, Stack, messages, small_stack, violations
from tests.policy.swarm import swarm_stack
from tests.policy.unreadable import HIDDEN, LATER

_OPTION = "com.docker.network.endpoint.sysctls"
_SAFE = [
    "kernel.shm_rmid_forced",
    "net.core.somaxconn",
    "net.ipv4.ip_local_port_range",
    "net.ipv4.ip_local_reserved_ports",
    "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.ping_group_range",
    "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes",
    "net.ipv4.tcp_keepalive_time",
    "net.ipv4.tcp_rmem",
    "net.ipv4.tcp_syncookies",
    "net.ipv4.tcp_wmem",
]


def _sets(what: str, key: str = "sysctls", name: str = "redis") -> str:
    return f"{name} sets {what}: remove from its {key} what isn't its own, or name it in allowed"


def _with(sysctls: Any) -> Stack:
    return small_stack().change("redis", sysctls=sysctls)


def _joining(options: Any) -> Stack:
    return small_stack().change("redis", networksAdvanced=[{"name": "a"}, {"name": "b", "driverOpts": options}])


def test_passes_the_safe_ones() -> None:
    assert messages(RULE, _with(dict.fromkeys(_SAFE, "1"))) == []
    assert messages(RULE, swarm_stack(sysctl=dict.fromkeys(_SAFE, "1"))) == []
    assert messages(RULE, _joining([f"{_OPTION}={_SAFE[0]}=1, {_SAFE[1]}=2"])) == []


@pytest.mark.parametrize("given", [LEFT_OUT, None, {}])
def test_passes_what_sets_none(given: object) -> None:
    assert messages(RULE, _with(given)) == []
    assert messages(RULE, swarm_stack(sysctl=given)) == []


@pytest.mark.parametrize("given", [None, [], [""], ["com.docker.network.endpoint.ifname=eth7"], ["sysctls=a=1"]])
def test_passes_other_options_of_networks(given: object) -> None:
    assert messages(RULE, _joining(given)) == []
    assert messages(RULE, swarm_stack({"networksAdvanceds": [{"id": "a", "driverOpts": given}]})) == []


def test_passes_what_joins_no_network() -> None:
    assert messages(RULE, small_stack().change("redis", networksAdvanced=LEFT_OUT)) == []
    assert messages(RULE, swarm_stack({"networksAdvanceds": LEFT_OUT})) == []


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"kernel.shmmax": "68719476736"}, "kernel.shmmax"),
        ({"net.core.somaxconn": "1", "vm.swappiness": "1", "fs.file-max": "1"}, "vm.swappiness, fs.file-max"),
        ({"net/core/somaxconn": "1"}, "net/core/somaxconn"),
        ({"Net.Core.Somaxconn": "1"}, "Net.Core.Somaxconn"),
        ({" net.core.somaxconn": "1"}, "' net.core.somaxconn'"),
        ({"net.core.somaxconn.x": None}, "net.core.somaxconn.x"),
        ({"": "1"}, "''"),
        (Secret({"kernel.shmmax": "1"}), "a secret"),
        ({"kernel.shmmax": Secret("1")}, "kernel.shmmax"),
    ],
)
def test_refuses_another_sysctl(given: object, told: str) -> None:
    stack = _with(given)

    (found,) = violations(RULE, stack)

    assert (found.message, found.urn) == (_sets(told), stack.urn("redis"))
    assert messages(RULE, swarm_stack(sysctl=given)) == [_sets(told, "sysctl", "worker")]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (f"{_OPTION}=net.ipv4.ip_forward=1", "net.ipv4.ip_forward"),
        (f"{_OPTION}={_SAFE[0]}=1, net.ipv6.conf.IFNAME.forwarding=1,b=2", "net.ipv6.conf.IFNAME.forwarding, b"),
        (f" {_OPTION.upper()} =a=1", "a"),
        (f"{_OPTION}=", "''"),
        (_OPTION, "''"),
        (Secret(f"{_OPTION}=a=1"), "a secret"),
    ],
)
def test_refuses_another_sysctl_of_a_network(given: object, told: str) -> None:
    stack = _joining(["x=y", given])

    (found,) = violations(RULE, stack)

    assert (found.message, found.urn) == (_sets(told, "driverOpts"), stack.urn("redis"))


@pytest.mark.parametrize(
    "networks", [Secret([{"driverOpts": [f"{_OPTION}=a=1"]}]), [Secret({"driverOpts": [f"{_OPTION}=a=1"]})]]
)
def test_refuses_it_in_a_secret_without_telling_it(networks: object) -> None:
    stack = small_stack().change("redis", networksAdvanced=networks)

    assert messages(RULE, stack) == [_sets("a secret", "driverOpts")]


def test_refuses_a_services_networks_too() -> None:
    stack = swarm_stack({"networksAdvanceds": [{"id": "a", "driverOpts": [f"{_OPTION}=a=1"]}]})

    (found,) = violations(RULE, stack)

    assert (found.message, found.urn) == (_sets("a", "driverOpts", "worker"), stack.urn("worker", SERVICE))


def test_obeys_what_is_allowed_exactly() -> None:
    allowed = ["kernel.shmmax", "net.ipv4.conf.IFNAME.log_martians"]

    assert messages(RULE, _with({"kernel.shmmax": "1", "kernel.shmall": "1"}), allowed=allowed) == [
        _sets("kernel.shmall")
    ]
    assert messages(RULE, _joining([f"{_OPTION}=net.ipv4.conf.IFNAME.log_martians=1"]), allowed=allowed) == []
    assert messages(RULE, _joining([f"{_OPTION}=a=1"]), allowed=allowed) == [_sets("a", "driverOpts")]


def test_obeys_an_exception_for_one_service_and_no_other() -> None:
    stack = _with({"kernel.shmmax": "1"}).change("agent", sysctls={"kernel.shmmax": "1"})
    exception = {"service": "agent", "reason": "shares its memory", "expires": "2027-01-31"}

    assert messages(RULE, stack, exceptions=[exception]) == [_sets("kernel.shmmax")]


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (UNKNOWN, f"has a sysctls that {LATER}"),
        (["a=1"], "has a sysctls that is a list, not a group of properties: give a group of properties"),
        ({_SAFE[0]: UNKNOWN}, f"sets kernel.shm_rmid_forced to a value that {LATER}"),
        ({_SAFE[0]: 1}, "sets kernel.shm_rmid_forced to a value that is 1, not a text: give a text"),
        (Secret({_SAFE[0]: 1}), f"sets a secret to a value that {HIDDEN}"),
    ],
)
def test_unknown_or_odd_sysctls_are_violations(given: object, found: str) -> None:
    assert messages(RULE, _with(given)) == [f"redis {found}"]


def test_unknown_values_hide_no_name() -> None:
    assert messages(RULE, _with({"kernel.shmmax": UNKNOWN})) == [
        _sets("kernel.shmmax"),
        f"redis sets kernel.shmmax to a value that {LATER}",
    ]


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (UNKNOWN, f"has a networksAdvanced that {LATER}"),
        ([UNKNOWN], f"has a networksAdvanced that {LATER}"),
        ([5], "has a networksAdvanced that is 5, not a group of properties: give a group of properties"),
        ([{"driverOpts": UNKNOWN}], f"has a driverOpts that {LATER}"),
        ([{"driverOpts": ["a=b", UNKNOWN]}], f"has a driverOpts that {LATER}"),
        ([{"driverOpts": {}}], "has a driverOpts that is a group of properties, not a list: give a list"),
    ],
)
def test_unknown_or_odd_networks_are_violations(given: object, found: str) -> None:
    assert messages(RULE, small_stack().change("redis", networksAdvanced=given)) == [f"redis {found}"]


def test_unknown_parts_of_a_service_are_violations() -> None:
    assert messages(RULE, swarm_stack({"containerSpec": UNKNOWN})) == [f"worker has a sysctl that {LATER}"]
    assert messages(RULE, swarm_stack({"networksAdvanceds": UNKNOWN})) == [
        f"worker has a networksAdvanceds that {LATER}"
    ]
