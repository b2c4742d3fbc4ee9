"""A stack is on one host; how an engine's address is read has tests of its own."""

from __future__ import annotations

from typing import Any

import pytest
from sutazai_policy.rules.one_host import RULE

from tests.policy.stacks import UNKNOWN, VOLUME, Provider, Secret, Stack, messages, small_stack, violations
from tests.policy.unreadable import LATER

_URN = "urn:pulumi:prod::shop::pulumi:providers:docker::"
_DEFAULT = "what DOCKER_HOST names or else the local engine (agent, aider, redis)"


def _refused(*listed: str) -> list[str]:
    return [
        f"Docker resources are made on {len(listed)} engines, {', '.join(listed)}: give all of them one"
        " provider, and a second host a stack of its own"
    ]


def _volume(stack: Stack, name: str, provider: str = "other", /, **properties: Any) -> Stack:
    return stack.add(name, {}, VOLUME, provider=Provider(_URN + provider, properties))


@pytest.mark.parametrize(
    "stack",
    [
        Stack(),
        small_stack(),
        _volume(small_stack(), "data"),
        _volume(_volume(Stack(), "data", "a", host="unix:///run/x"), "files", "b", host="unix:///var/run/x"),
        _volume(_volume(Stack(), "data", "a", context="x"), "files", "b", context="x", host="tcp://b"),
        small_stack().add("bare", {}, VOLUME, provider=None),
        small_stack().add("other", {}, "dockers:index:X", provider=Provider("x", {"host": "tcp://b"})),
        small_stack().add("key", {}, "tls:index:Key", provider=Provider("x", {"host": UNKNOWN})),
    ],
)
def test_passes_resources_on_one_engine(stack: Stack) -> None:
    assert messages(RULE, stack) == []


@pytest.mark.parametrize(
    "properties", [{"host": "tcp://b"}, {"context": "b"}, {"host": "unix:///run/docker.sock"}]
)
def test_refuses_a_second_engine(properties: dict[str, Any]) -> None:
    stack = _volume(_volume(small_stack(), "data", **properties), "files", **properties)

    (found,) = violations(RULE, stack)

    told = properties.get("host", "the context b")
    assert [found.message] == _refused(_DEFAULT, f"{told} (data, files)")
    assert found.urn is None


def test_refuses_a_second_engine_beside_no_provider() -> None:
    stack = _volume(Stack().add("bare", {}, VOLUME, provider=None), "data", host="tcp://b")

    default = "what DOCKER_HOST names or else the local engine (bare)"
    assert messages(RULE, stack) == _refused(default, "tcp://b (data)")


def test_refuses_three_and_names_few_of_many() -> None:
    stack = small_stack()
    for number in range(7):
        _volume(stack, f"v{number}", "b", host="tcp://b")
    _volume(stack, "w", "c", host="tcp://c")

    assert messages(RULE, stack) == _refused(_DEFAULT, "tcp://b (v0, v1, v2, v3, v4, +2 more)", "tcp://c (w)")


@pytest.mark.parametrize("first", [Secret("tcp://b"), "tcp://b"])
def test_refuses_a_secret_engine_without_showing_it(first: Any) -> None:
    stack = _volume(_volume(small_stack(), "data", "a", host=first), "files", "b", host=Secret("tcp://b"))

    assert messages(RULE, stack) == _refused(_DEFAULT, "one that is a secret (data, files)")
    stack = _volume(_volume(small_stack(), "data", "a", host=Secret("tcp://b")), "files", "b", host="tcp://b")
    assert messages(RULE, stack) == _refused(_DEFAULT, "one that is a secret (data, files)")


@pytest.mark.parametrize(
    ("host", "problem"), [(UNKNOWN, LATER), (5, "is 5, not a text: give a text")], ids=["unknown", "number"]
)
def test_unknown_engine_is_a_violation(host: Any, problem: str) -> None:
    stack = _volume(_volume(Stack(), "data", host=host), "files", host=host)

    (found,) = violations(RULE, stack)

    assert found.message == f"the provider other of data, files has a host that {problem}"
    assert found.urn == f"{_URN}other"


def test_unknown_engine_hides_no_other() -> None:
    stack = _volume(_volume(small_stack(), "data", host=UNKNOWN), "files", "c", host="tcp://c")

    assert messages(RULE, stack) == [
        f"the provider other of data has a host that {LATER}",
        *_refused(_DEFAULT, "tcp://c (files)"),
    ]


def test_obeys_no_exception() -> None:
    (found,) = messages(RULE, small_stack(), exceptions=[])

    assert found.startswith("the settings of one-host can't be used: exceptions: ")
