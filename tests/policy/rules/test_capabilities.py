"""Every workload drops all capabilities, and adds only what is allowed, however either is spelt."""

from __future__ import annotations

from typing import Any

import pytest
from sutazai_policy.rules.capabilities import RULE

from tests.policy.stacks import (
    LEFT_OUT,
    SERVICE,
    STOPPED,
    UNKNOWN,
    Secret,
    Stack,
    messages,
    small_stack,
    violations,
)
from tests.policy.swarm import swarm_stack
from tests.policy.unreadable import HIDDEN, LATER


def _kept(key: str, name: str = "redis") -> str:
    return (
        f"{name} keeps capabilities that Docker gives to everyone: set {key} to [ALL],"
        " and add those few that it needs"
    )


def _added(what: str, key: str = "capabilities.adds", name: str = "redis") -> str:
    return (
        f"{name} adds {what} to its capabilities: remove from {key} what it can do without, or name it in allowed"
    )


def _with(adds: Any = LEFT_OUT, drops: Any = ("ALL",)) -> Stack:
    given = {"adds": adds, "drops": list(drops) if isinstance(drops, tuple) else drops}
    return small_stack().change(
        "redis", capabilities={key: value for key, value in given.items() if value is not LEFT_OUT}
    )


@pytest.mark.parametrize("adds", [[], None, LEFT_OUT, [None], [""]])
@pytest.mark.parametrize("drops", [["ALL"], ["all"], ["CHOWN", "All"], Secret(["ALL"]), [Secret("ALL")]])
def test_passes_what_drops_all_and_adds_nothing(adds: object, drops: object) -> None:
    assert messages(RULE, _with(adds, drops)) == []


def test_passes_a_service_that_drops_all_and_adds_nothing() -> None:
    assert messages(RULE, swarm_stack()) == []
    assert messages(RULE, swarm_stack(capDrops=["all"], capAdds=[])) == []


@pytest.mark.parametrize("given", [{"adds": []}, {}, None, LEFT_OUT])
def test_refuses_what_drops_nothing(given: object) -> None:
    stack = small_stack().change("redis", capabilities=given)

    (found,) = violations(RULE, stack)

    assert (found.message, found.urn) == (_kept("capabilities.drops"), stack.urn("redis"))


@pytest.mark.parametrize(
    "drops",
    [[], None, ["CHOWN"], ["CAP_ALL"], [" ALL"], ["ALL,CHOWN"], ["\uff21LL"], [""], Secret(["CHOWN"])],
)
def test_refuses_what_drops_less_than_all(drops: object) -> None:
    assert messages(RULE, _with([], drops)) == [_kept("capabilities.drops")]


@pytest.mark.parametrize("drops", [LEFT_OUT, None, [], ["CHOWN"]])
def test_refuses_a_service_that_drops_less_than_all(drops: object) -> None:
    stack = swarm_stack(capDrops=drops)

    (found,) = violations(RULE, stack)

    assert (found.message, found.urn) == (_kept("capDrops", "worker"), stack.urn("worker", SERVICE))


@pytest.mark.parametrize(
    ("adds", "shown"),
    [
        (["SYS_ADMIN"], "SYS_ADMIN"),
        (["cap_net_raw"], "cap_net_raw"),
        (["ALL"], "ALL"),
        (["all"], "all"),
        (["SYS_ADMIN", "NET_RAW"], "SYS_ADMIN, NET_RAW"),
        ([" SYS_ADMIN"], "' SYS_ADMIN'"),
        (["\u017fys_admin"], "'\u017fys_admin'"),
        (["A", "B", "C", "D", "E", "F"], "A, B, C, D, E, +1 more"),
        (Secret(["SYS_ADMIN"]), "a secret"),
        ([Secret("SYS_ADMIN")], "a secret"),
    ],
)
def test_refuses_what_adds_a_capability(adds: object, shown: str) -> None:
    assert messages(RULE, _with(adds)) == [_added(shown)]


def test_refuses_a_service_that_adds_a_capability() -> None:
    assert messages(RULE, swarm_stack(capAdds=["SYS_ADMIN"])) == [_added("SYS_ADMIN", "capAdds", "worker")]


def test_refuses_both_at_once_and_of_a_stopped_container() -> None:
    stack = _with(["SYS_ADMIN"], []).change("redis", **STOPPED)

    assert messages(RULE, stack) == [_kept("capabilities.drops"), _added("SYS_ADMIN")]


@pytest.mark.parametrize("allowed", ["NET_BIND_SERVICE", "CAP_NET_BIND_SERVICE", "cap_net_bind_service"])
@pytest.mark.parametrize("added", ["NET_BIND_SERVICE", "CAP_NET_BIND_SERVICE", "Net_Bind_Service"])
def test_obeys_what_is_allowed_however_it_is_spelt(added: str, allowed: str) -> None:
    assert messages(RULE, _with([added]), allowed=[allowed]) == []
    assert messages(RULE, _with([added, "NET_RAW"]), allowed=[allowed]) == [_added("NET_RAW")]


def test_obeys_that_all_is_allowed_and_then_no_other() -> None:
    assert messages(RULE, _with(["ALL", "CHOWN"]), allowed=["ALL"]) == [_added("CHOWN")]


def test_obeys_an_exception_for_one_service_and_no_other() -> None:
    stack = _with(["SYS_ADMIN"]).change("agent", capabilities={})
    exception = {"service": "agent", "reason": "measures the host's disks", "expires": "2027-01-31"}

    assert messages(RULE, stack, exceptions=[exception]) == [_added("SYS_ADMIN")]


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (UNKNOWN, [f"capabilities.drops that {LATER}", f"capabilities.adds that {LATER}"]),
        ({"drops": UNKNOWN}, [f"capabilities.drops that {LATER}"]),
        ({"drops": ["ALL", UNKNOWN]}, [f"capabilities.drops that {LATER}"]),
        ({"drops": ["ALL"], "adds": [UNKNOWN]}, [f"capabilities.adds that {LATER}"]),
        ({"drops": ["ALL"], "adds": Secret(UNKNOWN)}, [f"capabilities.adds that {LATER}"]),
        ({"drops": "ALL"}, ["capabilities.drops that is the text 'ALL', not a list: give a list"]),
        ({"drops": ["ALL"], "adds": [5]}, ["capabilities.adds that is 5, not a text: give a text"]),
        ({"drops": ["ALL"], "adds": Secret([5])}, [f"capabilities.adds that {HIDDEN}"]),
        ({"drops": ["ALL"], "adds": [["CHOWN"]]}, ["capabilities.adds that is a list, not a text: give a text"]),
    ],
)
def test_unknown_or_odd_lists_are_violations(given: object, found: list[str]) -> None:
    assert messages(RULE, small_stack().change("redis", capabilities=given)) == [
        f"redis has a {one}" for one in found
    ]


def test_unknown_is_a_violation_of_a_service_too() -> None:
    assert messages(RULE, swarm_stack(capAdds=UNKNOWN, capDrops=["ALL"])) == [f"worker has a capAdds that {LATER}"]
    assert messages(RULE, swarm_stack({"containerSpec": UNKNOWN})) == [
        f"worker has a capDrops that {LATER}",
        f"worker has a capAdds that {LATER}",
    ]
