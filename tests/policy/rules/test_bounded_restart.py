"""What fails again and again is started again only so often."""

from __future__ import annotations

from typing import Any

import pytest
from sutazai_policy.rules.bounded_restart import RULE

from tests.policy.stacks import (
    LEFT_OUT,
    SERVICE,
    UNKNOWN,
    Secret,
    Stack,
    messages,
    reference_stack,
    service,
    small_stack,
    violations,
)
from tests.policy.unreadable import HIDDEN, LATER

_TEXT = "not a text: give a text"
_NUMBER = "not a whole number: give a whole number"
_GROUP = "not a group of properties: give a group of properties"
_ENDLESS = "restarts on failure without end, since it has no maxRetryCount: set it to up to 5"
_SPREAD = "restarts without end, since its attempts are spread over more time than restartPolicy.window counts"


def _worker(**policy: Any) -> Stack:
    given = {"condition": "on-failure", "maxAttempts": 5, **policy}
    task = {"restartPolicy": {key: value for key, value in given.items() if value is not LEFT_OUT}}
    return Stack().add("worker", service(2, 10**9, 2**28) | {"taskSpec": task}, SERVICE)


def test_passes_the_reference_stack() -> None:
    assert messages(RULE, reference_stack()) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"maxRetryCount": 1},
        {"maxRetryCount": 5.0, "restart": Secret("on-failure")},
        {"restart": "no", "maxRetryCount": LEFT_OUT},
        {"restart": "no", "maxRetryCount": 0},
        {"restart": None, "maxRetryCount": 6},
        {"restart": "", "maxRetryCount": None},
        {"restart": LEFT_OUT, "maxRetryCount": LEFT_OUT},
    ],
)
def test_passes_a_bounded_container(changes: dict[str, Any]) -> None:
    assert messages(RULE, small_stack().change("redis", **changes)) == []


@pytest.mark.parametrize(
    "policy",
    [
        {"maxAttempts": 1},
        {"maxAttempts": Secret(5), "condition": Secret("on-failure")},
        {"condition": "none", "maxAttempts": LEFT_OUT, "window": "1s"},
        {"window": "0s", "delay": "1h"},
        {"window": "75s"},
        {"window": "1m20s", "delay": "6s"},
        {"window": "50s", "delay": "0s"},
        {"window": "30s", "maxAttempts": 2},
    ],
)
def test_passes_a_bounded_service(policy: dict[str, Any]) -> None:
    assert messages(RULE, _worker(**policy)) == []


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"restart": "always"},
            "restarts without end (restart always): set restart to on-failure, and maxRetryCount to up to 5",
        ),
        (
            {"restart": "unless-stopped"},
            "restarts without end (restart unless-stopped):"
            " set restart to on-failure, and maxRetryCount to up to 5",
        ),
        (
            {"restart": Secret("always")},
            "restarts without end (restart (secret)): set restart to on-failure, and maxRetryCount to up to 5",
        ),
        ({"maxRetryCount": LEFT_OUT}, _ENDLESS),
        ({"maxRetryCount": None}, _ENDLESS),
        ({"maxRetryCount": 0}, _ENDLESS),
        ({"maxRetryCount": 0.0}, _ENDLESS),
        ({"maxRetryCount": 6}, "has a maxRetryCount of 6 of at most 5: lower it, or raise most"),
        ({"maxRetryCount": Secret(6)}, "has a maxRetryCount of (secret) of at most 5: lower it, or raise most"),
        ({"maxRetryCount": -1}, "has a maxRetryCount that is -1, below 0: give a number from 0 up"),
        ({"maxRetryCount": "5"}, f"has a maxRetryCount that is the text '5', {_NUMBER}"),
        ({"maxRetryCount": [5]}, f"has a maxRetryCount that is a list, {_NUMBER}"),
        ({"maxRetryCount": 5, "restart": True}, f"has a restart that is True, {_TEXT}"),
        ({"restart": ["always"]}, f"has a restart that is a list, {_TEXT}"),
        ({"restart": Secret(5)}, f"has a restart that {HIDDEN}"),
        ({"restart": "Always"}, "has a restart that Docker doesn't know: set it to on-failure or no"),
        ({"restart": "on-failure:5"}, "has a restart that Docker doesn't know: set it to on-failure or no"),
    ],
)
@pytest.mark.parametrize("start", [True, False])
def test_refuses_a_container_without_a_bound_even_a_stopped_one(
    changes: dict[str, Any], message: str, start: bool
) -> None:
    stack = small_stack().change("redis", start=start, mustRun=start, **changes)

    (found,) = violations(RULE, stack)

    assert found.message == f"redis {message}"
    assert found.urn == stack.urn("redis")


@pytest.mark.parametrize(
    "task", [None, LEFT_OUT, {}, {"restartPolicy": None}, {"restartPolicy": {"maxAttempts": 5}}]
)
def test_refuses_a_service_that_leaves_its_policy_out(task: Any) -> None:
    stack = Stack().add("worker", service(2, 10**9, 2**28), SERVICE).change("worker", taskSpec=task)

    (found,) = violations(RULE, stack)

    assert found.message == (
        "worker restarts without end (restartPolicy.condition left out):"
        " set it to on-failure, and maxAttempts to up to 5"
    )
    assert found.urn == stack.urn("worker", SERVICE)


