"""Every volume that holds data is declared and protected, by whichever way it is mounted."""

from __future__ import annotations

from typing import Any

import pytest
from sutazai_policy.rules.volume_protected import RULE

from tests.policy.stacks import (
    LEFT_OUT,
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

_BARE = (
    "redis writes to the volume shop-data, which data declares without protection:"
    " give its resource options protect=True, or name it in unprotected"
)
_UNDECLARED = (
    "redis writes to the volume shop-data, which this stack doesn't declare:"
    " declare a docker.Volume with protect=True, or name it in unprotected"
)
_UNNAMED = (
    "redis writes to a volume without a name at /data, which a new container doesn't find again:"
    " name a docker.Volume there, or use tmpfs"
)
_FROM_NOWHERE = (
    "redis has a volume name that is unknown until the update runs, and comes from no docker.Volume"
    " of this stack: give the name, or declare the volume"
)


def _volume(name: Any = "shop-data", **given: Any) -> dict[str, Any]:
    return {"volumes": [{"volumeName": name, "containerPath": "/data", **given}]}


def _mount(source: Any = "shop-data", **given: Any) -> dict[str, Any]:
    return {"mounts": [{"type": "volume", "source": source, "target": "/data", **given}]}


def _declared(stack: Stack, name: Any = "shop-data", resource: str = "data", *, protect: bool = True) -> Stack:
    return stack.add(resource, {"name": name}, VOLUME, protect=protect)


def _redis(given: dict[str, Any]) -> Stack:
    return small_stack().change("redis", **given)


def _worker(mounts: Any, replicas: int = 1) -> Stack:
    worker = service(replicas, 10**8, 2**20)
    worker["taskSpec"]["containerSpec"]["mounts"] = mounts
    return small_stack().add("worker", worker, SERVICE)


_EVERY_WAY = pytest.mark.parametrize(
    "given",
    [
        _volume(),
        _volume(readOnly=False),
        _volume(readOnly="true"),
        _volume(readOnly=UNKNOWN),
        _volume(Secret("shop-data")) | {"mounts": []},
        _mount(),
        _mount(readOnly=False),
        _mount(volumeOptions={"noCopy": True}),
        {"volumes": [], **_mount()},
        {"volumes": [*_volume()["volumes"], *_volume(containerPath="/other")["volumes"]]},
    ],
)


@_EVERY_WAY
def test_passes_a_volume_that_is_declared_and_protected(given: dict[str, Any]) -> None:
    assert messages(RULE, _declared(_redis(given))) == []


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"volumes": LEFT_OUT, "mounts": []},
        _volume(readOnly=True),
        _mount(readOnly=True),
        _mount(UNKNOWN, readOnly=True),
        _mount(LEFT_OUT, readOnly=True) | {"mounts": [{"type": "volume", "target": "/d", "readOnly": True}]},
        {"volumes": [{"hostPath": "/srv", "containerPath": "/srv"}]},
        {"volumes": [{"volumeName": "/srv", "containerPath": "/srv"}]},
        {"volumes": [{"fromContainer": "agent"}]},
        {"mounts": [{"type": "bind", "source": "/srv", "target": "/srv"}, {"type": "tmpfs", "target": "/tmp"}]},  # noqa: S108
        _volume() | STOPPED,
        {"volumes": [{"containerPath": "/data"}]} | STOPPED,
        _volume(UNKNOWN) | STOPPED,
    ],
)
def test_passes_what_holds_no_data_of_its_own(given: dict[str, Any]) -> None:
    assert messages(RULE, _redis(given)) == []


@_EVERY_WAY
def test_refuses_a_volume_without_protection(given: dict[str, Any]) -> None:
    stack = _declared(_redis(given), protect=False)

    (found,) = violations(RULE, stack)

    assert found.message == (_BARE.replace("shop-data", "(secret)") if "Secret" in repr(given) else _BARE)
    assert found.urn == stack.urn("redis")


@_EVERY_WAY
def test_refuses_a_volume_that_nobody_declares(given: dict[str, Any]) -> None:
    stack = _declared(_redis(given), name="Shop-data")

    (found,) = messages(RULE, stack)

    assert found == (_UNDECLARED.replace("shop-data", "(secret)") if "Secret" in repr(given) else _UNDECLARED)


def test_refuses_a_volume_that_one_of_two_resources_leaves_bare() -> None:
    stack = _declared(_declared(_redis(_volume())), resource="zdata", protect=False)

    assert messages(RULE, stack) == [_BARE.replace("data declares", "zdata declares")]
    assert messages(RULE, _declared(stack, resource="again", protect=False)) == [
        _BARE.replace("data declares", "again, zdata declares")
    ]


