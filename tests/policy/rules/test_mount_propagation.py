"""What a container mounts stays its own, and a target is only a path."""

from __future__ import annotations

from typing import Any

import pytest
from sutazai_policy.rules.mount_propagation import RULE

from tests.policy.stacks import (
    LEFT_OUT,
    SERVICE,
    UNKNOWN,
    VOLUME,
    Secret,
    Stack,
    messages,
    service,
    small_stack,
    violations,
)
from tests.policy.unreadable import HIDDEN, LATER

_SHARED = (
    "has the propagation {}, so what it mounts may appear on the host: leave it out,"
    " or set it to rslave if it has to see what the host mounts"
)
_COLON = "has the mount target {}, of which Docker takes a part for options: name a plain path"
_FLAG = "has a driver option o that lets mounts in it appear elsewhere: leave shared and rshared out of it"


def _bind(propagation: Any) -> dict[str, Any]:
    return {"type": "bind", "source": "/srv", "target": "/x", "bindOptions": {"propagation": propagation}}


def _redis(*mounts: Any) -> list[str]:
    return messages(RULE, small_stack().change("redis", mounts=list(mounts)))


def _options(options: Any) -> dict[str, Any]:
    return {"type": "volume", "source": "d", "target": "/x", "volumeOptions": {"driverOptions": options}}


@pytest.mark.parametrize("given", ["private", "rprivate", "slave", "rslave", "", None])
def test_passes_propagation_that_stays_in_the_container(given: Any) -> None:
    assert _redis(_bind(given)) == []


@pytest.mark.parametrize(
    "properties",
    [
        {"mounts": LEFT_OUT},
        {"mounts": None, "volumes": [{"hostPath": "/srv", "containerPath": "/x"}]},
        {"volumes": [{"fromContainer": "other"}]},
        {"mounts": [{"type": "volume", "source": "d", "target": "/x", "bindOptions": None}]},
        {"mounts": [_options({"type": "none", "o": "bind,slave", "device": "/srv"})]},
        {"mounts": [_options({"type": UNKNOWN, "device": "shared"})]},
    ],
)
def test_passes_other_mounts(properties: dict[str, Any]) -> None:
    assert messages(RULE, small_stack().change("redis", **properties)) == []


@pytest.mark.parametrize("given", ["shared", "rshared", "RShared", "other"])
def test_refuses_propagation_to_the_host(given: str) -> None:
    stack = small_stack().change("redis", mounts=[_bind(given)])

    (found,) = violations(RULE, stack)

    assert found.message == f"redis {_SHARED.format(given)}"
    assert found.urn == stack.urn("redis")


@pytest.mark.parametrize(
    "properties",
    [
        {"mounts": [{"type": "tmpfs", "target": "/x:rshared"}]},
        {"volumes": [{"volumeName": "d", "containerPath": "/x:rshared"}]},
        {"volumes": [{"containerPath": "/x:rshared"}]},
    ],
)
def test_refuses_a_target_with_a_colon(properties: dict[str, Any]) -> None:
    assert messages(RULE, small_stack().change("redis", **properties)) == [f"redis {_COLON.format('/x:rshared')}"]


@pytest.mark.parametrize("flags", ["bind,shared", "rshared", " SHARED "])
def test_refuses_a_volume_that_shares_what_is_mounted_in_it(flags: str) -> None:
    options = {"type": "none", "device": "/srv", "o": flags}
    stack = small_stack().add("data", {"driverOpts": options}, VOLUME)

    (found,) = violations(RULE, stack)

    assert (found.message, found.urn) == (f"data {_FLAG}", stack.urn("data", VOLUME))
    assert _redis(_options(options)) == [f"redis {_FLAG}"]


def test_refuses_everything_that_is_wrong_with_a_services_mount() -> None:
    worker = service(1, 1, 1)
    worker["taskSpec"]["containerSpec"]["mounts"] = [
        {**_bind("shared"), "target": ":"},
        {**_options({"o": "shared"}), "bindOptions": {"propagation": "rshared"}},
    ]

    assert messages(RULE, Stack().add("worker", worker, SERVICE)) == [
        f"worker {_COLON.format(':')}",
        f"worker {_SHARED.format('shared')}",
        f"worker {_SHARED.format('rshared')}",
        f"worker {_FLAG}",
    ]