@pytest.mark.parametrize(
    ("policy", "message"),
    [
        (
            {"condition": "any"},
            "restarts without end (restartPolicy.condition any): set it to on-failure, and maxAttempts to up to 5",
        ),
        (
            {"condition": Secret("any")},
            "restarts without end (restartPolicy.condition (secret)):"
            " set it to on-failure, and maxAttempts to up to 5",
        ),
        (
            {"condition": "On-Failure"},
            "has a restartPolicy.condition that Swarm doesn't know: set it to on-failure or none",
        ),
        ({"condition": 5}, f"has a restartPolicy.condition that is 5, {_TEXT}"),
        (
            {"maxAttempts": LEFT_OUT},
            "restarts on failure without end, since it has no restartPolicy.maxAttempts: set it to up to 5",
        ),
        (
            {"maxAttempts": 0},
            "restarts on failure without end, since it has no restartPolicy.maxAttempts: set it to up to 5",
        ),
        (
            {"maxAttempts": None, "window": "1s"},
            "restarts on failure without end, since it has no restartPolicy.maxAttempts: set it to up to 5",
        ),
        ({"maxAttempts": 6}, "has a restartPolicy.maxAttempts of 6 of at most 5: lower it, or raise most"),
        ({"maxAttempts": "5"}, f"has a restartPolicy.maxAttempts that is the text '5', {_NUMBER}"),
        ({"window": "74.5s"}, f"{_SPREAD} (74.5 s): leave window out"),
        ({"window": Secret("74s")}, f"{_SPREAD} ((secret)): leave window out"),
        ({"window": "1m15s", "delay": "5.001s"}, f"{_SPREAD} (75 s): leave window out"),
        ({"window": "49s", "delay": "0s"}, f"{_SPREAD} (49 s): leave window out"),
        (
            {"window": "soon"},
            "has a restartPolicy.window that is 'soon', no duration: write it as in \"1m30s\"",
        ),
        ({"delay": 5}, f"has a restartPolicy.delay that is 5, {_TEXT}"),
    ],
)
def test_refuses_a_service_without_a_bound(policy: dict[str, Any], message: str) -> None:
    assert messages(RULE, _worker(**policy)) == [f"worker {message}"]


def test_refuses_a_policy_that_is_no_group() -> None:
    stack = Stack().add("worker", service(2, 10**9, 2**28) | {"taskSpec": {"restartPolicy": "none"}}, SERVICE)

    assert messages(RULE, stack) == [f"worker has a restartPolicy.condition that is the text 'none', {_GROUP}"]


def test_obeys_most() -> None:
    stack = small_stack().change("redis", maxRetryCount=3).change("agent", maxRetryCount=2)
    stack.change("aider", restart="always")

    assert messages(RULE, stack, most=2) == [
        "aider restarts without end (restart always): set restart to on-failure, and maxRetryCount to up to 2",
        "redis has a maxRetryCount of 3 of at most 2: lower it, or raise most",
    ]
    assert messages(RULE, _worker(maxAttempts=100), most=100) == []
    assert messages(RULE, small_stack().change("redis", maxRetryCount=100), most=0)[0].startswith(
        "the settings of bounded-restart can't be used: most: "
    )


def test_obeys_exceptions_for_one_container_and_one_service() -> None:
    stack = _worker(maxAttempts=0).change("redis", restart="always")
    stack.add("redis", {"restart": "always"}).add("agent", {"restart": "always"})
    exceptions = [
        {"service": name, "reason": "waits for a device to be plugged in", "expires": "2027-01-31"}
        for name in ("redis", "worker")
    ]

    assert messages(RULE, stack, exceptions=exceptions) == [
        "agent restarts without end (restart always): set restart to on-failure, and maxRetryCount to up to 5"
    ]


@pytest.mark.parametrize("unknown", [UNKNOWN, Secret(UNKNOWN)])
@pytest.mark.parametrize("key", ["restart", "maxRetryCount"])
def test_unknown_is_a_violation_and_hides_nothing_else(key: str, unknown: Any) -> None:
    stack = small_stack().change("agent", **{key: unknown}).change("redis", maxRetryCount=0)

    assert messages(RULE, stack) == [f"agent has a {key} that {LATER}", f"redis {_ENDLESS}"]


def test_unknown_retries_of_what_is_not_restarted_are_a_violation() -> None:
    stack = small_stack().change("redis", restart="no", maxRetryCount=UNKNOWN)

    assert messages(RULE, stack) == [f"redis has a maxRetryCount that {LATER}"]


@pytest.mark.parametrize("key", ["condition", "maxAttempts", "window", "delay"])
def test_unknown_parts_of_a_service_are_violations(key: str) -> None:
    assert messages(RULE, _worker(**{key: UNKNOWN})) == [f"worker has a restartPolicy.{key} that {LATER}"]


@pytest.mark.parametrize("task", [UNKNOWN, {"restartPolicy": UNKNOWN}])
def test_unknown_policies_of_a_service_are_violations(task: Any) -> None:
    stack = Stack().add("worker", service(2, 10**9, 2**28) | {"taskSpec": task}, SERVICE)

    assert messages(RULE, stack) == [f"worker has a restartPolicy.condition that {LATER}"]
