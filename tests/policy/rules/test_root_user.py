"""Whoever runs is no root, however root is spelt, and is in no group that comes to the same."""

from __future__ import annotations

import pytest
from sutazai_policy.rules.root_user import RULE

from tests.policy.stacks import LEFT_OUT, SERVICE, STOPPED, UNKNOWN, Secret, messages, small_stack, violations
from tests.policy.swarm import swarm_stack
from tests.policy.unreadable import HIDDEN, LATER

_NONE = "runs as its image's user, which is root unless it says otherwise: set user, as in 10001:10001"


def _root(told: str) -> str:
    return f"runs as root (user {told}): set user to another number, as in 10001:10001"


def _name(told: str) -> str:
    return f"runs as {told}, a name that its image may give to root: set user to a number, as in 10001:10001"


def _group(told: str) -> str:
    return f"runs in a group that may take over its host (user {told}): give user another group, or none"


def _groups(told: str, key: str = "groupAdds") -> str:
    return f"runs in groups that may take over its host ({told}): remove them from its {key}"


@pytest.mark.parametrize(
    "given",
    ["1", "10001", "10001:10001", "472:0", "1000:root", "100:staff", "65534:", "7:8:docker", Secret("10001")],
)
def test_passes_a_user_given_by_number(given: object) -> None:
    assert messages(RULE, small_stack().change("redis", user=given)) == []
    assert messages(RULE, swarm_stack(user=given)) == []


@pytest.mark.parametrize(
    "given", [LEFT_OUT, None, [], ["1000"], ["staff", "10"], [None], Secret(["7"]), ["disks"]]
)
def test_passes_other_groups(given: object) -> None:
    assert messages(RULE, small_stack().change("redis", groupAdds=given)) == []
    assert messages(RULE, swarm_stack(groups=given)) == []


@pytest.mark.parametrize("given", ["root", LEFT_OUT, UNKNOWN])
def test_passes_what_never_runs(given: object) -> None:
    service = swarm_stack(user=given).change("worker", mode={"replicated": {"replicas": 0}})

    assert messages(RULE, small_stack().change("redis", user=given, groupAdds=["0"], **STOPPED)) == []
    assert messages(RULE, service) == []


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (LEFT_OUT, _NONE),
        (None, _NONE),
        ("", _NONE),
        (Secret(""), _NONE),
        ("0", _root("0")),
        ("root", _root("root")),
        ("ROOT:10001", _root("ROOT:10001")),
        ("0:0", _root("0:0")),
        ("00", _root("00")),
        ("+0:10001", _root("+0:10001")),
        ("-0", _root("-0")),
        (" 0 ", _root("' 0 '")),
        (" root", _root("' root'")),
        (":10001", _root(":10001")),
        (" :10001", _root("' :10001'")),
        (Secret("0"), _root("a secret")),
        ("postgres", _name("postgres")),
        ("app:10001", _name("app:10001")),
        ("010001", _name("010001")),
        ("+10001", _name("+10001")),
        ("-1", _name("-1")),
        ("10001x", _name("10001x")),
        ("x10001", _name("x10001")),
        ("10001 ", _name("'10001 '")),
        ("\u0661", _name("'\u0661'")),
        ("\uff10", _name("'\uff10'")),
        (Secret("app"), _name("a secret")),
        ("10001:docker", _group("10001:docker")),
        ("10001: Disk", _group("'10001: Disk'")),
        ("10001:docker:0", _group("10001:docker:0")),
        (Secret("10001:disk"), _group("a secret")),
    ],
)
def test_refuses_a_user_that_is_or_may_be_root(given: object, found: str) -> None:
    stack = small_stack().change("redis", user=given)

    (one,) = violations(RULE, stack)

    assert (one.message, one.urn) == (f"redis {found}", stack.urn("redis"))
    assert messages(RULE, swarm_stack(user=given)) == [f"worker {found}"]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (["0"], "0"),
        (["1000", "root"], "root"),
        (["docker", "disk"], "docker, disk"),
        (["Docker "], "'Docker '"),
        (["00", "+0", "-0"], "00, +0, -0"),
        ([" 0"], "' 0'"),
        ([Secret("docker")], "a secret"),
        (Secret(["docker"]), "a secret"),
    ],
)
def test_refuses_groups_that_come_to_the_same(given: object, told: str) -> None:
    assert messages(RULE, small_stack().change("redis", groupAdds=given)) == [f"redis {_groups(told)}"]
    assert messages(RULE, swarm_stack(groups=given)) == [f"worker {_groups(told, 'groups')}"]


def test_refuses_a_user_and_its_groups_both() -> None:
    stack = swarm_stack(user="app:docker", groups=["0"])

    found = violations(RULE, stack)

    assert [one.message for one in found] == [
        f"worker {one}" for one in (_name("app:docker"), _group("app:docker"), _groups("0", "groups"))
    ]
    assert {one.urn for one in found} == {stack.urn("worker", SERVICE)}


def test_obeys_an_exception_for_one_service_and_no_other() -> None:
    stack = small_stack().change("redis", user="root").change("agent", user="root")
    exception = {"service": "agent", "reason": "reads every process's cgroup", "expires": "2027-01-31"}

    assert messages(RULE, stack, exceptions=[exception]) == [f"redis {_root('root')}"]


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        (UNKNOWN, LATER),
        (10001, "is 10001, not a text: give a text"),
        (["10001"], "is a list, not a text: give a text"),
        (Secret(0), HIDDEN),
    ],
)
def test_unknown_or_odd_users_are_violations(given: object, problem: str) -> None:
    assert messages(RULE, small_stack().change("redis", user=given)) == [f"redis has a user that {problem}"]


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        (UNKNOWN, LATER),
        (["1000", UNKNOWN], LATER),
        ([0], "is 0, not a text: give a text"),
        (Secret([0]), HIDDEN),
        ("docker", "is the text 'docker', not a list: give a list"),
    ],
)
def test_unknown_or_odd_groups_are_violations(given: object, problem: str) -> None:
    assert messages(RULE, small_stack().change("redis", groupAdds=given)) == [
        f"redis has a groupAdds that {problem}"
    ]
    assert messages(RULE, swarm_stack(groups=given)) == [f"worker has a groups that {problem}"]