@pytest.mark.parametrize(
    "given",
    [
        {"volumes": [{"containerPath": "/data"}]},
        {"volumes": [{"containerPath": "/data", "readOnly": True}]},
        {"volumes": [{"containerPath": "/data", "volumeName": ""}]},
        {"mounts": [{"type": "volume", "target": "/data"}]},
        {"mounts": [{"type": "volume", "target": "/data", "source": ""}]},
    ],
)
def test_refuses_a_volume_without_a_name(given: dict[str, Any]) -> None:
    assert messages(RULE, _redis(given)) == [_UNNAMED]
    assert messages(RULE, _redis(given), unprotected=["*"]) == [_UNNAMED]


@pytest.mark.parametrize(
    ("path", "shown"), [(Secret("/data"), "(secret)"), (UNKNOWN, "an unknown path"), (LEFT_OUT, "an unknown path")]
)
def test_refuses_a_volume_without_a_name_wherever_it_is(path: object, shown: str) -> None:
    given = {"type": "volume"} | ({} if path is LEFT_OUT else {"target": path})

    assert messages(RULE, _redis({"mounts": [given]})) == [_UNNAMED.replace("/data", shown)]


def test_refuses_a_volume_of_a_service() -> None:
    stack = _declared(_worker(_mount()["mounts"]), protect=False)

    (found,) = violations(RULE, stack)

    assert found.message == _BARE.replace("redis", "worker")
    assert found.urn == stack.urn("worker", SERVICE)
    assert messages(RULE, _worker(_mount()["mounts"], replicas=0)) == []


@pytest.mark.parametrize(
    ("unprotected", "passes"),
    [
        (["shop-data"], True),
        (["other", "shop-*"], True),
        (["data"], True),
        (["d?ta"], True),
        (["SHOP-DATA"], False),
        (["shop"], False),
        (["Data"], False),
        ([], False),
    ],
)
def test_obeys_the_volumes_that_may_be_lost(unprotected: list[str], passes: bool) -> None:
    stack = _declared(_redis(_volume()), protect=False)

    assert messages(RULE, stack, unprotected=unprotected) == ([] if passes else [_BARE])


def test_obeys_them_where_nobody_declares_the_volume_too() -> None:
    assert messages(RULE, _redis(_volume()), unprotected=["shop-*"]) == []
    assert messages(RULE, _redis(_volume()), unprotected=["data"]) == [_UNDECLARED]


def test_obeys_an_exception_for_one_service_and_no_other() -> None:
    stack = _redis(_volume()).change("agent", **_volume())
    exception = {"service": "agent", "reason": "its volume is another stack's", "expires": "2027-01-31"}

    assert messages(RULE, stack, exceptions=[exception]) == [_UNDECLARED]


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"volumes": UNKNOWN}, f"redis has a mount that {LATER}"),
        ({"mounts": UNKNOWN}, f"redis has a mount that {LATER}"),
        ({"volumes": [UNKNOWN]}, f"redis has a mount that {LATER}"),
        ({"volumes": "data:/data"}, "redis has a mount that is the text 'data:/data', not a list: give a list"),
        (_volume(UNKNOWN), _FROM_NOWHERE),
        (_volume(Secret(UNKNOWN)), _FROM_NOWHERE),
        (_mount(UNKNOWN), _FROM_NOWHERE),
        (_volume(5), "redis has a volume name that is 5, not a text: give a text"),
        (_mount(type=UNKNOWN), f"redis has a mounts[].type that {LATER}"),
        (_mount(type=["volume"]), "redis has a mounts[].type that is a list, not a text: give a text"),
    ],
)
def test_unknown_and_odd_mounts_are_violations(given: dict[str, Any], problem: str) -> None:
    stack = _redis(given)

    (found,) = violations(RULE, stack)

    assert (found.message, found.urn) == (problem, stack.urn("redis"))


@pytest.mark.parametrize(("key", "given"), [("volumes", _volume(UNKNOWN)), ("mounts", _mount(UNKNOWN))])
def test_an_unknown_name_stands_for_the_volumes_that_it_may_come_from(key: str, given: dict[str, Any]) -> None:
    stack = _declared(_declared(small_stack(), protect=False), name=UNKNOWN, resource="new", protect=False)
    both = {key: [stack.urn("data", VOLUME), stack.urn("new", VOLUME)]}
    stack.remove("redis").add("redis", given | {"labels": labels(stack="prod")}, depends=both)

    assert messages(RULE, stack) == [
        _BARE,
        _BARE.replace("shop-data", "new").replace("data declares", "new declares"),
    ]
    assert messages(RULE, stack, unprotected=["new", "data"]) == []
    assert messages(RULE, _declared(_declared(stack), name=UNKNOWN, resource="new")) == []


def test_an_unknown_name_of_a_service_stands_for_them_too() -> None:
    stack = _declared(small_stack(), protect=False)
    worker = service(1, 10**8, 2**20)
    worker["taskSpec"]["containerSpec"]["mounts"] = _mount(UNKNOWN)["mounts"]
    stack.add("worker", worker, SERVICE, depends={"taskSpec": [stack.urn("data", VOLUME)]})

    assert messages(RULE, stack) == [_BARE.replace("redis", "worker")]
    assert messages(RULE, _worker(UNKNOWN)) == [f"worker has a mount that {LATER}"]
