"""A volume has one writer, unless it is named as shared."""

from __future__ import annotations

from typing import Any

import pytest
from sutazai_policy.rules.volume_writers import RULE

from tests.policy.stacks import (
    SERVICE,
    STOPPED,
    UNKNOWN,
    VOLUME,
    Secret,
    Stack,
    labels,
    messages,
    service,
    small_stack,
    violations,
)
from tests.policy.unreadable import LATER

_WAY_OUT = "let one of them write and the others mount it readOnly, or name it in shared"
_REDIS = f"redis writes to the volume shop-data, as agent does: {_WAY_OUT}"
_TAKES_OVER = "takes over all volumes of another container (fromContainer): mount by name those that it needs"


def _volume(name: Any = "shop-data", **given: Any) -> dict[str, Any]:
    return {"volumes": [{"volumeName": name, "containerPath": "/data", **given}]}


def _mount(source: Any = "shop-data", **given: Any) -> dict[str, Any]:
    return {"mounts": [{"type": "volume", "source": source, "target": "/data", **given}]}


def _pair(redis: dict[str, Any], agent: dict[str, Any]) -> Stack:
    return small_stack().change("redis", **redis).change("agent", **agent)


def _worker(replicas: Any, mounts: Any) -> Stack:
    worker = service(replicas, 10**8, 2**20)
    worker["taskSpec"]["containerSpec"]["mounts"] = mounts
    return small_stack().add("worker", worker, SERVICE)


@pytest.mark.parametrize(
    "agent",
    [
        {},
        _volume(readOnly=True),
        _mount(readOnly=True),
        _volume("shop-other"),
        _volume("Shop-data"),
        {"volumes": [{"containerPath": "/data"}]},
        {"volumes": [{"hostPath": "/shop-data", "containerPath": "/data"}]},
        {"mounts": [{"type": "tmpfs", "target": "/data"}]},
    ],
)
def test_passes_a_volume_with_one_writer(agent: dict[str, Any]) -> None:
    assert messages(RULE, _pair(_volume(), agent)) == []


def test_passes_a_writer_that_mounts_it_twice() -> None:
    assert messages(RULE, small_stack().change("redis", **_volume(), **_mount(target="/other"))) == []


@pytest.mark.parametrize("replicas", [0, 1])
def test_passes_a_service_with_one_replica(replicas: int) -> None:
    assert messages(RULE, _worker(replicas, _mount()["mounts"])) == []
    assert messages(RULE, _worker(3, _mount(readOnly=True)["mounts"])) == []


@pytest.mark.parametrize("mode", [None, {}, {"global": True}])
def test_passes_a_service_with_one_task_a_host(mode: object) -> None:
    assert messages(RULE, _worker(1, _mount()["mounts"]).change("worker", mode=mode)) == []


@pytest.mark.parametrize("redis", [_volume(), _mount(), _volume(readOnly=UNKNOWN), _volume() | STOPPED])
@pytest.mark.parametrize("agent", [_volume(), _mount(), _mount(readOnly="yes"), _volume() | STOPPED])
def test_refuses_a_second_writer(redis: dict[str, Any], agent: dict[str, Any]) -> None:
    stack = _pair(redis, agent)

    (found,) = violations(RULE, stack)

    assert found.message == _REDIS
    assert found.urn == stack.urn("redis")


def test_refuses_each_further_writer() -> None:
    stack = _pair(_volume(), _volume()).change("aider", **_volume())

    assert messages(RULE, stack) == [
        f"{name} writes to the volume shop-data, as agent does (and 1 more): {_WAY_OUT}"
        for name in ("aider", "redis")
    ]


def test_refuses_a_volume_by_whichever_of_its_names() -> None:
    stack = _pair(_volume(Secret("shop-data")), _volume()).add("data", {"name": "shop-data"}, VOLUME)
    assert len(messages(RULE, stack)) == 1

    aider = _volume(UNKNOWN) | {"labels": labels(stack="prod")}
    stack.remove("aider").add("aider", aider, depends={"volumes": [stack.urn("data", VOLUME)]})
    assert len(messages(RULE, stack)) == 2


def test_a_secret_is_not_told() -> None:
    for secret in (
        _volume(Secret("shop-data")),
        {"volumes": [Secret(_volume()["volumes"][0])]},
        {"mounts": Secret(_mount()["mounts"])},
    ):
        assert messages(RULE, _pair(secret, secret)) == [_REDIS.replace("shop-data", "(secret)")]


@pytest.mark.parametrize("given", ["agent", "agent:ro", UNKNOWN, 5, Secret("agent")])
def test_refuses_another_containers_volumes(given: object) -> None:
    stack = small_stack().change("redis", volumes=[{"fromContainer": given, "readOnly": True}])

    (found,) = violations(RULE, stack)

    assert found.message == f"redis {_TAKES_OVER}"
    assert found.urn == stack.urn("redis")
    assert messages(RULE, stack, shared=["*"]) == [f"redis {_TAKES_OVER}"]


@pytest.mark.parametrize("replicas", [2, 3])
def test_refuses_replicas_of_a_service(replicas: int) -> None:
    stack = _worker(replicas, _mount()["mounts"])

    (found,) = violations(RULE, stack)

    assert found.message == (
        f"worker runs {replicas} replicas that all write to the volume shop-data: run one, or name it in shared"
    )
    assert found.urn == stack.urn("worker", SERVICE)


def test_refuses_a_service_beside_a_container() -> None:
    stack = _worker(0, _mount()["mounts"]).change("redis", **_volume())

    assert messages(RULE, stack) == [f"worker writes to the volume shop-data, as redis does: {_WAY_OUT}"]


@pytest.mark.parametrize(
    ("shared", "passes"),
    [
        (["shop-data"], True),
        (["other", "shop-*"], True),
        (["data"], True),
        (["SHOP-*"], False),
        (["shop"], False),
    ],
)
def test_obeys_the_volumes_that_are_shared(shared: list[str], passes: bool) -> None:
    stack = _pair(_volume(), _volume()).add("data", {"name": "shop-data"}, VOLUME)

    assert messages(RULE, stack, shared=shared) == ([] if passes else [_REDIS])


def test_obeys_them_for_replicas_too() -> None:
    assert messages(RULE, _worker(3, _mount()["mounts"]), shared=["shop-*"]) == []


def test_obeys_an_exception_for_one_service_and_no_other() -> None:
    stack = _pair(_volume(), _volume()).change("aider", **_volume())
    exception = {"service": "aider", "reason": "appends to its own folder only", "expires": "2027-01-31"}

    assert messages(RULE, stack, exceptions=[exception]) == [
        _REDIS.replace("agent does", "agent does (and 1 more)")
    ]


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"volumes": UNKNOWN}, f"redis has a mount that {LATER}"),
        ({"volumes": UNKNOWN} | STOPPED, f"redis has a mount that {LATER}"),
        (_volume(7), "redis has a volume name that is 7, not a text: give a text"),
        (_mount(type=UNKNOWN), f"redis has a mounts[].type that {LATER}"),
    ],
)
def test_unknown_and_odd_mounts_are_violations(given: dict[str, Any], problem: str) -> None:
    stack = small_stack().change("redis", **given)

    (found,) = violations(RULE, stack)

    assert (found.message, found.urn) == (problem, stack.urn("redis"))


def test_unknown_replicas_may_be_more_than_one() -> None:
    assert messages(RULE, _worker(UNKNOWN, _mount()["mounts"])) == [
        f"worker writes to the volume shop-data in a number of replicas that {LATER}"
    ]
    assert messages(RULE, _worker(UNKNOWN, [])) == []
