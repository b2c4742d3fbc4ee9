"""What runs has a health check, which asks something that can fail, and soon enough."""

from __future__ import annotations

from typing import Any

import pytest
from sutazai_policy.rules.health_check import RULE

from tests.policy.stacks import (
    LEFT_OUT,
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
from tests.policy.unreadable import HIDDEN, LATER

_ASK = 'ask the program itself, as in ["CMD", "pg_isready"]'
_MISSING = f"has no healthcheck.tests, so nobody knows whether it works: {_ASK}"
_OFF = f"turns its health check off (healthcheck.tests %s): {_ASK}"
_NONE_RUN = f"has a healthcheck.tests that begins with neither CMD nor CMD-SHELL, so Docker runs none: {_ASK}"
_SUCCEEDS = f"has healthcheck.tests that succeed whether it works or not (%s): {_ASK}"
_LATE = "of at most 24 (healthcheck: startPeriod + retries x (interval + timeout)): shorten them"


def _checked(**changes: Any) -> dict[str, Any]:
    return {"tests": ["CMD", "probe"], **changes}


def _worker(replicas: int, **health: Any) -> Stack:
    found = service(replicas, 10**9, 2**28)
    found["taskSpec"]["containerSpec"] |= health
    return Stack().add("worker", found, SERVICE)


def test_passes_the_reference_stack_and_services() -> None:
    assert messages(RULE, reference_stack().add("worker", service(2, 10**9, 2**28), SERVICE)) == []


@pytest.mark.parametrize(
    "tests",
    [
        ["CMD", "pg_isready"],
        ["CMD", "curl", "-f", "x", "||", "true"],
        ["CMD-SHELL", "curl -f x || exit 1"],
        ["CMD-SHELL", "curl -f x", "ignored || true"],
        Secret(["CMD", Secret("probe")]),
    ],
)
def test_passes_a_check_that_can_fail(tests: Any) -> None:
    assert messages(RULE, small_stack().change("redis", healthcheck={"tests": tests})) == []
    assert messages(RULE, small_stack().change("redis", healthcheck=Secret({"tests": tests}))) == []
    assert messages(RULE, _worker(1, healthcheck={"tests": tests})) == []


@pytest.mark.parametrize("health", [None, {"tests": ["NONE"]}, UNKNOWN, _checked(interval=UNKNOWN)])
def test_passes_what_is_not_to_run(health: Any) -> None:
    stack = small_stack().change("redis", healthcheck=health, **STOPPED)

    assert messages(RULE, stack) == []
    assert messages(RULE, _worker(0, healthcheck=health)) == []


@pytest.mark.parametrize(
    "times",
    [
        {"interval": "8h", "timeout": "0s", "retries": 2},
        {"startPeriod": "23h", "interval": "10m", "timeout": "10m"},
        {"startPeriod": "23h57m", "interval": "", "timeout": "0s", "retries": 0},
        {"interval": "11h59m30s", "retries": Secret(2)},
    ],
)
def test_passes_a_check_that_shows_within_a_day(times: dict[str, Any]) -> None:
    assert messages(RULE, small_stack().change("redis", healthcheck=_checked(**times))) == []


@pytest.mark.parametrize("health", [None, LEFT_OUT, {}, {"tests": None}, {"tests": []}, {"interval": "5s"}])
def test_refuses_what_runs_without_a_check(health: Any) -> None:
    stack = small_stack().change("redis", healthcheck=health)
    worker = _worker(1, healthcheck=health if isinstance(health, dict) else None)

    (found,) = violations(RULE, stack)

    assert found.message == f"redis {_MISSING}"
    assert found.urn == stack.urn("redis")
    (found,) = violations(RULE, worker)
    assert found.message == f"worker {_MISSING}"
    assert found.urn == worker.urn("worker", SERVICE)


@pytest.mark.parametrize(
    ("tests", "message"),
    [
        (["NONE"], _OFF % "NONE"),
        (["NONE", "curl"], _OFF % "'NONE curl'"),
        (Secret(["NONE"]), _OFF % "a secret"),
        (["none"], _NONE_RUN),
        (["cmd", "curl"], _NONE_RUN),
        (["curl", "-f", "x"], _NONE_RUN),
        (["", "CMD", "curl"], _NONE_RUN),
        ([None], _NONE_RUN),
        (["CMD"], _SUCCEEDS % "''"),
        (["CMD-SHELL"], _SUCCEEDS % "''"),
        (["CMD-SHELL", ""], _SUCCEEDS % "''"),
        (["CMD-SHELL", None], _SUCCEEDS % "''"),
        (["CMD", "true"], _SUCCEEDS % "true"),
        (["CMD", "/bin/true"], _SUCCEEDS % "/bin/true"),
        (["CMD", "exit", "0"], _SUCCEEDS % "'exit 0'"),
        (["CMD", "echo", "ok"], _SUCCEEDS % "'echo ok'"),
        (["CMD", "sh", "-c", "curl x || true"], _SUCCEEDS % "'sh -c curl x || true'"),
        (["CMD-SHELL", "true"], _SUCCEEDS % "true"),
        (["CMD-SHELL", "exit 0"], _SUCCEEDS % "'exit 0'"),
        (["CMD-SHELL", "curl x || true"], _SUCCEEDS % "'curl x || true'"),
        (["CMD-SHELL", "curl x || exit 0"], _SUCCEEDS % "'curl x || exit 0'"),
        (["CMD-SHELL", "curl x; true"], _SUCCEEDS % "'curl x; true'"),
        (["CMD-SHELL", "true", "|| false"], _SUCCEEDS % "'true || false'"),
        (["CMD-SHELL", "x" * 52 + " || true"], _SUCCEEDS % f"'{'x' * 52} || true'"),
        (["CMD-SHELL", "x" * 53 + " || true"], _SUCCEEDS % f"'...{'x' * 49} || true'"),
        (["CMD", Secret("true")], _SUCCEEDS % "a secret"),
        (["CMD", "sh", Secret("-c"), "true"], _SUCCEEDS % "a secret"),
        (Secret(["CMD-SHELL", "curl http://user:pass@x || true"]), _SUCCEEDS % "a secret"),
        ("CMD curl", "has a healthcheck.tests that is the text 'CMD curl', not a list: give a list"),
        (["CMD", 5], "has a word in healthcheck.tests that is 5, not a text: give a text"),
        (["CMD", ["a"]], "has a word in healthcheck.tests that is a list, not a text: give a text"),
        (["CMD", Secret(5)], f"has a word in healthcheck.tests that {HIDDEN}"),
    ],
)
def test_refuses_a_check_that_says_nothing(tests: Any, message: str) -> None:
    assert messages(RULE, small_stack().change("redis", healthcheck={"tests": tests})) == [f"redis {message}"]
    assert messages(RULE, _worker(1, healthcheck={"tests": tests})) == [f"worker {message}"]


@pytest.mark.parametrize(
    ("times", "message"),
    [
        ({"interval": "8760h"}, f"may fail for 26280.03 hours before it shows, {_LATE}"),
        ({"interval": "11h59m31s", "retries": 2}, f"may fail for 24.01 hours before it shows, {_LATE}"),
        ({"timeout": "48h", "retries": 1}, f"may fail for 48.01 hours before it shows, {_LATE}"),
        ({"startPeriod": "24h"}, f"may fail for 24.05 hours before it shows, {_LATE}"),
        ({"retries": 10**6}, f"may fail for 16666.67 hours before it shows, {_LATE}"),
        ({"interval": "12h", "timeout": "12h"}, f"may fail for 72 hours before it shows, {_LATE}"),
        ({"retries": Secret(10**6)}, f"may fail for (secret) hours before it shows, {_LATE}"),
        ({"interval": Secret("90h")}, f"may fail for (secret) hours before it shows, {_LATE}"),
        ({"timeout": Secret("90h")}, f"may fail for (secret) hours before it shows, {_LATE}"),
        ({"startPeriod": Secret("90h")}, f"may fail for (secret) hours before it shows, {_LATE}"),
        ({"retries": -1}, "has a healthcheck.retries that is -1, below 0: give a number from 0 up"),
        ({"interval": "soon"}, "has a healthcheck.interval that is 'soon', no duration: write it as in \"1m30s\""),
        ({"timeout": 5}, "has a healthcheck.timeout that is 5, not a text: give a text"),
        ({"startPeriod": ["5s"]}, "has a healthcheck.startPeriod that is a list, not a text: give a text"),
    ],
)
def test_refuses_a_check_that_shows_too_late(times: dict[str, Any], message: str) -> None:
    assert messages(RULE, small_stack().change("redis", healthcheck=_checked(**times))) == [f"redis {message}"]
    assert messages(RULE, _worker(1, healthcheck=_checked(**times))) == [f"worker {message}"]


def test_obeys_exceptions_for_one_container_and_one_service() -> None:
    stack = _worker(1, healthcheck=None).add("redis", {}).add("agent", {})
    exceptions = [
        {"service": name, "reason": "a job that answers nobody", "expires": "2027-01-31"}
        for name in ("agent", "worker")
    ]

    assert messages(RULE, stack, exceptions=exceptions) == [f"redis {_MISSING}"]


@pytest.mark.parametrize("unknown", [UNKNOWN, Secret(UNKNOWN)])
def test_unknown_is_a_violation_and_hides_nothing_else(unknown: Any) -> None:
    stack = small_stack().change("agent", healthcheck={"tests": unknown}).change("redis", healthcheck=None)
    stack.change("aider", healthcheck=unknown)

    assert messages(RULE, stack) == [
        f"agent has a healthcheck.tests that {LATER}",
        f"aider has a healthcheck.tests that {LATER}",
        f"redis {_MISSING}",
    ]


@pytest.mark.parametrize("key", ["interval", "timeout", "startPeriod", "retries"])
def test_unknown_times_are_violations(key: str) -> None:
    stack = small_stack().change("redis", healthcheck=_checked(**{key: UNKNOWN}))

    assert messages(RULE, stack) == [f"redis has a healthcheck.{key} that {LATER}"]


def test_unknown_words_are_one_violation() -> None:
    stack = small_stack().change("redis", healthcheck={"tests": [UNKNOWN, UNKNOWN]})

    assert messages(RULE, stack) == [f"redis has a word in healthcheck.tests that {LATER}"]


@pytest.mark.parametrize(
    "task", [UNKNOWN, {"containerSpec": UNKNOWN}, {"containerSpec": {"healthcheck": UNKNOWN}}]
)
def test_unknown_parts_of_a_service_are_violations(task: Any) -> None:
    stack = Stack().add("worker", service(2, 10**9, 2**28) | {"taskSpec": task}, SERVICE)

    assert messages(RULE, stack) == [f"worker has a healthcheck.tests that {LATER}"]
