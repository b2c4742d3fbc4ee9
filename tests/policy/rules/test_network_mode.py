"""Who joins networks does so in the mode bridge, or its names there are lost."""

from __future__ import annotations

from typing import Any

import pytest
from sutazai_policy.rules.network_mode import RULE

from tests.policy.stacks import (
    LEFT_OUT,
    SERVICE,
    UNKNOWN,
    Secret,
    messages,
    reference_stack,
    service,
    small_stack,
    violations,
)
from tests.policy.unreadable import LATER

_LOST = "which loses its names there: set networkMode to bridge"
_REFUSED = f"redis joins networks (networksAdvanced) with no networkMode, {_LOST}"


def test_passes_the_reference_stack_and_services() -> None:
    assert messages(RULE, reference_stack().add("worker", service(2, 10**9, 2**28), SERVICE)) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"networkMode": "bridge"},
        {"networkMode": Secret("bridge"), "networksAdvanced": Secret([{"name": "back"}])},
        {"networkMode": "none", "networksAdvanced": []},
        {"networkMode": "back", "networksAdvanced": None},
        {"networkMode": None, "networksAdvanced": LEFT_OUT},
        {"networkMode": "host", "networksAdvanced": Secret([])},
    ],
)
def test_passes_bridge_and_who_joins_nothing(changes: dict[str, Any]) -> None:
    assert messages(RULE, small_stack().change("redis", **changes)) == []


@pytest.mark.parametrize("nothing", [None, LEFT_OUT, ""])
@pytest.mark.parametrize("start", [True, False])
def test_refuses_networks_without_a_mode_even_of_a_stopped_container(nothing: Any, start: bool) -> None:
    stack = small_stack().change("redis", networkMode=nothing, start=start, mustRun=start, restart="no")

    (found,) = violations(RULE, stack)

    assert found.message == _REFUSED
    assert found.urn == stack.urn("redis")


@pytest.mark.parametrize("mode", ["default", "Bridge", "bridge ", "host", "none", "shop-back", "container:agent"])
@pytest.mark.parametrize("joined", [[{"name": "back"}], Secret([{"name": "back"}]), [UNKNOWN], ["back"]])
def test_refuses_networks_in_another_mode(mode: str, joined: Any) -> None:
    assert messages(RULE, small_stack().change("redis", networkMode=mode, networksAdvanced=joined)) == [
        f"redis joins networks (networksAdvanced) with networkMode {mode}, {_LOST}"
    ]


def test_refuses_a_secret_mode_without_telling_it() -> None:
    assert messages(RULE, small_stack().change("redis", networkMode=Secret("host"))) == [
        f"redis joins networks (networksAdvanced) with networkMode (secret), {_LOST}"
    ]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"networkMode": 5}, "has a networkMode that is 5, not a text: give a text"),
        (
            {"networkMode": ["bridge"], "networksAdvanced": []},
            "has a networkMode that is a list, not a text: give a text",
        ),
        ({"networksAdvanced": "back"}, "has a networksAdvanced that is the text 'back', not a list: give a list"),
        (
            {"networksAdvanced": {"name": "back"}},
            "has a networksAdvanced that is a group of properties, not a list: give a list",
        ),
    ],
)
def test_refuses_what_can_not_be_read(changes: dict[str, Any], message: str) -> None:
    assert messages(RULE, small_stack().change("redis", **changes)) == [f"redis {message}"]


def test_obeys_an_exception_for_one_container_and_no_other() -> None:
    stack = small_stack().change("redis", networkMode=None).change("agent", networkMode="default")
    exception = {"service": "agent", "reason": "nobody looks for it by name", "expires": "2027-01-31"}

    assert messages(RULE, stack, exceptions=[exception]) == [_REFUSED]


@pytest.mark.parametrize("unknown", [UNKNOWN, Secret(UNKNOWN)])
@pytest.mark.parametrize("key", ["networkMode", "networksAdvanced"])
def test_unknown_is_a_violation_and_hides_nothing_else(key: str, unknown: Any) -> None:
    stack = small_stack().change("agent", **{key: unknown}).change("redis", networkMode=None)

    assert messages(RULE, stack) == [f"agent has a {key} that {LATER}", _REFUSED]


def test_unknown_networks_in_an_unknown_mode_are_both_named() -> None:
    assert messages(RULE, small_stack().change("redis", networkMode=UNKNOWN, networksAdvanced=UNKNOWN)) == [
        f"redis has a networkMode that {LATER}",
        f"redis has a networksAdvanced that {LATER}",
    ]
