"""What a stack registered, in one order, by what it is called and by what it comes from."""

from __future__ import annotations

from typing import Any

import pytest
from sutazai_policy.facts import Facts, read_facts
from sutazai_policy.resource import Resource

from tests.policy.stacks import CONTAINER, NETWORK, REMOTE_IMAGE, SERVICE, UNKNOWN, VOLUME, Stack


def _facts(stack: Stack) -> Facts:
    return read_facts(reversed(stack.resources()))


def _stack() -> Stack:
    image = Stack().urn("image", REMOTE_IMAGE)
    return (
        Stack()
        .add("b", {"image": UNKNOWN}, depends={"image": (image, "urn:gone", Stack().urn("data", VOLUME))})
        .add("a", {})
        .add("s", {}, SERVICE)
        .add("image", {"name": "redis:8"}, REMOTE_IMAGE)
        .add("data", {"name": "shop-data", "id": "1"}, VOLUME)
        .add("net", {"name": "shop", "id": "2"}, NETWORK)
        .add("net-2", {"name": "shop", "id": UNKNOWN}, NETWORK)
    )


def test_resources_are_in_one_order_whatever_the_engines_is() -> None:
    facts = _facts(_stack())

    assert [one.name for one in facts.workloads] == ["a", "b", "s"]
    assert [one.urn for one in facts.resources] == sorted(one.urn for one in facts.resources)
    assert (len(facts.containers), len(facts.services), len(facts.resources)) == (2, 1, 7)


def test_resources_are_found_by_their_type() -> None:
    assert [one.name for one in _facts(_stack()).of_type(NETWORK)] == ["net", "net-2"]
    assert _facts(_stack()).of_type("docker:index/network:Net") == ()


def test_a_value_is_followed_to_the_resources_that_it_comes_from() -> None:
    facts = _facts(_stack())
    one = facts.containers[1]

    assert [source.name for source in facts.sources(one, "image", REMOTE_IMAGE)] == ["image"]
    assert [source.name for source in facts.sources(one.resource, "image", VOLUME)] == ["data"]
    assert facts.sources(one, "volumes", VOLUME) == ()
    assert facts.sources(facts.containers[0], "image", REMOTE_IMAGE) == ()


def test_networks_are_found_by_name_and_by_id_and_the_first_of_a_name_counts() -> None:
    facts = _facts(_stack())

    assert {key: one.name for key, one in facts.networks_by_name.items()} == {"shop": "net", "2": "net"}


@pytest.mark.parametrize(
    ("urns", "stack"),
    [
        ([], None),
        (["urn:pulumi:prod::shop::x::y"], "prod"),
        (["urn:pulumi:prod.eu-1::shop::x::y"], "prod.eu-1"),
        (["", "urn:pulumi:prod::shop::x::y"], "prod"),
        (["urn:other:prod::shop::x::y"], None),
        (["xurn:pulumi:prod::shop::x::y"], None),
        (["urn:pulumi:::shop"], None),
    ],
)
def test_the_stack_is_named_by_its_urns(urns: list[str], stack: str | None) -> None:
    assert read_facts(Resource(CONTAINER, "a", urn, {}) for urn in urns).stack == stack


def test_a_host_that_nobody_looked_at_is_not_made_up() -> None:
    found: Any = _facts(_stack())

    with pytest.raises(ValueError, match="judged by a host that nobody looked at"):
        _ = found.surveyed
