"""No workload reaches a device of the host, by a path, a rule, a driver, or a runtime."""

from __future__ import annotations

from typing import Any

import pytest
from sutazai_policy.rules.devices import RULE

from tests.policy.stacks import LEFT_OUT, SERVICE, UNKNOWN, Secret, Stack, messages, small_stack, violations
from tests.policy.swarm import swarm_stack
from tests.policy.unreadable import HIDDEN, LATER

_REQUESTED = "redis has deviceRequests: remove them, or, if they are for GPUs, set this rule's gpus to true"
_OTHERS = "redis has deviceRequests for other than GPUs: take the driver nvidia, or ids such as nvidia.com/gpu=0"
_RESERVED = "worker reserves GPUs or the like (genericResources): remove them, or set this rule's gpus to true"
_CONTAINER = ["devices", "deviceCgroupRules", "deviceRequests", "gpus", "runtime"]


def _device(told: str) -> str:
    return f"redis has the host's device {told}: remove it from devices, or name it in allowed"


def _runtime(told: str) -> str:
    return f"redis is run by {told}, which may give it devices: remove runtime, or name it in runtimes"


def _with(**properties: Any) -> Stack:
    return small_stack().change("redis", **properties)


def _reserving(generic: Any) -> Stack:
    return swarm_stack({"resources": {"reservation": {"genericResources": generic}}})


@pytest.mark.parametrize("given", [LEFT_OUT, None])
@pytest.mark.parametrize("key", _CONTAINER)
def test_passes_a_container_without(key: str, given: object) -> None:
    assert messages(RULE, _with(**{key: given})) == []


def test_passes_empty_lists() -> None:
    empty: list[Any] = []
    stack = _with(devices=empty, deviceCgroupRules=empty, deviceRequests=empty, gpus="", runtime="")

    assert messages(RULE, stack) == []
    assert messages(RULE, stack, gpus=True) == []


@pytest.mark.parametrize(
    "given",
    ["runc", "runsc", "kata", "io.containerd.runc.v2", "io.containerd.runsc.v1", "io.containerd.kata.v2"],
)
def test_passes_the_usual_runtimes(given: str) -> None:
    assert messages(RULE, _with(runtime=given)) == []


def test_passes_a_service_without() -> None:
    assert messages(RULE, swarm_stack()) == []
    assert messages(RULE, swarm_stack({"resources": LEFT_OUT, "runtime": "container"})) == []
    assert messages(RULE, _reserving({})) == []


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/dev/sda", "/dev/sda"),
        ("//dev/./sda/", "/dev/sda"),
        ("/proc/1/root/dev/mem", "/dev/mem"),
        ("/dev", "/dev"),
        ("/dev/dri", "/dev/dri"),
        ("/dev/dri/card01", "/dev/dri/card01"),
        (Secret("/dev/sda"), "a secret"),
    ],
)
def test_refuses_a_device(path: object, told: str) -> None:
    stack = _with(devices=[{"hostPath": path, "containerPath": "/dev/dri/card0"}])

    (found,) = violations(RULE, stack, allowed=["/dev/dri/card0"])

    assert (found.message, found.urn) == (_device(told), stack.urn("redis"))


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("/dev/dri/../sda", "is /dev/dri/../sda, which goes up again: write the path that it leads to"),
        ("sda", "is sda, no absolute path: write the whole path, from / on"),
        ("/dev/fd/3", "is /dev/fd/3, which may lead anywhere: write the path that it leads to"),
        (None, "is missing: give it one"),
        (UNKNOWN, LATER),
        (5, "is 5, not a text: give a text"),
        (Secret("sda"), HIDDEN),
    ],
)
def test_refuses_a_path_that_leads_elsewhere(path: object, problem: str) -> None:
    assert messages(RULE, _with(devices=[{"hostPath": path}]), allowed=["/dev/dri"]) == [
        f"redis has a devices.hostPath that {problem}"
    ]


@pytest.mark.parametrize(
    ("rules", "told"),
    [(["a *:* rwm", "c 1:1 r"], "'a *:* rwm', 'c 1:1 r'"), ([Secret("a")], "a secret"), (["a"], "a")],
)
def test_refuses_cgroup_rules(rules: object, told: str) -> None:
    assert messages(RULE, _with(deviceCgroupRules=rules)) == [
        f"redis may make devices itself ({told}): remove deviceCgroupRules, and name single devices"
    ]


@pytest.mark.parametrize(("given", "told"), [("all", "all"), (" ", "' '"), (Secret("all"), "a secret")])
def test_refuses_gpus(given: object, told: str) -> None:
    assert messages(RULE, _with(gpus=given)) == [
        f"redis has GPUs (gpus {told}): remove gpus, or set this rule's gpus to true"
    ]


@pytest.mark.parametrize("given", [[{}], [{"driver": "nvidia"}], Secret([{}]), [{}, {}]])
def test_refuses_device_requests(given: object) -> None:
    assert messages(RULE, _with(deviceRequests=given)) == [_REQUESTED]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("nvidia", "nvidia"),
        ("Runc", "Runc"),
        (" runc", "' runc'"),
        ("/bin/x", "/bin/x"),
        (Secret("x"), "a secret"),
    ],
)
def test_refuses_another_runtime(given: object, told: str) -> None:
    assert messages(RULE, _with(runtime=given)) == [_runtime(told)]


@pytest.mark.parametrize("given", ["plugin", "Container", Secret("plugin")])
def test_refuses_a_service_that_is_no_container(given: object) -> None:
    stack = swarm_stack({"runtime": given})

    (found,) = violations(RULE, stack)

    assert found.message == "worker runs no container: set taskSpec.runtime to container, or remove it"
    assert found.urn == stack.urn("worker", SERVICE)


