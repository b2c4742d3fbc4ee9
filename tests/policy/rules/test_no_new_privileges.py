"""Every container has no-new-privileges, in one of the three ways that Docker documents, and in no other."""

from __future__ import annotations

import pytest
from sutazai_policy.rules.no_new_privileges import RULE

from tests.policy.stacks import LEFT_OUT, UNKNOWN, Secret, messages, small_stack, violations
from tests.policy.swarm import swarm_stack
from tests.policy.unreadable import HIDDEN, LATER

_LACKS = "redis may gain root's privileges from a setuid program: add no-new-privileges:true to its securityOpts"


def _wrong(shown: str) -> str:
    return f"redis has {shown} among its securityOpts: write no-new-privileges:true, and nothing else of it"


@pytest.mark.parametrize(
    "given",
    [
        ["no-new-privileges"],
        ["no-new-privileges:true"],
        ["no-new-privileges=true"],
        ["apparmor=shop", "no-new-privileges:true"],
        ["no-new-privileges:true", "no-new-privileges=true"],
        Secret(["no-new-privileges:true"]),
        [Secret("no-new-privileges:true")],
    ],
)
def test_passes_the_spellings_that_docker_documents(given: object) -> None:
    assert messages(RULE, small_stack().change("redis", securityOpts=given)) == []


def test_passes_a_service_which_the_provider_can_not_tell() -> None:
    assert messages(RULE, swarm_stack()) == []


@pytest.mark.parametrize(
    "given",
    [
        LEFT_OUT,
        None,
        [],
        [None],
        [""],
        ["seccomp=builtin"],
        ["label=no-new-privileges:true"],
        ["no_new_privileges"],
    ],
)
def test_refuses_a_container_without_it(given: object) -> None:
    stack = small_stack().change("redis", securityOpts=given)

    (found,) = violations(RULE, stack)

    assert (found.message, found.urn) == (_LACKS, stack.urn("redis"))


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        (["no-new-privileges:false"], "no-new-privileges:false"),
        (["no-new-privileges=0"], "no-new-privileges=0"),
        (["no-new-privileges:"], "no-new-privileges:"),
        (["no-new-privileges:True"], "no-new-privileges:True"),
        (["no-new-privileges:true:false"], "no-new-privileges:true:false"),
        (["No-New-Privileges"], "No-New-Privileges"),
        ([" no-new-privileges =true"], "' no-new-privileges =true'"),
        (["no-new-privileges:true", "no-new-privileges:false"], "no-new-privileges:false"),
        (["no-new-privileges:false", "no-new-privileges=no"], "no-new-privileges:false, no-new-privileges=no"),
        ([Secret("no-new-privileges:false")], "a secret"),
        (Secret(["no-new-privileges:false"]), "a secret"),
    ],
)
def test_refuses_any_other_spelling_even_beside_a_right_one(given: object, shown: str) -> None:
    assert messages(RULE, small_stack().change("redis", securityOpts=given)) == [_wrong(shown)]


def test_obeys_an_exception_for_one_service_and_no_other() -> None:
    stack = small_stack().change("redis", securityOpts=[]).change("agent", securityOpts=[])
    exception = {"service": "agent", "reason": "starts its jobs by sudo", "expires": "2027-01-31"}

    assert messages(RULE, stack, exceptions=[exception]) == [_LACKS]


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (UNKNOWN, [LATER]),
        ([UNKNOWN], [LATER]),
        (["no-new-privileges", UNKNOWN], [LATER]),
        (Secret(UNKNOWN), [LATER]),
        ("no-new-privileges", ["is the text 'no-new-privileges', not a list: give a list"]),
        ([["no-new-privileges"]], ["is a list, not a text: give a text"]),
        (
            ["no-new-privileges", Secret({"a": 1})],
            [HIDDEN],
        ),
    ],
)
def test_unknown_or_odd_options_are_violations(given: object, found: list[str]) -> None:
    assert messages(RULE, small_stack().change("redis", securityOpts=given)) == [
        f"redis has a securityOpts that {one}" for one in found
    ]


def test_unknown_options_do_not_hide_a_wrong_one() -> None:
    stack = small_stack().change("redis", securityOpts=[UNKNOWN, "no-new-privileges:false"])

    assert messages(RULE, stack) == [f"redis has a securityOpts that {LATER}", _wrong("no-new-privileges:false")]
