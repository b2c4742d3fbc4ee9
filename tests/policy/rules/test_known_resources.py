"""A stack has nothing that no rule sees, whatever package it is of."""

from __future__ import annotations

import pytest
from sutazai_policy.rules.known_resources import RULE

from tests.policy.stacks import Provider, Stack, messages, small_stack, violations

_PLUGIN = "docker:index/plugin:Plugin"
_STARTS = "which can start what no rule sees: remove it, and set up on the host what the stack needs of it"


def _unseen(package: str) -> str:
    return f"and no rule sees what {package} starts: make it a docker resource, or name {package} in packages"


def _provider(package: str) -> Provider:
    return Provider(f"urn:pulumi:prod::shop::pulumi:providers:{package}::default")


def _with(kind: str, package: str | None = None) -> Stack:
    provider = _provider(package or kind.partition(":")[0])
    return small_stack().add("thing", {}, kind, provider=provider)


@pytest.mark.parametrize(
    "kind",
    [
        "docker:index/container:Container",
        "docker:index/image:Image",
        "docker:index/network:Network",
        "docker:index/registryImage:RegistryImage",
        "docker:index/remoteImage:RemoteImage",
        "docker:index/secret:Secret",
        "docker:index/service:Service",
        "docker:index/serviceConfig:ServiceConfig",
        "docker:index/tag:Tag",
        "docker:index/volume:Volume",
        "pulumi:pulumi:StackReference",
        "random:index/randomPassword:RandomPassword",
        "tls:index/privateKey:PrivateKey",
    ],
)
def test_passes_what_rules_see_or_what_starts_nothing(kind: str) -> None:
    assert messages(RULE, _with(kind)) == []


@pytest.mark.parametrize("kind", ["sutazai:index:Platform", "pulumi:providers:command", "pulumi:pulumi:Stack"])
def test_passes_what_no_provider_makes(kind: str) -> None:
    assert messages(RULE, small_stack().add("thing", {}, kind, provider=None)) == []


def test_passes_a_provider_that_is_a_component_s_own() -> None:
    provider = Provider("urn:pulumi:prod::shop::my:index:Part$pulumi:providers:docker::main")

    assert messages(RULE, small_stack().add("net", {}, "docker:index/network:Network", provider=provider)) == []


@pytest.mark.parametrize(
    "kind",
    [
        "command:local:Command",
        "pulumi-python:dynamic:Resource",
        "docker-build:index:Image",
        "Docker:index:Container",
        "x",
    ],
)
def test_refuses_a_resource_of_another_package(kind: str) -> None:
    stack = _with(kind)

    (found,) = violations(RULE, stack)

    assert found.message == f"thing is a {kind}, {_unseen(kind.partition(':')[0])}"
    assert found.urn == stack.urn("thing", kind)


@pytest.mark.parametrize(
    "urn", ["urn:pulumi:prod::shop::my:index:Part$pulumi:providers:command::docker", "command"]
)
def test_refuses_another_packages_provider(urn: str) -> None:
    stack = small_stack().add("net", {}, "docker:index/network:Network", provider=Provider(urn))

    package = "command" if "::" in urn else ""
    assert messages(RULE, stack) == [f"net is a docker:index/network:Network, {_unseen(package)}"]


@pytest.mark.parametrize("kind", [_PLUGIN, "docker:index/buildxBuilder:BuildxBuilder"])
def test_refuses_what_of_docker_no_rule_sees(kind: str) -> None:
    stack = _with(kind)

    (found,) = violations(RULE, stack)

    assert (found.message, found.urn) == (f"thing is a {kind}, {_STARTS}", stack.urn("thing", kind))


def test_refuses_each_of_several() -> None:
    stack = _with(_PLUGIN).add("other", {}, _PLUGIN)

    assert messages(RULE, stack) == [f"other is a {_PLUGIN}, {_STARTS}", f"thing is a {_PLUGIN}, {_STARTS}"]


@pytest.mark.parametrize(
    "kind", ["docker:index/compose:Compose", "docker:index:Container", "docker:container:Container"]
)
def test_unknown_resources_of_docker_are_violations(kind: str) -> None:
    assert messages(RULE, _with(kind)) == [f"thing is a {kind}, {_STARTS}"]


def test_obeys_packages() -> None:
    assert messages(RULE, _with("cloudflare:index:Record"), packages=["docker", "cloudflare"]) == []
    assert messages(RULE, _with("random:index:Id"), packages=["docker"]) == [
        f"thing is a random:index:Id, {_unseen('random')}"
    ]
    assert messages(RULE, _with("dockers:index:Id"), packages=["docker", "dockers"]) == []


def test_obeys_an_exception_for_one_resource_and_no_other() -> None:
    stack = _with(_PLUGIN).add("other", {}, _PLUGIN)
    exception = {
        "service": "thing",
        "reason": "loki's log driver, until it is on the host",
        "expires": "2027-01-31",
    }

    assert messages(RULE, stack, exceptions=[exception]) == [f"other is a {_PLUGIN}, {_STARTS}"]


def test_refuses_what_comes_after_a_component() -> None:
    stack = small_stack().add("a", {}, "acme:index:Whole", provider=None)
    stack.add("z", {}, "command:local:Command", provider=_provider("command"))

    assert len(messages(RULE, stack)) == 1
