"""No message quotes a secret, however it is nested; and what is shown of other texts is short and on one line."""

from __future__ import annotations

from typing import Any

import pytest
from sutazai_policy import reading
from sutazai_policy.parts import problems, shown, shown_texts

from tests.policy.stacks import UNKNOWN, Secret
from tests.policy.unreadable import HIDDEN, LATER


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ([5], ["is 5, not a text: give a text"]),
        (Secret([5]), [HIDDEN]),
        ([Secret(5)], [HIDDEN]),
        (Secret(Secret([5])), [HIDDEN]),
        (Secret(5), [HIDDEN]),
        (Secret([UNKNOWN]), [LATER]),
        (Secret(["a"]), []),
    ],
)
def test_a_problem_in_a_list_never_quotes_a_secret(given: object, found: list[str]) -> None:
    assert list(problems(reading.texts({"x": given}, "x"))) == found


def test_a_problem_in_a_list_within_a_secret_group_never_quotes_it() -> None:
    group = reading.nested({"x": Secret({"y": [5, "a"]})}, "x")
    inner = group.then(lambda found: reading.texts(found, "y"))

    assert list(problems(inner)) == [HIDDEN]
    assert list(shown_texts(inner)) == [("a", "a secret")]


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (["a", "b c"], ["a", "'b c'"]),
        (Secret(["a"]), ["a secret"]),
        (["a", Secret("b"), 5, UNKNOWN, ""], ["a", "a secret"]),
        (None, []),
        (5, []),
    ],
)
def test_texts_are_shown_but_for_secrets(given: Any, found: list[str]) -> None:
    assert [text for _, text in shown_texts(reading.texts({"x": given}, "x"))] == found


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a" * 60, "a" * 60),
        ("a" * 61, f"'{'a' * 57}'..."),
        (" " + "a" * 59, f"' {'a' * 59}'"),
        ("a\nb", r"'a\nb'"),
        ("\u017f", "'\u017f'"),
        ("./:=@,+*-_Z9", "./:=@,+*-_Z9"),
    ],
)
def test_a_text_is_shown_plainly_if_it_is_plain(value: str, text: str) -> None:
    assert shown(value) == text
    assert shown(value, secret=True) == "a secret"
