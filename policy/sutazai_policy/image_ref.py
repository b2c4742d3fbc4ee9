"""The name of an image: its registry, its tag and digest, and whether the tag stays with one version."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

__all__ = ["ImageRef", "floats", "is_image_id", "parse_image"]

_DOCKER_HUB = "docker.io"
_LONGEST = 512
_PART = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_HOST = r"(?:[A-Za-z0-9.-]+|\[[0-9a-fA-F:]+\])(?::[0-9]+)?"
_REFERENCE = re.compile(
    rf"(?:(?P<first>{_HOST})/)?(?P<path>{_PART}(?:/{_PART})*)"
    r"(?::(?P<tag>\w[\w.-]{0,127}))?(?:@(?P<digest>sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}))?",
    re.ASCII,
)
_ID = re.compile(r"(?:sha256:)?[0-9a-f]{64}")
_DIGIT = re.compile(r"[0-9]")
_VERSION = re.compile(r"v?[0-9]|[0-9a-f]{7,40}$")
_WORD_ENDS = re.compile(r"[-_]")
# What a tag that is moved on begins with; a version or a commit after it makes it stay.
_MOVING_WORDS = """
    alpha beta canary current dev devel develop development edge head latest lts main mainline master next nightly
    preview prod production rc release rolling snapshot stable staging test testing trunk unstable
"""
_MOVING = frozenset(_MOVING_WORDS.split())


@dataclass(frozen=True, slots=True)
class ImageRef:
    """An image's name in its parts; the repository is with its registry, as in `docker.io/library/redis`."""

    registry: str
    repository: str
    tag: str | None
    digest: str | None


@lru_cache(maxsize=1024)
def parse_image(name: str) -> ImageRef | None:
    """Read an image's name as Docker does, or return None where it is none."""
    found = _REFERENCE.fullmatch(name) if len(name) <= _LONGEST else None
    # Docker takes "sha256:0a1b" for the beginning of an id.
    if found is None or found["path"] == "sha256":
        return None
    first, path = found["first"], found["path"]
    if first is not None and not _is_registry(first):
        first, path = None, f"{first}/{path}"
    registry = (first or _DOCKER_HUB).lower().removeprefix("index.")
    if registry == _DOCKER_HUB and "/" not in path:
        path = f"library/{path}"
    return ImageRef(registry, f"{registry}/{path}", found["tag"], found["digest"])


def _is_registry(first: str) -> bool:
    return "." in first or ":" in first or first == "localhost" or first != first.lower()


def is_image_id(name: str) -> bool:
    """Whether an image is named by its own id, which no other image ever has."""
    return _ID.fullmatch(name) is not None


def floats(tag: str) -> bool:
    """Whether a tag is put on another image with time: it has no version in it."""
    words = _WORD_ENDS.split(tag.lower())
    if _DIGIT.search(tag) is None or "latest" in words:
        return True
    return words[0] in _MOVING and not any(_VERSION.match(word) for word in words[1:])
