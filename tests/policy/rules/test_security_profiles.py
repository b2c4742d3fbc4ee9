"""No profile is turned off or replaced, in any of the ways that Docker reads."""

from __future__ import annotations

from typing import Any

import pytest
from sutazai_policy.rules.security_profiles import RULE

from tests.policy.stacks import LEFT_OUT, SERVICE, UNKNOWN, Secret, Stack, messages, small_stack, violations
from tests.policy.swarm import swarm_stack
from tests.policy.unreadable import HIDDEN, LATER

_NNP = "no-new-privileges:true"


def _with(*options: object) -> Stack:
    return small_stack().change("redis", securityOpts=[_NNP, *options])


def _off(what: str, told: str) -> str:
    return f"redis turns off {what} ({told}): remove that from its securityOpts"


def _own(told: str) -> str:
    return f"redis has a profile of its own ({told}): remove that from its securityOpts, or name it in allowed"


def _context(**values: Any) -> Stack:
    return swarm_stack(privileges={"seLinuxContext": values})


@pytest.mark.parametrize("given", [LEFT_OUT, None, [], ["no-new-privileges=false"], [None], [""]])
def test_passes_a_container_without_such_options(given: object) -> None:
    assert messages(RULE, small_stack().change("redis", securityOpts=given)) == []


@pytest.mark.parametrize(
    "option",
    ["seccomp=builtin", "apparmor=docker-default", "apparmor:docker-default", "AppArmor = docker-default"]
    + [f"writable-cgroups={no}" for no in ("0", "f", "false", "FALSE", " false")],
)
def test_passes_what_says_no_more_than_the_default(option: str) -> None:
    assert messages(RULE, _with(option)) == []


@pytest.mark.parametrize("given", [LEFT_OUT, None, {}, {"seLinuxContext": None}, {"seLinuxContext": {}}])
def test_passes_a_service_with_the_default_context(given: object) -> None:
    assert messages(RULE, swarm_stack(privileges=given)) == []
    assert messages(RULE, _context(disable=False, user="", role=None)) == []


@pytest.mark.parametrize(
    ("option", "what"),
    [
        ("seccomp=unconfined", "seccomp"),
        ("seccomp:unconfined", "seccomp"),
        ("Seccomp=Unconfined", "seccomp"),
        ("apparmor=unconfined", "AppArmor"),
        ("apparmor:unconfined", "AppArmor"),
        ("label=disable", "SELinux"),
        ("label:disable", "SELinux"),
        ("disable", "SELinux"),
        ("systempaths=unconfined", "the masks of /proc and /sys"),
        ("systempaths:unconfined", "the masks of /proc and /sys"),
    ],
)
def test_refuses_an_option_that_turns_a_profile_off(option: str, what: str) -> None:
    stack = _with(option)

    (found,) = violations(RULE, stack, allowed=[option])

    assert (found.message, found.urn) == (_off(what, option), stack.urn("redis"))


def test_refuses_it_beside_spaces_defaults_and_in_secrets() -> None:
    assert messages(RULE, _with("seccomp=builtin", " seccomp = unconfined")) == [
        _off("seccomp", "' seccomp = unconfined'")
    ]
    assert messages(RULE, _with(Secret("seccomp=unconfined"))) == [_off("seccomp", "a secret")]
    assert messages(RULE, small_stack().change("redis", securityOpts=Secret(["label=disable"]))) == [
        _off("SELinux", "a secret")
    ]


@pytest.mark.parametrize("option", ["writable-cgroups", "writable-cgroups=true", "writable-cgroups:1"])
def test_refuses_writable_cgroups(option: str) -> None:
    assert messages(RULE, _with(option), allowed=[option]) == [
        f"redis may write its cgroups, and so its limits ({option}): remove that from its securityOpts"
    ]


@pytest.mark.parametrize(
    ("option", "told"),
    [
        ("apparmor=shop", "apparmor=shop"),
        ("apparmor:Docker-Default", "apparmor:Docker-Default"),
        ("apparmor=", "apparmor="),
        ("seccomp=/etc/shop.json", "seccomp=/etc/shop.json"),
        ('seccomp={"defaultAction":"SCMP_ACT_ALLOW"}', '\'seccomp={"defaultAction":"SCMP_ACT_ALLOW"}\''),
        ("label=type:spc_t", "label=type:spc_t"),
        ("label:level:s0:c1", "label:level:s0:c1"),
        ("seccomp", "seccomp"),
    ],
)
def test_refuses_a_profile_of_ones_own(option: str, told: str) -> None:
    assert messages(RULE, _with(option)) == [_own(told)]


