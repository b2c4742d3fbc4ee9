"""An image stays what it is: by its version, its digest or its id; how a name is read has tests of its own."""

from __future__ import annotations

from typing import Any

import pytest
from sutazai_policy.rules.image_pinned import RULE

from tests.policy.stacks import (
    LEFT_OUT,
    REMOTE_IMAGE,
    SERVICE,
    UNKNOWN,
    Secret,
    Stack,
    container,
    messages,
    service,
    small_stack,
    violations,
)
from tests.policy.unreadable import HIDDEN, LATER

_DIGEST = "sha256:" + "0a" * 32
_UNTAGGED = "without a tag, so it is whatever latest is by then: name a version as its tag, or add its digest"
_MOVED = "whose tag is moved to other versions: name a version as its tag, or add its digest"
_NO_DIGEST = "without a digest: add the digest, as in @sha256:..."
_ELSEWHERE = "which comes from elsewhere than {}: take it from there, or name its registry in registries"
_PULLED = Stack().urn("pulled", REMOTE_IMAGE)


def _image(image: Any) -> Stack:
    return small_stack().change("redis", image=image)


def _pulled(image: Any, *names: Any) -> Stack:
    """Return a stack in which the image of redis comes from images that are pulled."""
    stack = Stack()
    urns = [stack.urn(f"pulled-{number}", REMOTE_IMAGE) for number in range(len(names))]
    for number, name in enumerate(names):
        stack.add(f"pulled-{number}", {"name": name}, REMOTE_IMAGE)
    stack.add("redis", container("4", 9, 9, 9, image=image), depends={"image": urns, "labels": [_PULLED]})
    return stack.add("pulled", {"name": "other"}, REMOTE_IMAGE)


def _worker(image: Any, depends: Any = ()) -> Stack:
    worker = service(1, 1, 1)
    worker["taskSpec"]["containerSpec"]["image"] = image
    return Stack().add("worker", worker, SERVICE, depends={"taskSpec": depends}).add(
        "pulled", {"name": "redis"}, REMOTE_IMAGE
    )  # fmt: skip


@pytest.mark.parametrize(
    "image", ["redis:7.2", f"redis@{_DIGEST}", f"redis:latest@{_DIGEST}", _DIGEST, "0a" * 32, "quay.io/a/b:1"]
)
def test_passes_an_image_that_stays_what_it_is(image: str) -> None:
    assert messages(RULE, _image(image)) == []
    assert messages(RULE, _worker(image)) == []


@pytest.mark.parametrize("image", [UNKNOWN, _DIGEST, "0a" * 32])
def test_passes_an_image_that_is_pulled_by_its_version(image: Any) -> None:
    assert messages(RULE, _pulled(image, "redis:7.2")) == []


def test_passes_a_pulled_image_that_no_workload_runs() -> None:
    assert messages(RULE, small_stack().add("pulled", {"name": "redis"}, REMOTE_IMAGE)) == []


@pytest.mark.parametrize(
    ("image", "problem"),
    [("redis", _UNTAGGED), ("redis:latest", _MOVED), ("redis:stable-alpine3.20", _MOVED)],
)
def test_refuses_an_image_that_becomes_another(image: str, problem: str) -> None:
    stack = _image(image)

    (found,) = violations(RULE, stack)

    assert found.message == f"redis has the image {image} {problem}"
    assert found.urn == stack.urn("redis")
    assert messages(RULE, _worker(image)) == [f"worker has the image {image} {problem}"]


@pytest.mark.parametrize("image", [UNKNOWN, _DIGEST])
def test_refuses_a_pulled_image_that_becomes_another(image: Any) -> None:
    stack = _pulled(image, "redis:7.2", "redis", "redis:latest")

    found = violations(RULE, stack)

    assert [one.message for one in found] == [
        f"redis has the image redis {_UNTAGGED}",
        f"redis has the image redis:latest {_MOVED}",
    ]
    assert {one.urn for one in found} == {stack.urn("redis")}
    assert messages(RULE, _worker(image, [_PULLED])) == [f"worker has the image redis {_UNTAGGED}"]


def test_refuses_an_image_by_its_own_name_wherever_it_is_pulled() -> None:
    assert messages(RULE, _pulled("redis", "redis:7.2")) == [f"redis has the image redis {_UNTAGGED}"]
    assert messages(RULE, _pulled("redis:7.2", "redis")) == []


