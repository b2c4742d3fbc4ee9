"""A label doesn't lie about the cores that its container runs on."""

from __future__ import annotations

from typing import Any

import pytest
from sutazai_policy.rules.tier_cores import RULE

from tests.policy.stacks import (
    LEFT_OUT,
    SERVICE,
    STOPPED,
    UNKNOWN,
    Secret,
    Stack,
    labels,
    messages,
    reference_stack,
    service,
    small_stack,
    violations,
)
from tests.policy.unreadable import LATER


def _lie(name: str, tier: str, cores: str, own: str) -> str:
    return (
        f"{name} says that it is of tier {tier} and may run on {cores}, but that tier has {own}:"
        f" narrow its cpuSet, label it with the tier that it is of, or widen tiers.{tier}.core_set"
    )


def test_passes_the_reference_stack() -> None:
    assert messages(RULE, reference_stack()) == []


@pytest.mark.parametrize(("tier", "cores"), [("1", "2-9"), ("2", "8-11"), ("3", "8-11")])
def test_passes_all_the_cores_of_a_tier(tier: str, cores: str) -> None:
    assert messages(RULE, small_stack().relabel("redis", tier=tier).change("redis", cpuSet=cores)) == []


@pytest.mark.parametrize(
    ("tier", "cores", "astray", "own"),
    [
        ("3", "4-5", "cores 4-5", "8-11"),
        ("3", "7-8", "core 7", "8-11"),
        ("2", "7,11-12", "cores 7,12", "8-11"),
        ("1", "9-10", "core 10", "2-9"),
        ("1", "1-2", "core 1", "2-9"),
        ("1", None, "cores 0-1,10-11", "2-9"),
        ("1", "", "cores 0-1,10-11", "2-9"),
        ("1", LEFT_OUT, "cores 0-1,10-11", "2-9"),
        ("1", Secret("10"), "(secret)", "2-9"),
    ],
)
def test_refuses_cores_of_another_tier(tier: str, cores: Any, astray: str, own: str) -> None:
    stack = small_stack().relabel("redis", tier=tier).change("redis", cpuSet=cores)

    (found,) = violations(RULE, stack)

    assert found.message == _lie("redis", tier, astray, own)
    assert found.urn == stack.urn("redis")


def test_refuses_each_liar_and_a_stopped_one_too() -> None:
    stack = small_stack().relabel("redis", tier="3").change("agent", cpuSet="4", **STOPPED)

    assert messages(RULE, stack) == [
        _lie("agent", "2", "core 4", "8-11"),
        _lie("redis", "3", "cores 4-5", "8-11"),
    ]


def test_writes_no_secret() -> None:
    stack = small_stack().relabel("redis", tier=Secret("3"))

    assert messages(RULE, stack) == [_lie("redis", "(secret)", "cores 4-5", "8-11")]


@pytest.mark.parametrize("label", [[], None, labels(tier="7"), labels(tier="1 "), labels(pool="agents")], ids=str)
def test_passes_what_is_of_no_known_tier_since_other_rules_tell(label: Any) -> None:
    stack = small_stack().change("agent", cpuSet="4", labels=label).change("redis", cpuSet="10")

    assert messages(RULE, stack) == [_lie("redis", "1", "core 10", "2-9")]


def test_passes_a_service_since_swarm_has_no_core_sets() -> None:
    assert messages(RULE, Stack().add("worker", service(1, 10**9, 2**20), SERVICE)) == []


@pytest.mark.parametrize("host", [{"cores": 24}, {"cores": 12, "reserved_cores": 3}])
def test_passes_any_cores_on_a_host_whose_layout_is_not_known(host: dict[str, int]) -> None:
    stack = small_stack().relabel("redis", tier="3")

    assert messages(RULE, stack, host=host) == []


def test_obeys_the_cores_of_a_tier_on_any_host() -> None:
    stack = small_stack().relabel("aider", tier="batch")
    quotas = {"cpu": 1, "memory": 512, "cpu_limit": 2, "memory_limit": 512, "core_set": "6-10"}
    settings = {"1": {"core_set": "0-4"}, "batch": quotas}

    for host in ("reference", {"cores": 48}):
        assert messages(RULE, stack, tiers=settings, host=host) == [
            _lie("aider", "batch", "core 11", "6-10"),
            _lie("redis", "1", "core 5", "0-4"),
        ]


def test_obeys_an_exception_for_one_service_and_no_other() -> None:
    stack = small_stack().relabel("redis", tier="3").change("agent", cpuSet="4")
    exception = {"service": "agent", "reason": "answers what people wait for", "expires": "2027-01-31"}

    assert messages(RULE, stack, exceptions=[exception]) == [_lie("redis", "3", "cores 4-5", "8-11")]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"cpuSet": UNKNOWN}, f"agent has a cpuSet that {LATER}"),
        ({"cpuSet": 10}, "agent has a cpuSet that is 10, not a text: give a text"),
        ({"labels": labels(tier=UNKNOWN)}, f"agent has a label sutazai.tier that {LATER}"),
        (
            {"labels": [*labels(tier="2"), *labels(tier="3")]},
            "agent has a label sutazai.tier that is given twice (2 and 3): give it once",
        ),
        ({"labels": UNKNOWN}, f"agent has a label sutazai.tier that is among labels of which the list {LATER}"),
    ],
)
def test_unknown_or_odd_cores_and_tiers_are_violations(changes: dict[str, Any], message: str) -> None:
    stack = small_stack().change("agent", **changes).change("redis", cpuSet="10")

    found = violations(RULE, stack)

    assert [one.message for one in found] == [message, _lie("redis", "1", "core 10", "2-9")]
    assert found[0].urn == stack.urn("agent")
