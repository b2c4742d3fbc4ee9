"""What the provider never applies to a container replaces it, by a label that changes with it."""

from __future__ import annotations

from typing import Any

import pytest
from sutazai_policy.digest import unapplied_digest
from sutazai_policy.rules.applied_on_change import RULE

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
from tests.policy.unreadable import LATER

_LABEL = "sutazai.replaces-on"
_NEVER = "so a change of it would never be applied: set the label to"
_HEALTH = {"tests": ["CMD", "probe"]}


def _labelled(*values: Any, **properties: Any) -> Stack:
    labels = [{"label": "x", "value": "y"}, *({"label": _LABEL, "value": value} for value in values)]
    return Stack().add("redis", {"labels": labels, **properties})


def _digest(**properties: Any) -> str:
    digest = unapplied_digest(properties)
    assert digest is not None
    return digest


def test_passes_the_reference_stack_and_services() -> None:
    assert messages(RULE, reference_stack().add("worker", service(2, 10**9, 2**28), SERVICE)) == []


@pytest.mark.parametrize("more", ["", "-", "-0123456789ab"])
@pytest.mark.parametrize(
    "properties",
    [
        {"healthcheck": _HEALTH},
        {"healthcheck": Secret(_HEALTH)},
        {"tmpfs": {"/tmp": "size=16m"}},  # noqa: S108
        {"init": True},
        {"cpuQuota": 50000, "cpuPeriod": 100000.0},
        {"healthcheck": "odd"},
    ],
)
def test_passes_a_label_that_begins_with_the_digest(properties: dict[str, Any], more: str) -> None:
    assert messages(RULE, _labelled(_digest(**properties) + more, **properties)) == []
    assert messages(RULE, _labelled(Secret(_digest(**properties)), **properties)) == []


@pytest.mark.parametrize(
    "properties",
    [
        {},
        {"healthcheck": None, "tmpfs": {}, "init": False, "cpuQuota": 0, "cpuPeriod": LEFT_OUT},
        {"healthcheck": {"tests": [], "interval": "0s"}},
        {"healthcheck": LEFT_OUT, "memory": UNKNOWN},
    ],
)
@pytest.mark.parametrize("labels", [[], None, UNKNOWN, [{"label": _LABEL, "value": "anything"}]])
def test_passes_a_container_that_sets_none_of_them(properties: dict[str, Any], labels: Any) -> None:
    stack = Stack().add("redis", {}).change("redis", labels=labels, **properties)

    assert messages(RULE, stack) == []


def test_a_tmpfs_without_options_is_one_too() -> None:
    digests = {_digest(tmpfs=one) for one in ({"/run": ""}, {"/tmp": ""}, {"/run": "rw"}, {"/run": "", "/a": ""})}  # noqa: S108

    assert len(digests) == 4
    assert _digest(tmpfs=Secret({"/run": Secret("")})) == _digest(tmpfs={"/run": ""})


def test_engine_numbers_and_defaults_do_not_change_the_digest() -> None:
    written = {"healthcheck": {"tests": ["CMD", "probe"], "retries": 3}}
    sent = {"healthcheck": {"tests": ["CMD", "probe"], "retries": 3.0, "startInterval": "0s"}}

    assert messages(RULE, _labelled(_digest(**written), **sent)) == []


@pytest.mark.parametrize(
    ("properties", "names"),
    [
        ({"healthcheck": _HEALTH}, "healthcheck"),
        ({"tmpfs": {"/run": ""}, "cpuPeriod": 0, "init": False}, "tmpfs"),
        ({"init": True, "tmpfs": {"/tmp": "size=16m"}}, "init, tmpfs"),  # noqa: S108
        (
            {"tmpfs": {"/x": "rw"}, "init": True, "cpuQuota": 5, "cpuPeriod": 9, "healthcheck": _HEALTH},
            "cpuPeriod, cpuQuota, healthcheck, init, tmpfs",
        ),
    ],
)
@pytest.mark.parametrize("start", [True, False])
def test_refuses_a_container_without_the_label_even_a_stopped_one(
    properties: dict[str, Any], names: str, start: bool
) -> None:
    stack = _labelled(start=start, mustRun=start, restart="no", **properties)

    (found,) = violations(RULE, stack)

    assert found.message == (f"redis sets {names} and has no label {_LABEL}, {_NEVER} {_digest(**properties)}")
    assert found.urn == stack.urn("redis")