def test_obeys_an_exception_for_one_service_and_no_other() -> None:
    stack = small_stack().change("redis", mounts=[_bind("shared")]).change("agent", mounts=[_bind("shared")])
    exception = {"service": "agent", "reason": "mounts what others of it read", "expires": "2027-01-31"}

    assert messages(RULE, stack, exceptions=[exception]) == [f"redis {_SHARED.format('shared')}"]


@pytest.mark.parametrize(
    ("properties", "message"),
    [
        ({"mounts": UNKNOWN}, f"has a list of mounts that {LATER}"),
        ({"volumes": [UNKNOWN]}, f"has a mount that {LATER}"),
        ({"volumes": [None]}, "has a mount that is null: leave it out"),
        ({"volumes": [{"volumeName": "d", "containerPath": UNKNOWN}]}, f"has a mount target that {LATER}"),
        ({"mounts": [{"type": "volume", "target": 5}]}, "has a mount target that is 5, not a text: give a text"),
        ({"mounts": [_bind(UNKNOWN)]}, f"has a propagation that {LATER}"),
        ({"mounts": [{**_bind(""), "bindOptions": UNKNOWN}]}, f"has a propagation that {LATER}"),
        (
            {"mounts": [{**_bind(""), "bindOptions": [{"propagation": "shared"}]}]},
            "has a propagation that is a list, not a group of properties: give a group of properties",
        ),
        ({"mounts": [_options(UNKNOWN)]}, f"has a group of driver options that {LATER}"),
        ({"mounts": [_options({"o": UNKNOWN})]}, f"has a driver option o that {LATER}"),
    ],
)
def test_unknown_and_odd_values_are_violations(properties: dict[str, Any], message: str) -> None:
    assert messages(RULE, small_stack().change("redis", **properties)) == [f"redis {message}"]


def test_unknown_options_of_a_volume_are_a_violation() -> None:
    stack = small_stack().add("data", {"driverOpts": UNKNOWN}, VOLUME)

    assert messages(RULE, stack) == [f"data has a group of driver options that {LATER}"]


def test_one_that_cannot_be_read_hides_no_other() -> None:
    stack = small_stack().change("redis", volumes=UNKNOWN, mounts=[UNKNOWN, _bind("shared")])

    assert messages(RULE, stack) == [
        f"redis has a list of mounts that {LATER}",
        f"redis has a mount that {LATER}",
        f"redis {_SHARED.format('shared')}",
    ]


@pytest.mark.parametrize(
    ("mounts", "message"),
    [
        ([_bind(Secret("hunter2"))], _SHARED.format("that is a secret")),
        (Secret([_bind("hunter2")]), _SHARED.format("that is a secret")),
        ([Secret({"type": "tmpfs", "target": "hunter2:"})], _COLON.format("that is a secret")),
        ([{"type": "tmpfs", "target": Secret("hunter2:")}], _COLON.format("that is a secret")),
        (Secret([{"type": "tmpfs", "target": 5}]), f"has a mount target that {HIDDEN}"),
        ([Secret(_bind(5))], f"has a propagation that {HIDDEN}"),
        ([_options(Secret({"o": 5}))], f"has a driver option o that {HIDDEN}"),
        ([Secret(_options({"o": 5}))], f"has a driver option o that {HIDDEN}"),
        ([Secret(_options({"o": "shared"}))], _FLAG),
    ],
)
def test_refuses_secrets_without_showing_them(mounts: Any, message: str) -> None:
    assert messages(RULE, small_stack().change("redis", mounts=mounts)) == [f"redis {message}"]


def test_a_service_that_cannot_be_read_is_a_violation() -> None:
    assert messages(RULE, Stack().add("worker", {"taskSpec": UNKNOWN}, SERVICE)) == [
        f"worker has a list of mounts that {LATER}"
    ]
