"""No container is privileged; every rule's test file has the same four kinds of cases."""

from __future__ import annotations

import pytest
from sutazai_policy.rules.privileged import RULE

from tests.policy.stacks import LEFT_OUT, UNKNOWN, messages, small_stack, violations

_REFUSED = (
    "redis is privileged, so it may do to the host what root may: remove privileged,"
    " and add the one capability or device that it needs"
)


@pytest.mark.parametrize("given", [False, None, LEFT_OUT])
def test_passes_a_container_that_is_not_privileged(given: object) -> None:
    assert messages(RULE, small_stack().change("redis", privileged=given)) == []


def test_refuses_a_privileged_container() -> None:
    stack = small_stack().change("redis", privileged=True)

    (found,) = violations(RULE, stack)

    assert found.message == _REFUSED
    assert found.urn == stack.urn("redis")


def test_obeys_an_exception_for_one_service_and_no_other() -> None:
    stack = small_stack().change("redis", privileged=True).change("agent", privileged=True)
    exception = {"service": "agent", "reason": "measures the host's disks", "expires": "2027-01-31"}

    assert messages(RULE, stack, exceptions=[exception]) == [_REFUSED]


def test_unknown_is_a_violation() -> None:
    assert messages(RULE, small_stack().change("redis", privileged=UNKNOWN)) == [
        "redis has a privileged that is unknown until the update runs:"
        " give a plain value, not another resource's output"
    ]


def test_refuses_a_text_instead_of_a_flag() -> None:
    (found,) = messages(RULE, small_stack().change("redis", privileged="true"))

    assert found == "redis has a privileged that is the text 'true', not true or false: give true or false"