def test_refuses_a_service_with_gpus() -> None:
    assert messages(RULE, _reserving({"namedResourcesSpecs": ["GPU=1"]})) == [_RESERVED]


def test_refuses_each_of_several_also_of_a_stopped_container() -> None:
    stack = _with(devices=[{"hostPath": "/dev/a"}, {"hostPath": "/dev/b"}], runtime="x", start=False)

    assert messages(RULE, stack) == [_device("/dev/a"), _device("/dev/b"), _runtime("x")]


def test_obeys_the_devices_that_are_allowed() -> None:
    given = [{"hostPath": path} for path in ("/dev/dri/card0", "/dev/snd", "/dev/sndx", "/dev/ttyUSB0/")]

    assert messages(RULE, _with(devices=given), allowed=["/dev/dri/", "/dev/snd", "/dev/ttyUSB0"]) == [
        _device("/dev/sndx")
    ]


@pytest.mark.parametrize("given", ["", "dev/snd"])
def test_obeys_no_path_that_is_none(given: str) -> None:
    (found,) = messages(RULE, small_stack(), allowed=[given])

    assert found.startswith("the settings of devices can't be used: allowed.0: ")


@pytest.mark.parametrize("given", ["all", "2", "device=0,GPU-3a-c:0", '"device=0,2"', " 'all' "])
def test_obeys_that_gpus_are_allowed(given: str) -> None:
    assert messages(RULE, _with(gpus=given), gpus=True) == []


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("driver=cdi,device=x", "driver=cdi,device=x"),
        ("device=0,driver=cdi", "device=0,driver=cdi"),
        ("device=vendor.com/disk", "device=vendor.com/disk"),
        ("all,x=1", "all,x=1"),
        ("\u0662", "'\u0662'"),
        ("device=\u0662", "'device=\u0662'"),
        (Secret("driver=cdi"), "a secret"),
    ],
)
def test_obeys_that_gpus_are_allowed_and_no_other_device(given: object, told: str) -> None:
    assert messages(RULE, _with(gpus=given), gpus=True) == [
        f"redis may get other devices than GPUs (gpus {told}): write all, a number, or device=0,1"
    ]


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ([{"driver": "nvidia", "count": -1}], []),
        ([{"driver": "nvidia"}, {"deviceIds": ["nvidia.com/gpu=all", "amd.com/gpu=0:1"]}], []),
        ([{"driver": "cdi", "deviceIds": [Secret("nvidia.com/gpu=all")]}], []),
        ([{"driver": "Nvidia"}], [_OTHERS]),
        ([{}], [_OTHERS]),
        ([{"deviceIds": []}], [_OTHERS]),
        ([{"deviceIds": ["nvidia.com/gpu=0", "vendor.com/disk=0"]}], [_OTHERS]),
        ([{"deviceIds": ["nvidia.com/gpu=0", None]}], [_OTHERS]),
        ([{"deviceIds": ["nvidia.com/gpu=0/gpu=0"]}], [_OTHERS]),
        ([{"deviceIds": ["\u0662/gpu=0"]}], [_OTHERS]),
        ([{"deviceIds": ["nvidia.com/gpu=0", UNKNOWN]}], [_OTHERS]),
        ([{"deviceIds": UNKNOWN, "driver": UNKNOWN}, {"driver": "nvidia"}], [_OTHERS]),
    ],
)
def test_obeys_that_gpus_are_allowed_by_requests(given: object, found: list[str]) -> None:
    assert messages(RULE, _with(deviceRequests=given), gpus=True) == found


def test_obeys_that_gpus_are_allowed_to_services() -> None:
    assert messages(RULE, _reserving({"namedResourcesSpecs": ["GPU=1"]}), gpus=True) == []


def test_obeys_which_runtimes_are_named() -> None:
    stack = _with(runtime="nvidia").change("agent", runtime="runc")

    assert messages(RULE, stack, runtimes=["nvidia"]) == [_runtime("runc").replace("redis", "agent")]


def test_obeys_an_exception_for_one_service_and_no_other() -> None:
    stack = _with(runtime="x").change("agent", runtime="x")
    exception = {"service": "agent", "reason": "tries a new runtime", "expires": "2027-01-31"}

    assert messages(RULE, stack, exceptions=[exception]) == [_runtime("x")]


@pytest.mark.parametrize("gpus", [True, False])
@pytest.mark.parametrize("key", _CONTAINER)
def test_unknown_is_a_violation(key: str, gpus: bool) -> None:
    assert messages(RULE, _with(**{key: UNKNOWN}), gpus=gpus) == [f"redis has a {key} that {LATER}"]


@pytest.mark.parametrize("key", _CONTAINER[:3])
@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ([UNKNOWN], LATER),
        ({"hostPath": "/dev/sda"}, "is a group of properties, not a list: give a list"),
        (Secret([5]), HIDDEN),
    ],
)
def test_unknown_or_odd_lists_are_violations(key: str, given: object, problem: str) -> None:
    assert messages(RULE, _with(**{key: given})) == [f"redis has a {key} that {problem}"]


@pytest.mark.parametrize("key", ["gpus", "runtime"])
def test_unknown_or_odd_texts_are_violations(key: str) -> None:
    assert messages(RULE, _with(**{key: 1})) == [f"redis has a {key} that is 1, not a text: give a text"]


def test_unknown_parts_of_a_service_are_violations() -> None:
    assert messages(RULE, swarm_stack({"runtime": UNKNOWN})) == [f"worker has a taskSpec.runtime that {LATER}"]
    for resources in (UNKNOWN, {"reservation": UNKNOWN}, {"reservation": {"genericResources": UNKNOWN}}):
        assert messages(RULE, swarm_stack({"resources": resources}), gpus=True) == [
            f"worker has a genericResources that {LATER}"
        ]
