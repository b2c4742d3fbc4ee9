"""No ulimit is without an end or too large, however its name and numbers are spelt."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest
from sutazai_policy.rules.ulimits import RULE
from sutazai_policy.schema import config_schema

from tests.policy.stacks import LEFT_OUT, UNKNOWN, Secret, Stack, messages, small_stack, violations
from tests.policy.swarm import swarm_stack
from tests.policy.unreadable import HIDDEN, LATER

_LARGEST = {
    "core": 0,
    "memlock": 65536,
    "msgqueue": 819200,
    "nice": 20,
    "nofile": 1048576,
    "nproc": 32768,
    "rtprio": 0,
    "sigpending": 32768,
    "stack": 67108864,
}
_ENDLESS = ["cpu", "data", "fsize", "locks", "rss", "rttime"]


def _with(name: object, soft: object, hard: object) -> Stack:
    entry = {"name": name, "soft": soft, "hard": hard}
    given = {key: value for key, value in entry.items() if value is not LEFT_OUT}
    return small_stack().change("redis", ulimits=[{"name": "nofile", "soft": 1, "hard": 1.0}, given])


def _over(kind: str, told: object, most: object) -> str:
    return f"redis has an ulimit {kind} of {told}, and {most} is the most: lower it, or raise largest.{kind}"


def _unlimited(kind: str, bound: str) -> str:
    return f"redis has an unlimited ulimit {kind}: set its soft and hard to {bound}, or raise largest.{kind}"


@pytest.mark.parametrize("given", [LEFT_OUT, None, []])
def test_passes_a_container_without_ulimits(given: object) -> None:
    assert messages(RULE, small_stack().change("redis", ulimits=given)) == []
    assert messages(RULE, swarm_stack()) == []


@pytest.mark.parametrize(("kind", "most"), _LARGEST.items())
def test_passes_the_most_and_refuses_one_more(kind: str, most: int) -> None:
    assert messages(RULE, _with(kind, 0, most)) == []
    assert messages(RULE, _with(kind.upper(), most, most)) == []
    assert messages(RULE, _with(kind, 0, most + 1)) == [_over(kind, most + 1, most)]
    assert messages(RULE, _with(kind, most + 1.0, most + 1.0)) == [_over(kind, most + 1, most)]


@pytest.mark.parametrize("kind", _ENDLESS)
def test_passes_any_number_where_there_is_no_most(kind: str) -> None:
    assert messages(RULE, _with(kind, 2**53, 2**53)) == []
    assert messages(RULE, _with(kind, 0, -1)) == [_unlimited(kind, "a number")]


@pytest.mark.parametrize(("soft", "hard"), [(5, -1), (-1, -1)])
@pytest.mark.parametrize("name", ["nofile", "NOFILE", "noFile"])
def test_refuses_an_unlimited_one(name: str, soft: int, hard: int) -> None:
    stack = _with(name, soft, hard)

    (found,) = violations(RULE, stack)

    assert (found.message, found.urn) == (_unlimited("nofile", "1048576 at most"), stack.urn("redis"))


def test_refuses_a_soft_one_above_the_hard_one() -> None:
    above = "redis has an ulimit nofile whose soft is above its hard, which Docker refuses: lower its soft"

    assert messages(RULE, _with("nofile", 5, 5)) == []
    assert messages(RULE, _with("nofile", 6, 5)) == [above]
    assert messages(RULE, _with("nofile", 1048577, 5)) == [_over("nofile", 1048577, 1048576), above]
    assert messages(RULE, _with("nofile", -1, 5)) == [_unlimited("nofile", "1048576 at most"), above]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("files", "files"),
        ("RLIMIT_NOFILE", "RLIMIT_NOFILE"),
        (" nofile", "' nofile'"),
        (Secret("files"), "a secret"),
    ],
)
def test_refuses_a_name_that_linux_does_not_have(name: object, told: str) -> None:
    assert messages(RULE, _with(name, 1, 1)) == [
        f"redis has an ulimit {told}, which Linux doesn't have: remove it"
    ]


def test_refuses_letters_that_docker_makes_plain_ones() -> None:
    assert messages(RULE, _with("r\u017fs", -1, -1)) == [_unlimited("rss", "a number")]
    assert messages(RULE, _with("n\u0131ce", 40, 40)) == [_over("nice", 40, 20)]


def test_refuses_a_secret_one_without_telling_it() -> None:
    assert messages(RULE, _with("nofile", 0, Secret(2097152))) == [_over("nofile", "a secret", 1048576)]
    assert messages(RULE, _with("nofile", Secret(2097152), 2097152)) == [_over("nofile", "a secret", 1048576)]


def test_refuses_each_of_several_also_of_a_stopped_container() -> None:
    given = [{"name": "core", "soft": -1, "hard": -1}, {"name": "nofile", "soft": 9, "hard": 9}, 5]
    stack = small_stack().change("redis", ulimits=given, start=False, mustRun=False)

    assert messages(RULE, stack) == [
        "redis has an ulimits that is 5, not a group of properties: give a group of properties",
        _unlimited("core", "0 at most"),
    ]


def test_obeys_what_is_largest() -> None:
    largest = {"nofile": 10, "memlock": -1, "fsize": 7}

    assert messages(RULE, _with("nofile", 1, 10), largest=largest) == []
    assert messages(RULE, _with("nofile", 1, 11), largest=largest) == [_over("nofile", 11, 10)]
    assert messages(RULE, _with("memlock", -1, -1), largest=largest) == []
    assert messages(RULE, _with("memlock", 5, 2**53), largest=largest) == []
    assert messages(RULE, _with("fsize", 1, 8), largest=largest) == [_over("fsize", 8, 7)]
    assert messages(RULE, _with("fsize", 1, -1), largest=largest) == [_unlimited("fsize", "7 at most")]
    assert messages(RULE, _with("nproc", 1, 32769), largest=largest) == [_over("nproc", 32769, 32768)]


@pytest.mark.parametrize("kind", [*_LARGEST, *_ENDLESS])
def test_obeys_what_is_largest_of_each(kind: str) -> None:
    assert messages(RULE, _with(kind, 7, 7), largest={kind: 7}) == []
    assert messages(RULE, _with(kind, 7, 8), largest={kind: 7}) == [_over(kind, 8, 7)]


@pytest.mark.parametrize("largest", [{"files": 5}, {"nofile": -2}, {"nofile": 1.5}, {"NOFILE": 5}, 5])
def test_obeys_no_setting_that_it_can_not_read(largest: Any) -> None:
    (found,) = messages(RULE, small_stack(), largest=largest)

    assert found.startswith("the settings of ulimits can't be used: largest")
    schema = {"type": "object", "properties": config_schema(RULE.settings)}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"largest": largest}, schema)


def test_obeys_an_exception_for_one_service_and_no_other() -> None:
    given = [{"name": "core", "soft": 0, "hard": 1}]
    stack = small_stack().change("redis", ulimits=given).change("agent", ulimits=given)
    exception = {"service": "agent", "reason": "dumps its core", "expires": "2027-01-31"}

    assert messages(RULE, stack, exceptions=[exception]) == [_over("core", 1, 0)]


@pytest.mark.parametrize(
    ("soft", "hard", "found"),
    [
        (UNKNOWN, 5, f"soft that {LATER}"),
        (5, UNKNOWN, f"hard that {LATER}"),
        (5, LEFT_OUT, "hard that is missing: give it a number"),
        (None, 5, "soft that is missing: give it a number"),
        (5, "5", "hard that is the text '5', not a whole number: give a whole number"),
        (5, -2, "hard that is -2, below -1: give a number from 0 up"),
        (5, 5.5, "hard that is 5.5, not a whole number: give a whole number"),
        (5, 2**64, "hard that is more than any host has: give a number that a host can hold"),
        (5, Secret("x"), f"hard that {HIDDEN}"),
    ],
)
def test_unknown_or_odd_sizes_are_violations(soft: object, hard: object, found: str) -> None:
    assert messages(RULE, _with("nofile", soft, hard)) == [f"redis has an ulimit nofile with a {found}"]


def test_unknown_sizes_hide_no_other() -> None:
    assert messages(RULE, _with("nofile", UNKNOWN, UNKNOWN)) == [
        f"redis has an ulimit nofile with a soft that {LATER}",
        f"redis has an ulimit nofile with a hard that {LATER}",
    ]
    assert messages(RULE, _with("nofile", UNKNOWN, -1)) == [
        f"redis has an ulimit nofile with a soft that {LATER}",
        _unlimited("nofile", "1048576 at most"),
    ]


@pytest.mark.parametrize(
    ("name", "found"),
    [
        (UNKNOWN, LATER),
        (LEFT_OUT, "is missing: give it one"),
        ("", "is missing: give it one"),
        (5, "is 5, not a text: give a text"),
    ],
)
def test_unknown_or_odd_names_are_violations(name: object, found: str) -> None:
    assert messages(RULE, _with(name, 1, 1)) == [f"redis has an ulimit with a name that {found}"]


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        (UNKNOWN, LATER),
        ([UNKNOWN], LATER),
        ({"nofile": 5}, "is a group of properties, not a list: give a list"),
        (Secret([5]), HIDDEN),
    ],
)
def test_unknown_or_odd_lists_are_violations(given: object, problem: str) -> None:
    assert messages(RULE, small_stack().change("redis", ulimits=given)) == [f"redis has an ulimits that {problem}"]
