"""What is stopped has the time to finish, and a database to write what it holds."""

from __future__ import annotations

from typing import Any

import pytest
from sutazai_policy.rules.stop_grace import RULE

from tests.policy.stacks import (
    LEFT_OUT,
    REMOTE_IMAGE,
    SERVICE,
    STOPPED,
    UNKNOWN,
    Secret,
    Stack,
    messages,
    reference_stack,
    service,
    small_stack,
    violations,
)
from tests.policy.unreadable import LATER

_TEXT = "not a text: give a text"
_AT_ONCE = "so it is killed at once: set it to the seconds that it takes to stop"
_UNHEARD = "has a stopSignal that no program can hear, so it is killed at once: leave it out, or set SIGTERM"
_DATABASE = {"image": "postgres:16.2"}


def _worker(replicas: int = 1, **spec: Any) -> Stack:
    found = service(replicas, 10**9, 2**28)
    found["taskSpec"]["containerSpec"] |= spec
    found["taskSpec"]["containerSpec"] = {
        key: value for key, value in found["taskSpec"]["containerSpec"].items() if value is not LEFT_OUT
    }
    return Stack().add("worker", found, SERVICE)


def test_passes_the_reference_stack_and_services() -> None:
    assert messages(RULE, reference_stack().add("worker", service(2, 10**9, 2**28), SERVICE)) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"destroyGraceSeconds": 1},
        {"destroyGraceSeconds": Secret(1)},
        {"destroyGraceSeconds": 5, "stopTimeout": 0},
        {**_DATABASE, "destroyGraceSeconds": 30, "stopTimeout": None},
        {**_DATABASE, "destroyGraceSeconds": 30.0, "stopTimeout": 30},
        {"image": UNKNOWN, "destroyGraceSeconds": 30, "stopTimeout": 30},
        {"image": LEFT_OUT, "destroyGraceSeconds": 1},
        {"stopSignal": "SIGQUIT"},
        {"stopSignal": ""},
        {"stopSignal": "15"},
        {"stopSignal": "90"},
    ],
)
def test_passes_a_container_that_has_the_time(changes: dict[str, Any]) -> None:
    assert messages(RULE, small_stack().change("redis", **changes)) == []


@pytest.mark.parametrize(
    "spec",
    [
        {"stopGracePeriod": LEFT_OUT},
        {"stopGracePeriod": "1ms"},
        {**_DATABASE, "stopGracePeriod": "30s"},
        {**_DATABASE, "stopGracePeriod": "1m"},
        {"stopSignal": "SIGINT"},
    ],
)
def test_passes_a_service_that_has_the_time(spec: dict[str, Any]) -> None:
    assert messages(RULE, _worker(**spec)) == []


@pytest.mark.parametrize(
    "changes", [{"destroyGraceSeconds": None}, {"stopSignal": "KILL"}, {"stopTimeout": UNKNOWN}]
)
def test_passes_what_is_not_to_run(changes: dict[str, Any]) -> None:
    stack = small_stack().change("redis", **STOPPED, **changes)

    assert messages(RULE, stack) == []
    assert messages(RULE, _worker(0, stopGracePeriod="0s", stopSignal="KILL")) == []


@pytest.mark.parametrize("nothing", [None, LEFT_OUT, 0, 0.0])
@pytest.mark.parametrize("image", ["debian:12.8", "postgres:16.2"])
def test_refuses_a_container_that_is_killed_at_once(nothing: Any, image: str) -> None:
    stack = small_stack().change("redis", destroyGraceSeconds=nothing, image=image)

    (found,) = violations(RULE, stack)

    assert found.message == f"redis has no destroyGraceSeconds, {_AT_ONCE}"
    assert found.urn == stack.urn("redis")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {**_DATABASE, "destroyGraceSeconds": 29},
            "is a database and has 29 s to stop (destroyGraceSeconds) of at least 30: raise it",
        ),
        (
            {"image": Secret("redis:7.2"), "destroyGraceSeconds": Secret(29)},
            "is a database and has (secret) s to stop (destroyGraceSeconds) of at least 30: raise it",
        ),
        (
            {**_DATABASE, "stopTimeout": 29},
            "is a database and has 29 s to stop (stopTimeout) of at least 30: raise it",
        ),
        (
            {**_DATABASE, "stopTimeout": 0},
            "is a database and has 0 s to stop (stopTimeout) of at least 30: raise it",
        ),
        (
            {"image": UNKNOWN, "destroyGraceSeconds": 29},
            f"has 29 s to stop (destroyGraceSeconds), and an image that {LATER}; if it is a database it needs 30",
        ),
        (
            {"image": ["postgres"], "destroyGraceSeconds": Secret(29)},
            "has (secret) s to stop (destroyGraceSeconds), and an image that is a list, not a text: give a text;"
            " if it is a database it needs 30",
        ),
        (
            {"destroyGraceSeconds": "30"},
            "has a destroyGraceSeconds that is the text '30', not a whole number: give a whole number",
        ),
        (
            {"destroyGraceSeconds": -1},
            "has a destroyGraceSeconds that is -1, below 0: give a number from 0 up",
        ),
        ({"stopTimeout": -1}, "has a stopTimeout that is -1, below 0: give a number from 0 up"),
        ({"stopSignal": 9}, f"has a stopSignal that is 9, {_TEXT}"),
    ],
)
def test_refuses_a_container_that_has_too_little_time(changes: dict[str, Any], message: str) -> None:
    stack = small_stack().change("redis", **changes)

    (found,) = violations(RULE, stack)

    assert found.message == f"redis {message}"
    assert found.urn == stack.urn("redis")


