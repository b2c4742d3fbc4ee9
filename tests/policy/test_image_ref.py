"""An image's name is read as Docker reads it, and a tag floats if no version is in it."""

from __future__ import annotations

import pytest
from sutazai_policy.image_ref import ImageRef, floats, is_image_id, parse_image

_SHA256 = "sha256:" + "0a" * 32
_SHA512 = "sha512:" + "0a" * 64
_REDIS = "docker.io/library/redis"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("redis", ImageRef("docker.io", _REDIS, None, None)),
        ("redis:7.2-alpine", ImageRef("docker.io", _REDIS, "7.2-alpine", None)),
        ("redis:_7", ImageRef("docker.io", _REDIS, "_7", None)),
        (f"redis@{_SHA256}", ImageRef("docker.io", _REDIS, None, _SHA256)),
        (f"redis:7@{_SHA512}", ImageRef("docker.io", _REDIS, "7", _SHA512)),
        ("library/redis", ImageRef("docker.io", _REDIS, None, None)),
        ("docker.io/redis", ImageRef("docker.io", _REDIS, None, None)),
        ("Index.Docker.io/redis", ImageRef("docker.io", _REDIS, None, None)),
        ("prom/node-exporter:v1", ImageRef("docker.io", "docker.io/prom/node-exporter", "v1", None)),
        ("a__b/c.d_e--f", ImageRef("docker.io", "docker.io/a__b/c.d_e--f", None, None)),
        ("a/b/c", ImageRef("docker.io", "docker.io/a/b/c", None, None)),
        ("quay.io/redis:7", ImageRef("quay.io", "quay.io/redis", "7", None)),
        ("host:5000/redis", ImageRef("host:5000", "host:5000/redis", None, None)),
        ("[::1]:5000/redis:7", ImageRef("[::1]:5000", "[::1]:5000/redis", "7", None)),
        ("localhost/redis", ImageRef("localhost", "localhost/redis", None, None)),
        ("HOST/redis", ImageRef("host", "host/redis", None, None)),
        ("redis:5000", ImageRef("docker.io", _REDIS, "5000", None)),
        (f"redis:{'1' * 128}", ImageRef("docker.io", _REDIS, "1" * 128, None)),
        ("a" * 512, ImageRef("docker.io", f"docker.io/library/{'a' * 512}", None, None)),
    ],
)
def test_a_name_is_read_in_its_parts(name: str, expected: ImageRef) -> None:
    assert parse_image(name) == expected


@pytest.mark.parametrize(
    "name",
    [
        "",
        "Redis",
        "redis:",
        "redis@",
        "redis:-7",
        "redis:é7",
        "redis:7:8",
        "redis:7\n",
        " redis:7",
        "redis@sha256:0a",
        f"redis@sha256:{'0A' * 32}",
        f"redis@sha512:{'0a' * 32}",
        f"redis@md5:{'0a' * 16}",
        f"{_SHA256}@redis",
        _SHA256,
        "sha256:0a",
        "a//b",
        "/redis",
        "a___b",
        "host:x/redis",
        "a/../b",
        f"redis:{'1' * 129}",
        "a" * 513,
    ],
)
def test_what_is_no_name_is_none(name: str) -> None:
    assert parse_image(name) is None


@pytest.mark.parametrize(
    ("name", "is_id"),
    [
        (_SHA256, True),
        ("0a" * 32, True),
        ("0a" * 31, False),
        ("0a" * 33, False),
        ("sha256:" + "0A" * 32, False),
        (_SHA512, False),
        (f"redis@{_SHA256}", False),
        ("", False),
    ],
)
def test_an_id_is_told_from_a_name(name: str, is_id: bool) -> None:
    assert is_image_id(name) is is_id


@pytest.mark.parametrize(
    "tag",
    [
        "latest",
        "alpine",
        "Stable",
        "main-deadbeef",
        "16-latest",
        "latest-16",
        "cuda12_latest",
        "LATEST-12",
        "stable-alpine3.20",
        "nightly_cuda12",
        "lts-jdk17",
        "edge-amd64",
        "main-abc123",
        "main-" + "a1" * 21,
        *(
            f"{word}-x64"
            for word in ("alpha", "beta", "canary", "current", "dev", "devel", "develop", "development")
        ),
        *(
            f"{word}-x64"
            for word in ("edge", "head", "lts", "main", "mainline", "master", "next", "nightly", "preview")
        ),
        *(f"{word}-x64" for word in ("prod", "production", "rc", "release", "rolling", "snapshot", "stable")),
        *(f"{word}-x64" for word in ("staging", "test", "testing", "trunk", "unstable")),
    ],
)
def test_a_tag_without_a_version_floats(tag: str) -> None:
    assert floats(tag) is True


@pytest.mark.parametrize(
    "tag",
    [
        "7",
        "v1",
        "7.2.16-alpine3.21",
        "alpine3.20",
        "b1234",
        "latest2",
        "stable-1.2",
        "main-v3",
        "nightly-20260101",
        "edge_1",
        "main-abc1234",
        "main-" + "a1" * 20,
        "main-sha-abc1234",
        "1-main",
        "rc1",
    ],
)
def test_a_tag_with_a_version_stays(tag: str) -> None:
    assert floats(tag) is False