@pytest.mark.parametrize(
    "option", ["unconfined", "systempaths=none", "credentialspec=file://x", "seccomp-=unconfined"]
)
def test_refuses_an_option_that_docker_does_not_know(option: str) -> None:
    assert messages(RULE, _with(option), allowed=[option]) == [
        f"redis has a security option that Docker doesn't know ({option}): remove it from its securityOpts"
    ]


def test_refuses_a_service_that_turns_selinux_off() -> None:
    stack = _context(disable=True)

    (found,) = violations(RULE, stack)

    assert found.message == "worker turns off SELinux: remove disable from its seLinuxContext"
    assert found.urn == stack.urn("worker", SERVICE)


@pytest.mark.parametrize("key", ["user", "role", "type", "level"])
@pytest.mark.parametrize(("value", "told"), [("spc_t", "spc_t"), (Secret("spc_t"), "a secret")])
def test_refuses_a_service_with_a_context_of_its_own(key: str, value: object, told: str) -> None:
    assert messages(RULE, _context(**{key: value}), allowed=["label=other:spc_t"]) == [
        f"worker has an SELinux {key} of its own ({told}): remove it from its seLinuxContext,"
        f" or name it in allowed, as label={key}:NAME"
    ]
    assert messages(RULE, _context(**{key: value}), allowed=[f"label={key}:spc_t"]) == []


def test_refuses_a_context_in_a_secret_without_telling_it() -> None:
    stack = swarm_stack(privileges=Secret({"seLinuxContext": {"disable": 5, "type": "spc_t"}}))

    assert messages(RULE, stack) == [
        "worker has a seLinuxContext.disable that is a secret that can't be read as what belongs here:"
        " give a plain value",
        "worker has an SELinux type of its own (a secret): remove it from its seLinuxContext,"
        " or name it in allowed, as label=type:NAME",
    ]


@pytest.mark.parametrize("allowed", ["apparmor=shop", "apparmor:shop", " apparmor = shop"])
@pytest.mark.parametrize("option", ["apparmor=shop", "apparmor:shop", "AppArmor=shop"])
def test_obeys_what_is_allowed_however_it_is_spelt(option: str, allowed: str) -> None:
    assert messages(RULE, _with(option), allowed=[allowed]) == []
    assert messages(RULE, _with(option, "apparmor=other"), allowed=[allowed]) == [_own("apparmor=other")]
    assert messages(RULE, _with("apparmor=docker-default"), allowed=[allowed]) == []


def test_obeys_an_exception_for_one_service_and_no_other() -> None:
    stack = _with("label=disable").change("agent", securityOpts=["disable"])
    exception = {"service": "agent", "reason": "reads the host's logs", "expires": "2027-01-31"}

    assert messages(RULE, stack, exceptions=[exception]) == [_off("SELinux", "label=disable")]


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        (UNKNOWN, LATER),
        ([_NNP, UNKNOWN], LATER),
        ("seccomp=unconfined", "is the text 'seccomp=unconfined', not a list: give a list"),
        ([5], "is 5, not a text: give a text"),
        (Secret([5]), HIDDEN),
    ],
)
def test_unknown_or_odd_options_are_violations(given: object, problem: str) -> None:
    assert messages(RULE, small_stack().change("redis", securityOpts=given)) == [
        f"redis has a securityOpts that {problem}"
    ]


def test_unknown_options_hide_no_other() -> None:
    assert messages(RULE, _with(UNKNOWN, "disable")) == [
        f"redis has a securityOpts that {LATER}",
        _off("SELinux", "disable"),
    ]


@pytest.mark.parametrize(
    "task",
    [
        {"containerSpec": UNKNOWN},
        {"containerSpec": {"privileges": UNKNOWN}},
        {"containerSpec": {"privileges": {"seLinuxContext": UNKNOWN}}},
    ],
)
def test_unknown_parts_of_a_service_are_violations(task: dict[str, Any]) -> None:
    assert messages(RULE, swarm_stack(task)) == [f"worker has a seLinuxContext that {LATER}"]


@pytest.mark.parametrize("key", ["disable", "user", "role", "type", "level"])
def test_unknown_labels_of_a_service_are_violations(key: str) -> None:
    assert messages(RULE, _context(**{key: UNKNOWN})) == [f"worker has a seLinuxContext.{key} that {LATER}"]
