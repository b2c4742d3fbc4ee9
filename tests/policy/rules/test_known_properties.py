"""Nothing is said in a word that the provider doesn't know, or that no other rule reads."""

from __future__ import annotations

import importlib
import inspect
import typing
from collections.abc import Iterator
from typing import Any

import pulumi_docker as docker
import pytest
from pulumi import _types
from sutazai_policy.provider_names import PROPERTIES
from sutazai_policy.rules.known_properties import RULE

from tests.policy.stacks import (
    NETWORK,
    REMOTE_IMAGE,
    SERVICE,
    UNKNOWN,
    VOLUME,
    Secret,
    Stack,
    container,
    messages,
    reference_stack,
    service,
    small_stack,
    violations,
)

_UNKNOWN_NAME = "which the provider doesn't know"
_KINDS = (
    "Container",
    "Network",
    "RegistryImage",
    "RemoteImage",
    "Secret",
    "Service",
    "ServiceConfig",
    "Tag",
    "Volume",
)


def _groups_of(annotation: Any) -> Iterator[type]:
    """Return the classes of groups of properties that a property's type names, however deep in its unions."""
    if inspect.isclass(annotation):
        if _types.is_input_type(annotation):
            yield annotation
        return
    for part in typing.get_args(annotation):
        yield from _groups_of(part)


def _told(group: type, path: str, found: dict[str, set[str]]) -> None:
    found.setdefault(path, set()).update(_types.input_type_py_to_pulumi_names(group).values())
    for name, annotation in _types.input_type_types(group).items():
        for inner in _groups_of(annotation):
            _told(inner, f"{path}.{name}", found)


def test_the_names_are_those_of_the_providers_sdk() -> None:
    """Run after an upgrade: what it shows as different goes into provider_names."""
    found: dict[str, set[str]] = {}
    for kind in _KINDS:
        module = importlib.import_module(getattr(docker, kind).__module__)
        for group in (f"{kind}Args", f"_{kind}State"):
            _told(getattr(module, group), kind, found)
        found[kind].add("id")
    found.pop("Container.networkDatas")  # the provider's own answer

    assert {path: sorted(names) for path, names in found.items()} == {
        path: sorted(names) for path, names in PROPERTIES.items()
    }


def test_passes_the_reference_stack_and_whatever_lies_beside_it() -> None:
    stack = reference_stack().add("worker", service(2, 10**9, 2**28), SERVICE).add("data", {"name": "x"}, VOLUME)
    stack.add("random", {"any_thing": 1}, "random:index/randomId:RandomId").add(
        "p", {"x_y": 1}, "docker:index:Other"
    )
    stack.add("plugin", {"x_y": 1}, "docker:index/plugin:Plugin").add(
        "c", {"x_y": 1}, "mine:index/container:Container"
    )

    assert messages(RULE, stack) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"bridge": "", "containerLogs": "", "exitCode": 0, "id": "x", "__meta": "{}", "__defaults": []},
        {"networkDatas": [{"any_thing": "provider's own"}]},
        {
            "logOpts": {"any-key": "x"},
            "sysctls": {"net.x": "1"},
            "tmpfs": {"/x_y": ""},
            "storageOpts": {"a_b": "c"},
        },
        {"mounts": [{"type": "volume", "volumeOptions": {"driverOptions": {"any_key": "x"}}}]},
        {"volumes": UNKNOWN, "healthcheck": UNKNOWN, "ports": [UNKNOWN]},
        {"volumes": "odd", "healthcheck": 5, "ports": [[None], "a_b"]},
        {"healthcheck": {"__defaults": [], "tests": []}},
    ],
)
def test_passes_known_names_and_tables_of_ones_own(changes: dict[str, Any]) -> None:
    assert messages(RULE, small_stack().change("redis", **changes)) == []


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"cpu_set": "4"}, f"cpu_set, {_UNKNOWN_NAME}: write cpuSet"),
        ({"memory_swap": 512}, f"memory_swap, {_UNKNOWN_NAME}: write memorySwap"),
        ({"memory__swap": None}, f"memory__swap, {_UNKNOWN_NAME}: write memorySwap"),
        ({"network_mode": "host"}, f"network_mode, {_UNKNOWN_NAME}: write networkMode"),
        ({"env": ["A=b"]}, f"env, {_UNKNOWN_NAME}: write envs"),
        ({"port": []}, f"port, {_UNKNOWN_NAME}: write ports"),
        ({"cpuset": "4"}, f"cpuset, {_UNKNOWN_NAME}: write cpuSet"),
        ({"Privileged": True}, f"Privileged, {_UNKNOWN_NAME}: write privileged"),
        ({"memoryLimit": 5}, f"memoryLimit, {_UNKNOWN_NAME}: write memory"),
        ({"zzzz": UNKNOWN}, f"zzzz, {_UNKNOWN_NAME}: remove it"),
        (
            {"containerReadRefreshTimeoutMilliseconds" + "x" * 21: 1},
            f"containerReadRefreshTimeoutMilliseconds{'x' * 21}, {_UNKNOWN_NAME}:"
            " write containerReadRefreshTimeoutMilliseconds",
        ),
        (
            {"containerReadRefreshTimeoutMilliseconds" + "x" * 22: 1},
            f"{'containerReadRefreshTimeoutMilliseconds' + 'x' * 18!r}..., {_UNKNOWN_NAME}: remove it",
        ),
        ({"": 1}, f"'', {_UNKNOWN_NAME}: remove it"),
        ({"_": 1}, f"_, {_UNKNOWN_NAME}: remove it"),
        ({"x\ny": 1}, f"'x\\ny', {_UNKNOWN_NAME}: remove it"),
        ({"memory_" + "x" * 60: 1}, f"{'memory_' + 'x' * 50!r}..., {_UNKNOWN_NAME}: remove it"),
        ({"cpuSet" + "_" * 55: 1}, f"{'cpuSet' + '_' * 51!r}..., {_UNKNOWN_NAME}: remove it"),
        ({"cpuSet" + "_" * 54: 1}, f"cpuSet{'_' * 54}, {_UNKNOWN_NAME}: remove it"),
        ({"healthcheck": {"test": []}}, f"healthcheck.test, {_UNKNOWN_NAME}: write tests"),
        ({"healthcheck": [{"tests": [], "test": []}]}, f"healthcheck.test, {_UNKNOWN_NAME}: write tests"),
        ({"volumes": [{"host_path": "/"}]}, f"volumes.host_path, {_UNKNOWN_NAME}: write hostPath"),
        ({"volumes": {"host_path": "/"}}, f"volumes.host_path, {_UNKNOWN_NAME}: write hostPath"),
        ({"volumes": ([{"host_path": "/"}],)}, f"volumes.host_path, {_UNKNOWN_NAME}: write hostPath"),
        (
            {"volumes": [{"hostPath": "/x"}, {"host_path": "/"}]},
            f"volumes.host_path, {_UNKNOWN_NAME}: write hostPath",
        ),
        (
            {"mounts": [{"volume_options": {"driver_options": {}}}]},
            f"mounts.volume_options, {_UNKNOWN_NAME}: write volumeOptions",
        ),
        (
            {"mounts": [{"volumeOptions": {"driver_options": {}}}]},
            f"mounts.volumeOptions.driver_options, {_UNKNOWN_NAME}: write driverOptions",
        ),
        ({"ports": Secret([{"ip_": "x"}])}, f"ports.(secret), {_UNKNOWN_NAME}: remove it"),
        ({"ports": [Secret({"ip_": "x"}), {"ip": "y"}]}, f"ports.(secret), {_UNKNOWN_NAME}: remove it"),
        (
            {"mounts": Secret([{"bindOptions": {"x": 1}}])},
            f"mounts.bindOptions.(secret), {_UNKNOWN_NAME}: remove it",
        ),
    ],
)
def test_refuses_a_name_that_the_provider_does_not_know(changes: dict[str, Any], message: str) -> None:
    stack = small_stack().change("redis", **changes)

    (found,) = violations(RULE, stack)

    assert found.message == f"redis has a property {message}"
    assert found.urn == stack.urn("redis")