@pytest.mark.parametrize("image", ["redis:", "Redis:7.2", "sha256:0a", "redis:7.2 "])
def test_refuses_what_is_no_images_name(image: str) -> None:
    shown = image if image != "redis:7.2 " else repr(image)

    assert messages(RULE, _image(image), allowed=["*"]) == [
        f"redis has the image {shown}, and that is no image's name: write it as in redis:7.4.1"
    ]


@pytest.mark.parametrize("image", [None, "", LEFT_OUT])
def test_refuses_a_workload_without_an_image(image: Any) -> None:
    assert messages(RULE, _image(image)) == ["redis has no image: name one, with its version"]


def test_refuses_a_secret_image_without_showing_it() -> None:
    assert messages(RULE, _pulled(Secret("hunter2")), registries=["quay.io"]) == [
        f"redis has an image that is a secret {_UNTAGGED}",
        f"redis has an image that is a secret, {_ELSEWHERE.format('quay.io')}",
    ]
    assert messages(RULE, _image(Secret("Hunter2"))) == [
        "redis has an image that is a secret, and that is no image's name: write it as in redis:7.4.1"
    ]


@pytest.mark.parametrize("image", ["redis", "redis:7.2", "redis:latest"])
def test_obeys_a_pin_to_digests(image: str) -> None:
    assert messages(RULE, _image(image).remove("agent").remove("aider"), pin="digest") == [
        f"redis has the image {image} {_NO_DIGEST}"
    ]


@pytest.mark.parametrize("image", [f"redis@{_DIGEST}", _DIGEST])
def test_obeys_a_pin_to_digests_that_an_image_has(image: str) -> None:
    assert messages(RULE, _image(image).remove("agent").remove("aider"), pin="digest") == []


@pytest.mark.parametrize(
    ("image", "fits"),
    [
        ("redis:7.2", True),
        ("docker.io/library/redis:7.2", True),
        ("ghcr.io/acme/tool:1", True),
        ("ghcr.io/acme2/tool:1", False),
        ("ghcr.io/other/tool:1", False),
        ("evil.io/docker.io/redis:1", False),
        (_DIGEST, True),
    ],
)
def test_obeys_registries(image: str, fits: bool) -> None:
    problem = f"redis has the image {image}, {_ELSEWHERE.format('docker.io, ghcr.io/acme')}"

    assert messages(RULE, _image(image), registries=["docker.io", "ghcr.io/acme"]) == ([] if fits else [problem])


@pytest.mark.parametrize(
    ("image", "fits"),
    [("acme/tool:latest", True), ("acme/tool", True), ("x/acme/tool", False), ("acme2/tool", False)],
)
def test_obeys_allowed(image: str, fits: bool) -> None:
    found = messages(RULE, _image(image), allowed=["other", "acme/*"])

    assert found == ([] if fits else [f"redis has the image {image} {_UNTAGGED}"])


def test_obeys_allowed_for_registries_too_and_for_what_is_pulled() -> None:
    assert messages(RULE, _pulled(UNKNOWN, "acme/tool"), allowed=["acme/tool"], registries=["quay.io"]) == []


def test_obeys_an_exception_for_one_service_and_no_other() -> None:
    stack = _image("redis").change("agent", image="redis")
    exception = {"service": "agent", "reason": "is built anew each night", "expires": "2027-01-31"}

    assert messages(RULE, stack, exceptions=[exception]) == [f"redis has the image redis {_UNTAGGED}"]


def test_unknown_image_from_nowhere_is_a_violation() -> None:
    refused = [f"redis has an image that {LATER}"]

    assert messages(RULE, _image(UNKNOWN)) == refused
    assert messages(RULE, _pulled(UNKNOWN)) == refused
    assert messages(RULE, _worker(UNKNOWN)) == [f"worker has an image that {LATER}"]


def test_unknown_name_of_a_pulled_image_is_a_violation() -> None:
    assert messages(RULE, _pulled(UNKNOWN, UNKNOWN)) == [f"redis has an image that {LATER}"]
    assert messages(RULE, _pulled(UNKNOWN, None)) == ["redis has no image: name one, with its version"]


@pytest.mark.parametrize(
    ("image", "problem"),
    [
        (5, "is 5, not a text: give a text"),
        (Secret(5), HIDDEN),
    ],
)
def test_an_odd_image_is_a_violation(image: Any, problem: str) -> None:
    assert messages(RULE, _pulled(image, "redis:7.2")) == [f"redis has an image that {problem}"]
