"""An answer is one that the language host takes, and a text that no terminal obeys."""

from __future__ import annotations

import pytest
from pulumi.runtime.proto import analyzer_pb2 as pb
from sutazai_policy.answer import Answer
from sutazai_policy.rule import Category, Violation
from sutazai_policy.terminal import plain

from tests.policy.made_up import rule

_LANGUAGE_HOST_TAKES = 4 * 1024**2
_FIRST, _SECOND = rule("first"), rule("second")


def _texts(answer: Answer) -> list[str]:
    return [one.message.partition("\n")[2] for one in answer.message.diagnostics]


def test_what_has_room_is_said() -> None:
    answer = Answer("pack", "1", {}, 2)
    for number in range(3):
        answer.add(_FIRST, Violation(f"{number}"))
    answer.close(_FIRST)

    assert _texts(answer) == ["0", "1", "2"]


def test_of_more_violations_than_can_be_read_the_rest_is_counted_rule_by_rule() -> None:
    answer = Answer("pack", "1", {}, 2)
    long = Violation("x" * 10_000, "urn:pulumi:prod::shop::x::y")
    for _ in range(1_000):
        answer.add(_FIRST, long)
    answer.add(_SECOND, Violation("small"))
    for one in (_FIRST, _SECOND):
        answer.close(one)

    *shown, small, rest = _texts(answer)
    assert small == "small"
    assert rest == f"{1_000 - len(shown)} more violations of first aren't shown: mend those that are"
    assert 100 < len(shown) < 200
    assert answer.message.diagnostics[-1].enforcementLevel == pb.MANDATORY
    assert answer.message.ByteSize() < _LANGUAGE_HOST_TAKES


def test_a_violation_too_long_to_be_read_is_still_one() -> None:
    answer = Answer("pack", "1", {}, 1)
    answer.add(_FIRST, Violation("x" * 5_000_000))
    answer.close(_FIRST)

    assert _texts(answer) == ["1 more violations of first aren't shown: mend those that are"]


def test_each_rule_has_the_same_room_however_many_there_are() -> None:
    rules = [rule(f"rule-{number}") for number in range(44)]
    answer = Answer("pack", "1", {}, len(rules))
    for one in rules:
        for _ in range(100):
            answer.add(one, Violation("x" * 1_000))
    for one in rules:
        answer.close(one)

    assert {one.policyName for one in answer.message.diagnostics} == {one.name for one in rules}
    assert answer.message.ByteSize() < _LANGUAGE_HOST_TAKES


def test_an_answer_without_rules_is_empty() -> None:
    assert not Answer("pack", "1", {}, 0).message.diagnostics


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("redis größer 'x' \"y\"", "redis größer 'x' \"y\""),
        ("\x1b[2K\x1b[1A", r"\x1b[2K\x1b[1A"),
        ("a\nb\r\t", r"a\nb\r\t"),
        ("\u202eevil", r"\u202eevil"),
        ("\ud800", r"\ud800"),
        ("\x00\x9b", r"\x00\x9b"),
        ("", ""),
    ],
)
def test_what_a_terminal_would_obey_is_escaped(text: str, shown: str) -> None:
    assert plain(text) == shown


def test_lines_are_kept_where_they_are_the_rules_own() -> None:
    assert plain("a\nb\x1b", keep="\n") == "a\nb\\x1b"
    for category, expected in ((Category.SHAPE, r"a\nb"), (Category.REPORT, "a\nb")):
        answer = Answer("pack", "1", {}, 1)
        answer.add(rule(category=category), Violation("a\nb"))
        assert _texts(answer) == [expected]
