"""No log fills the host's disk: it is rotated, and what is kept is bounded."""

from __future__ import annotations

from typing import Any

import pytest
from sutazai_policy.rules.log_rotation import RULE

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

_NO_SIZE = 'has no logOpts max-size, so its log is never rotated: set it, as in "10m"'
_NO_COUNT = 'has no logOpts max-file, so its log is never rotated: set it, as in "3"'
_NOT_KNOWN = "that nothing is known of: set it to local, or to json-file and bound it"
_LOWER = "of at most 100: lower them, or raise largest_mib"


def _options(size: Any, count: Any) -> dict[str, Any]:
    return {"max-size": size, "max-file": count}


def _worker(log: Any) -> Stack:
    return Stack().add("worker", service(2, 10**9, 2**28) | {"taskSpec": {"logDriver": log}}, SERVICE)


def test_passes_the_reference_stack_and_services() -> None:
    assert messages(RULE, reference_stack().add("worker", service(2, 10**9, 2**28), SERVICE)) == []


@pytest.mark.parametrize(
    ("size", "count"),
    [
        ("100m", "1"), ("10m", "10"), ("10M", "10"), ("10MB", "10"), ("10MiB", "10"), ("10 mb", "10"),
        ("104857600", "1"), ("104857600b", "1"), ("102400k", "1"), ("0.0976g", "1"), ("0.00009t", "1"),
        ("0.00000009p", "1"), ("12.5m", "8"), ("1m", "0003"), (Secret("10m"), Secret("3")),
    ],
)  # fmt: skip
@pytest.mark.parametrize("driver", ["json-file", None, LEFT_OUT, "", "local", Secret("json-file")])
def test_passes_a_rotated_log(size: Any, count: Any, driver: Any) -> None:
    stack = small_stack().change("redis", logDriver=driver, logOpts=_options(size, count))

    assert messages(RULE, stack) == []


@pytest.mark.parametrize(
    "driver",
    [
        "local", "none", "journald", "syslog", "fluentd", "gelf", "awslogs", "splunk", "gcplogs", "logentries",
        "etwlogs", "loki", "loki:latest", "grafana/loki-docker-driver:3.1.0", "reg.example:5000/x/loki",
    ],
)  # fmt: skip
@pytest.mark.parametrize("options", [None, LEFT_OUT, {}, {"labels": "x"}])
def test_passes_drivers_that_rotate_or_send(driver: str, options: Any) -> None:
    assert messages(RULE, small_stack().change("redis", logDriver=driver, logOpts=options)) == []


@pytest.mark.parametrize(
    ("driver", "options"),
    [
        ("local", {"max-size": "20m"}),
        ("local", {"max-file": "5"}),
        ("syslog", {"cache-max-size": "20m"}),
        ("syslog", {"cache-max-file": "5"}),
        ("syslog", {"cache-max-file": "50", "cache-max-size": "2m"}),
        ("syslog", {"max-size": "1t", "max-file": "9"}),
        ("none", {"max-size": "whatever"}),
    ],
)
def test_passes_copies_and_local_logs_within_the_bound(driver: str, options: dict[str, Any]) -> None:
    assert messages(RULE, small_stack().change("redis", logDriver=driver, logOpts=options)) == []