def test_refuses_each_name_once_for_each_resource() -> None:
    volumes = [{"host_path": "/a"}, {"host_path": "/b"}, {"container_path": "/c"}]
    stack = small_stack().change("redis", volumes=volumes, cpu_set="4").change("agent", cpu_set="4")

    assert messages(RULE, stack) == [
        f"agent has a property cpu_set, {_UNKNOWN_NAME}: write cpuSet",
        f"redis has a property cpu_set, {_UNKNOWN_NAME}: write cpuSet",
        f"redis has a property volumes.host_path, {_UNKNOWN_NAME}: write hostPath",
        f"redis has a property volumes.container_path, {_UNKNOWN_NAME}: write containerPath",
    ]


def test_refuses_them_of_a_service_and_of_what_it_uses() -> None:
    found = service(2, 10**9, 2**28)
    found["taskSpec"]["containerSpec"] |= {"read_only": True, "configs": [{"file_gid": "0"}]}
    found["taskSpec"]["resources"]["limits"]["memory_bytes"] = 1
    stack = Stack().add("worker", {**found, "endpoint_spec": {}}, SERVICE)
    stack.add("data", {"driver_opts": {"device": "/"}}, VOLUME).add("net", {"ipam_driver": "x"}, NETWORK)
    stack.add("image", {"keep_locally": True, "build": {"cpu_shares": 5}}, REMOTE_IMAGE)

    assert messages(RULE, stack) == [
        f"net has a property ipam_driver, {_UNKNOWN_NAME}: write ipamDriver",
        f"image has a property keep_locally, {_UNKNOWN_NAME}: write keepLocally",
        f"image has a property build.cpu_shares, {_UNKNOWN_NAME}: write cpuShares",
        f"worker has a property endpoint_spec, {_UNKNOWN_NAME}: write endpointSpec",
        f"worker has a property taskSpec.containerSpec.read_only, {_UNKNOWN_NAME}: write readOnly",
        f"worker has a property taskSpec.containerSpec.configs.file_gid, {_UNKNOWN_NAME}: write fileGid",
        f"worker has a property taskSpec.resources.limits.memory_bytes, {_UNKNOWN_NAME}: write memoryBytes",
        f"data has a property driver_opts, {_UNKNOWN_NAME}: write driverOpts",
    ]


def test_obeys_an_exception_for_one_resource_and_no_other() -> None:
    stack = small_stack().change("redis", cpu_set="4").change("agent", cpu_set="4")
    exception = {"service": "agent", "reason": "a provider of our own reads it", "expires": "2027-01-31"}

    assert messages(RULE, stack, exceptions=[exception]) == [
        f"redis has a property cpu_set, {_UNKNOWN_NAME}: write cpuSet"
    ]


def test_unknown_values_of_known_names_are_for_the_rules_that_read_them() -> None:
    stack = Stack().add("redis", dict.fromkeys(container("4", 2, 6, 6), UNKNOWN) | {"cpu_set": UNKNOWN})

    assert messages(RULE, stack) == [f"redis has a property cpu_set, {_UNKNOWN_NAME}: write cpuSet"]