@pytest.mark.parametrize("labels", [None, LEFT_OUT, [], [{"label": _LABEL, "value": ""}], [{"label": _LABEL}]])
def test_refuses_a_container_without_any_labels(labels: Any) -> None:
    stack = Stack().add("redis", {"healthcheck": _HEALTH}).change("redis", labels=labels)

    assert messages(RULE, stack) == [
        f"redis sets healthcheck and has no label {_LABEL}, {_NEVER} {_digest(healthcheck=_HEALTH)}"
    ]


@pytest.mark.parametrize(
    "values",
    [
        ["0123456789ab"],
        ["x" + _digest(healthcheck=_HEALTH)],
        [_digest(healthcheck=_HEALTH)[:-1]],
        [_digest(healthcheck=_HEALTH).upper()],
        [_digest(healthcheck={"tests": ["CMD", "probe", "-v"]})],
    ],
)
def test_refuses_a_label_of_other_values(values: list[Any]) -> None:
    assert messages(RULE, _labelled(*values, healthcheck=_HEALTH)) == [
        f"redis sets healthcheck and has a label {_LABEL} that is of other values, {_NEVER}"
        f" {_digest(healthcheck=_HEALTH)}"
    ]


_LIST = "is among labels of which the list"
_ONE = "is among labels of which one"
_RIGHT = _digest(healthcheck=_HEALTH)


@pytest.mark.parametrize(
    ("labels", "problem"),
    [
        ("a=b", f"{_LIST} is the text 'a=b', not a list: give a list"),
        (["a=b"], f"{_ONE} is no pair: give pairs of label and value"),
        ([{"label": 5, "value": "x"}], f"{_ONE} has a name that is 5, not a text: give a text"),
        ([{"label": _LABEL, "value": 5}], "is 5, not a text: give a text"),
        (UNKNOWN, f"{_LIST} {LATER}"),
        ([UNKNOWN], f"{_ONE} {LATER}"),
        ([{"label": UNKNOWN, "value": "x"}], f"{_ONE} has a name that {LATER}"),
        ([{"label": _LABEL, "value": UNKNOWN}], LATER),
        ([{"label": _LABEL, "value": _RIGHT}, UNKNOWN], f"{_ONE} {LATER}"),
        (
            [{"label": _LABEL, "value": _RIGHT}, {"label": _LABEL, "value": "x"}],
            f"is given twice ({_RIGHT} and x): give it once",
        ),
        (
            [{"label": _LABEL, "value": "x"}, {"label": _LABEL, "value": _RIGHT}],
            f"is given twice (x and {_RIGHT}): give it once",
        ),
    ],
)
def test_refuses_a_label_that_can_not_be_read(labels: Any, problem: str) -> None:
    stack = Stack().add("redis", {"healthcheck": _HEALTH}).change("redis", labels=labels)

    assert messages(RULE, stack) == [f"redis has a label {_LABEL} that {problem}; it has to be {_RIGHT}"]


def test_passes_another_labels_unknown_value() -> None:
    labels = [{"label": "x", "value": UNKNOWN}, {"label": _LABEL, "value": _digest(healthcheck=_HEALTH)}]

    assert messages(RULE, Stack().add("redis", {"healthcheck": _HEALTH, "labels": labels})) == []


def test_obeys_an_exception_for_one_container_and_no_other() -> None:
    stack = small_stack().relabel("redis", **{"replaces-on": LEFT_OUT}).relabel("agent", **{"replaces-on": "x"})
    exception = {"service": "agent", "reason": "is replaced at every update", "expires": "2027-01-31"}

    (found,) = messages(RULE, stack, exceptions=[exception])

    assert found.startswith("redis sets healthcheck and has no label ")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("healthcheck", UNKNOWN),
        ("healthcheck", Secret(UNKNOWN)),
        ("healthcheck", {"tests": ["CMD", UNKNOWN]}),
        ("healthcheck", {"tests": Secret(("CMD", UNKNOWN))}),
        ("tmpfs", {"/x": UNKNOWN}),
        ("init", UNKNOWN),
        ("cpuQuota", UNKNOWN),
        ("cpuPeriod", UNKNOWN),
    ],
)
def test_unknown_is_a_violation_and_hides_nothing_else(key: str, value: Any) -> None:
    stack = _labelled("0123456789ab", **{key: value}).add("aider", {"init": True, "labels": []})

    assert messages(RULE, stack) == [
        f"aider sets init and has no label {_LABEL}, {_NEVER} {_digest(init=True)}",
        f"redis sets {key} to what is unknown until the update runs, so {_LABEL} can't be told:"
        " give plain values, not another resource's output",
    ]


def test_unknown_values_are_named_together() -> None:
    (found,) = messages(RULE, _labelled(init=UNKNOWN, tmpfs={"/x": UNKNOWN}))

    assert found.startswith("redis sets init, tmpfs to what is unknown until the update runs, so ")