@pytest.mark.parametrize("driver", ["json-file", None, LEFT_OUT, ""])
@pytest.mark.parametrize(
    "options", [None, LEFT_OUT, {}, {"max_size": "10m"}, {"Max-Size": "10m"}, _options("", None)]
)
def test_refuses_a_log_that_is_never_rotated(driver: Any, options: Any) -> None:
    stack = small_stack().change("redis", logDriver=driver, logOpts=options)

    found = violations(RULE, stack)

    assert [one.message for one in found] == [f"redis {_NO_SIZE}", f"redis {_NO_COUNT}"]
    assert {one.urn for one in found} == {stack.urn("redis")}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"max-file": "3"}, _NO_SIZE),
        ({"max-size": "10m"}, _NO_COUNT),
        (_options("101m", "1"), f"keeps 101 MiB of log (max-size x max-file) {_LOWER}"),
        (_options("50m", "3"), f"keeps 150 MiB of log (max-size x max-file) {_LOWER}"),
        (_options("104857601", "1"), f"keeps 100.01 MiB of log (max-size x max-file) {_LOWER}"),
        (_options("1g", "1"), f"keeps 1024 MiB of log (max-size x max-file) {_LOWER}"),
        (_options("102401K", "1"), f"keeps 100.01 MiB of log (max-size x max-file) {_LOWER}"),
        (_options("0.0002tib", "1"), f"keeps 209.72 MiB of log (max-size x max-file) {_LOWER}"),
        (_options("1P", "1"), f"keeps 1073741824 MiB of log (max-size x max-file) {_LOWER}"),
        (_options("1m", "999999999"), f"keeps 999999999 MiB of log (max-size x max-file) {_LOWER}"),
        (_options(Secret("1g"), "1"), f"keeps (secret) MiB of log (max-size x max-file) {_LOWER}"),
        (_options("1g", Secret("1")), f"keeps (secret) MiB of log (max-size x max-file) {_LOWER}"),
        (Secret(_options("1g", "1")), f"keeps (secret) MiB of log (max-size x max-file) {_LOWER}"),
        (_options("-1", "3"), 'has a logOpts max-size that is no size: write it as in "10m"'),
        (_options("unlimited", "3"), 'has a logOpts max-size that is no size: write it as in "10m"'),
        (_options("10mm", "3"), 'has a logOpts max-size that is no size: write it as in "10m"'),
        (_options("1e9", "3"), 'has a logOpts max-size that is no size: write it as in "10m"'),
        (_options("1.m", "3"), 'has a logOpts max-size that is no size: write it as in "10m"'),
        (_options("10m", "0"), 'has a logOpts max-file that is no number of files: write it as in "3"'),
        (_options("10m", "-1"), 'has a logOpts max-file that is no number of files: write it as in "3"'),
        (_options("10m", "3.5"), 'has a logOpts max-file that is no number of files: write it as in "3"'),
        (_options("10m", "1" * 10), 'has a logOpts max-file that is no number of files: write it as in "3"'),
        (_options("10m", 3), "has a logOpts max-file that is 3, not a text: give a text"),
        (_options(["10m"], "3"), "has a logOpts max-size that is a list, not a text: give a text"),
        (_options(Secret("ten"), "3"), f"has a logOpts max-size that {HIDDEN}"),
        (Secret(_options("ten", "3")), f"has a logOpts max-size that {HIDDEN}"),
        ("max-size=10m", "has a logOpts that is the text 'max-size=10m', not a group of properties:"
         " give a group of properties"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("start", [True, False])
def test_refuses_a_log_that_is_hardly_bounded_even_of_a_stopped_container(
    options: Any, message: str, start: bool
) -> None:
    stack = small_stack().change("redis", logOpts=options, start=start, mustRun=start, restart="no")

    assert messages(RULE, stack) == [f"redis {message}"]


@pytest.mark.parametrize(
    ("driver", "options", "message"),
    [
        ("local", {"max-size": "21m"}, f"keeps 105 MiB of log (max-size x max-file) {_LOWER}"),
        ("local", {"max-file": "6"}, f"keeps 120 MiB of log (max-size x max-file) {_LOWER}"),
        ("local", {"max-file": UNKNOWN}, f"has a logOpts max-file that {LATER}"),
        ("syslog", {"cache-max-size": "1g"}, f"keeps 5120 MiB of log (cache-max-size x cache-max-file) {_LOWER}"),
        ("loki", {"cache-max-file": "6"}, f"keeps 120 MiB of log (cache-max-size x cache-max-file) {_LOWER}"),
        ("gelf", {"cache-max-size": "ten"}, 'has a logOpts cache-max-size that is no size: write it as in "10m"'),
        ("JSON-FILE", {}, f"has a logDriver {_NOT_KNOWN}"),
        ("json-file:latest", {}, f"has a logDriver {_NOT_KNOWN}"),
        ("Local", {}, f"has a logDriver {_NOT_KNOWN}"),
        ("not-loki", {}, f"has a logDriver {_NOT_KNOWN}"),
        ("x/loki/y", {}, f"has a logDriver {_NOT_KNOWN}"),
        ("loki-files", {}, f"has a logDriver {_NOT_KNOWN}"),
        (5, {}, "has a logDriver that is 5, not a text: give a text"),
    ],
)
def test_refuses_other_drivers_that_keep_too_much(driver: Any, options: Any, message: str) -> None:
    assert messages(RULE, small_stack().change("redis", logDriver=driver, logOpts=options)) == [f"redis {message}"]


@pytest.mark.parametrize("task", [None, LEFT_OUT, {}, {"logDriver": None}, {"logDriver": {"name": "json-file"}}])
def test_refuses_a_service_without_rotation(task: Any) -> None:
    stack = Stack().add("worker", service(2, 10**9, 2**28), SERVICE).change("worker", taskSpec=task)

    found = violations(RULE, stack)

    assert [one.message for one in found] == [
        'worker has no logDriver.options max-size, so its log is never rotated: set it, as in "10m"',
        'worker has no logDriver.options max-file, so its log is never rotated: set it, as in "3"',
    ]
    assert {one.urn for one in found} == {stack.urn("worker", SERVICE)}


def test_refuses_a_services_log_that_is_hardly_bounded() -> None:
    assert messages(RULE, _worker({"name": "json-file", "options": _options("1g", "1")})) == [
        f"worker keeps 1024 MiB of log (max-size x max-file) {_LOWER}"
    ]
    assert messages(RULE, _worker({"name": "files"})) == [f"worker has a logDriver.name {_NOT_KNOWN}"]


def test_obeys_largest_mib() -> None:
    stack = (
        small_stack().change("redis", logOpts=_options("100m", "2")).change("agent", logOpts=_options("201m", "1"))
    )
    stack.change("aider", logDriver="local", logOpts=LEFT_OUT)

    assert messages(RULE, stack, largest_mib=200) == [
        "agent keeps 201 MiB of log (max-size x max-file) of at most 200: lower them, or raise largest_mib"
    ]
    assert messages(RULE, small_stack().change("redis", logDriver="local", logOpts=None), largest_mib=99) == [
        "redis keeps 100 MiB of log (max-size x max-file) of at most 99: lower them, or raise largest_mib"
    ]


def test_obeys_exceptions_for_one_container_and_one_service() -> None:
    stack = _worker(None).add("redis", {"logOpts": {"max-size": "10m"}}).add("agent", {})
    exceptions = [
        {"service": name, "reason": "its log is looked after by hand", "expires": "2027-01-31"}
        for name in ("agent", "worker")
    ]

    assert messages(RULE, stack, exceptions=exceptions) == [f"redis {_NO_COUNT}"]


@pytest.mark.parametrize("unknown", [UNKNOWN, Secret(UNKNOWN)])
@pytest.mark.parametrize("key", ["logDriver", "logOpts"])
def test_unknown_is_a_violation_and_hides_nothing_else(key: str, unknown: Any) -> None:
    stack = small_stack().change("agent", **{key: unknown}).change("redis", logOpts={"max-file": "3"})

    assert messages(RULE, stack) == [f"agent has a {key} that {LATER}", f"redis {_NO_SIZE}"]


def test_unknown_options_are_violations() -> None:
    assert messages(RULE, small_stack().change("redis", logOpts=_options(UNKNOWN, UNKNOWN))) == [
        f"redis has a logOpts max-size that {LATER}",
        f"redis has a logOpts max-file that {LATER}",
    ]
    assert messages(RULE, small_stack().change("redis", logDriver=UNKNOWN, logOpts=UNKNOWN)) == [
        f"redis has a logDriver that {LATER}",
        f"redis has a logOpts that {LATER}",
    ]


@pytest.mark.parametrize("task", [UNKNOWN, {"logDriver": UNKNOWN}])
def test_unknown_parts_of_a_service_are_violations(task: Any) -> None:
    stack = Stack().add("worker", service(2, 10**9, 2**28) | {"taskSpec": task}, SERVICE)

    assert messages(RULE, stack) == [
        f"worker has a logDriver.name that {LATER}",
        f"worker has a logDriver.options that {LATER}",
    ]