@pytest.mark.parametrize(
    "signal",
    ["SIGKILL", "KILL", "kill", "sigKill", "9", "09", "+9", "+009", "SIGSTOP", "STOP", "19", Secret("KILL")],
)
def test_refuses_a_signal_that_no_program_can_hear(signal: Any) -> None:
    assert messages(RULE, small_stack().change("redis", stopSignal=signal)) == [f"redis {_UNHEARD}"]
    assert messages(RULE, _worker(stopSignal=signal)) == [f"worker {_UNHEARD}"]


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({"stopGracePeriod": "0s"}, f"has no stopGracePeriod, {_AT_ONCE}"),
        (
            {**_DATABASE, "stopGracePeriod": LEFT_OUT},
            "is a database and has 10 s to stop (stopGracePeriod) of at least 30: raise it",
        ),
        (
            {**_DATABASE, "stopGracePeriod": "29.5s"},
            "is a database and has 29.5 s to stop (stopGracePeriod) of at least 30: raise it",
        ),
        (
            {"image": UNKNOWN, "stopGracePeriod": LEFT_OUT},
            f"has 10 s to stop (stopGracePeriod), and an image that {LATER}; if it is a database it needs 30",
        ),
        (
            {"stopGracePeriod": "soon"},
            "has a stopGracePeriod that is 'soon', no duration: write it as in \"1m30s\"",
        ),
        ({"stopGracePeriod": 30}, f"has a stopGracePeriod that is 30, {_TEXT}"),
    ],
)
def test_refuses_a_service_that_has_too_little_time(spec: dict[str, Any], message: str) -> None:
    stack = _worker(**spec)

    (found,) = violations(RULE, stack)

    assert found.message == f"worker {message}"
    assert found.urn == stack.urn("worker", SERVICE)


def test_obeys_the_databases_and_their_seconds() -> None:
    stack = small_stack().change("redis", destroyGraceSeconds=44).change("agent", destroyGraceSeconds=44)
    stack.change("aider", destroyGraceSeconds=45).relabel("aider", service="store")

    assert messages(RULE, stack, databases=["redis", "store"], database_s=45) == [
        "redis is a database and has 44 s to stop (destroyGraceSeconds) of at least 45: raise it"
    ]
    assert messages(RULE, stack.change("agent", **_DATABASE), databases=[], database_s=44) == []


@pytest.mark.parametrize("unknown", [UNKNOWN, Secret(UNKNOWN)])
@pytest.mark.parametrize("key", ["destroyGraceSeconds", "stopTimeout", "stopSignal"])
def test_unknown_is_a_violation_and_hides_nothing_else(key: str, unknown: Any) -> None:
    stack = small_stack().change("agent", **{key: unknown}).change("redis", destroyGraceSeconds=None)

    assert messages(RULE, stack) == [
        f"agent has a {key} that {LATER}",
        f"redis has no destroyGraceSeconds, {_AT_ONCE}",
    ]


def test_unknown_images_are_what_they_come_from() -> None:
    stack = Stack().add("db", {"name": "postgres:16.2"}, REMOTE_IMAGE).add("app", {"name": "app:1"}, REMOTE_IMAGE)
    for name in ("db", "app"):
        depends = {"image": [stack.urn(name, REMOTE_IMAGE)]}
        stack.add(f"run-{name}", {"image": UNKNOWN, "destroyGraceSeconds": 10}, depends=depends)

    assert messages(RULE, stack) == [
        "run-db is a database and has 10 s to stop (destroyGraceSeconds) of at least 30: raise it"
    ]


@pytest.mark.parametrize("task", [UNKNOWN, {"containerSpec": UNKNOWN}])
def test_unknown_parts_of_a_service_are_violations(task: Any) -> None:
    stack = Stack().add("worker", service(2, 10**9, 2**28) | {"taskSpec": task}, SERVICE)

    assert messages(RULE, stack) == [
        f"worker has a stopGracePeriod that {LATER}",
        f"worker has a stopSignal that {LATER}",
    ]


def test_obeys_exceptions_for_one_container_and_one_service() -> None:
    stack = _worker(stopGracePeriod="0s").add("redis", {}).add("agent", {})
    exceptions = [
        {"service": name, "reason": "holds nothing and answers nobody", "expires": "2027-01-31"}
        for name in ("agent", "worker")
    ]

    assert messages(RULE, stack, exceptions=exceptions) == [f"redis has no destroyGraceSeconds, {_AT_ONCE}"]
