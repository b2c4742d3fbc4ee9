"""What runs has a read-only root file system."""

from __future__ import annotations

import pytest
from sutazai_policy.rules.read_only_root import RULE

from tests.policy.stacks import LEFT_OUT, SERVICE, STOPPED, UNKNOWN, Secret, messages, small_stack, violations
from tests.policy.swarm import swarm_stack
from tests.policy.unreadable import HIDDEN, LATER

_WRITES = (
    " may write all over its root file system: set readOnly to true, and give it a tmpfs"
    " or a volume where it has to write"
)


@pytest.mark.parametrize("given", [True, Secret(value=True)])
def test_passes_a_read_only_root(given: object) -> None:
    assert messages(RULE, small_stack().change("redis", readOnly=given)) == []
    assert messages(RULE, swarm_stack(readOnly=given)) == []


@pytest.mark.parametrize("given", [False, None, LEFT_OUT, UNKNOWN])
def test_passes_what_never_runs(given: object) -> None:
    service = swarm_stack(readOnly=given).change("worker", mode={"replicated": {"replicas": 0}})

    assert messages(RULE, small_stack().change("redis", readOnly=given, **STOPPED)) == []
    assert messages(RULE, service) == []


@pytest.mark.parametrize("given", [False, None, LEFT_OUT, Secret(value=False)])
def test_refuses_a_writable_root(given: object) -> None:
    stack = small_stack().change("redis", readOnly=given)

    (found,) = violations(RULE, stack)

    assert (found.message, found.urn) == (f"redis{_WRITES}", stack.urn("redis"))


@pytest.mark.parametrize("given", [False, None, LEFT_OUT])
def test_refuses_a_service_with_a_writable_root(given: object) -> None:
    stack = swarm_stack(readOnly=given)

    (found,) = violations(RULE, stack)

    assert (found.message, found.urn) == (f"worker{_WRITES}", stack.urn("worker", SERVICE))


def test_refuses_what_may_yet_be_started() -> None:
    stack = small_stack().change("redis", readOnly=False, start=False, restart="no")

    assert messages(RULE, stack) == [f"redis{_WRITES}"]


def test_obeys_an_exception_for_one_service_and_no_other() -> None:
    stack = small_stack().change("redis", readOnly=False).change("agent", readOnly=False)
    exception = {"service": "agent", "reason": "unpacks its plugins there", "expires": "2027-01-31"}

    assert messages(RULE, stack, exceptions=[exception]) == [f"redis{_WRITES}"]


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        (UNKNOWN, LATER),
        ("true", "is the text 'true', not true or false: give true or false"),
        (1, "is 1, not true or false: give true or false"),
        ([True], "is a list, not true or false: give true or false"),
        (Secret("yes"), HIDDEN),
    ],
)
def test_unknown_or_odd_flags_are_violations(given: object, problem: str) -> None:
    assert messages(RULE, small_stack().change("redis", readOnly=given)) == [
        f"redis has a readOnly that {problem}"
    ]
    assert messages(RULE, swarm_stack(readOnly=given)) == [f"worker has a readOnly that {problem}"]


def test_unknown_parts_of_a_service_are_violations() -> None:
    assert messages(RULE, swarm_stack({"containerSpec": UNKNOWN})) == [f"worker has a readOnly that {LATER}"]


def test_refuses_who_comes_after_one_that_never_runs() -> None:
    stack = small_stack().change("agent", readOnly=False, **STOPPED).change("redis", readOnly=False)

    assert messages(RULE, stack) == [f"redis{_WRITES}"]
