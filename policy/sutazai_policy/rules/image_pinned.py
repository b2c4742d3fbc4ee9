"""image-pinned: what runs today is what ran yesterday, until somebody changes it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from typing import Annotated, Literal

from pulumi_policy import Severity
from pydantic import Field

from sutazai_policy import reading
from sutazai_policy.exceptions import ExceptableSettings
from sutazai_policy.facts import REMOTE_IMAGE, Facts, Workload
from sutazai_policy.image_ref import ImageRef, floats, is_image_id, parse_image
from sutazai_policy.messages import names
from sutazai_policy.parts import shown
from sutazai_policy.paths import covers
from sutazai_policy.reading import Reading
from sutazai_policy.rule import Category, Rule, Violation

__all__ = ["RULE"]


class ImagePinnedSettings(ExceptableSettings):
    """How closely an image has to be named, and from where it may come."""

    pin: Annotated[
        Literal["version", "digest"],
        Field(description="What an image has to have: a version as its tag, or a digest. Default: version."),
    ] = "version"
    registries: Annotated[
        Sequence[str],
        Field(
            description="Registries, or parts of one as in ghcr.io/acme, that images may come from."
            " Default: none, so any."
        ),
    ] = ()
    allowed: Annotated[
        Sequence[str],
        Field(description="Images that may be named as they are, as globs of the whole name. Default: none."),
    ] = ()


def check(facts: Facts, settings: ImagePinnedSettings) -> Iterator[Violation]:
    """Judge images as workloads name them, or as the `docker.RemoteImage` does that one comes from."""
    for one in facts.workloads:
        for image in _named(facts, one):
            yield from (Violation(f"{one.name} {problem}", one.urn) for problem in _problems(image, settings))


def _named(facts: Facts, one: Workload) -> Iterator[Reading[str]]:
    image = one.image
    if not image.unknown and not is_image_id(image.value or ""):
        yield image
        return
    # An id is of one image for ever; which one that is, was said where the image is pulled.
    sources = facts.sources(one, "image" if one.kind == "container" else "taskSpec", REMOTE_IMAGE)
    yield from (reading.text(source.properties, "name") for source in sources)
    if not sources:
        yield image


def _problems(image: Reading[str], settings: ImagePinnedSettings) -> Iterator[str]:
    if image.value is None:
        yield f"has an image that {image.problem}" if image.problem else "has no image: name one, with its version"
        return
    if is_image_id(image.value):
        return
    told = "an image that is a secret" if image.secret else f"the image {shown(image.value)}"
    found = parse_image(image.value)
    if found is None:
        yield f"has {told}, and that is no image's name: write it as in redis:7.4.1"
    elif not any(fnmatchcase(image.value, pattern) for pattern in settings.allowed):
        if problem := _pin(found, settings.pin):
            yield f"has {told} {problem}"
        if settings.registries and not covers(settings.registries, found.repository):
            yield (
                f"has {told}, which comes from elsewhere than {names(settings.registries)}: take it from there,"
                " or name its registry in registries"
            )


def _pin(image: ImageRef, pin: str) -> str | None:
    if image.digest is not None:
        return None
    if pin == "digest":
        return "without a digest: add the digest, as in @sha256:..."
    if image.tag is None:
        return "without a tag, so it is whatever latest is by then: name a version as its tag, or add its digest"
    if floats(image.tag):
        return "whose tag is moved to other versions: name a version as its tag, or add its digest"
    return None


RULE = Rule(
    name="image-pinned",
    description="An image has to be named with its version or digest.",
    category=Category.SECURITY,
    severity=Severity.HIGH,
    why=(
        "A tag such as latest is another image tomorrow: what runs then was never tried, can't be told from what"
        " ran before, and can't be gone back to."
    ),
    source="CIS Docker Benchmark 5.28; KICS: Image Version Using Latest, Image Without Digest",
    remediation=(
        "1. Find out which version runs, and write it as the tag, as in redis:7.4.1.\n"
        "2. Where it has to be the very same image, add its digest: docker.RemoteImage says it as repoDigest.\n"
        "3. An image that is built here and has no versions can be named in allowed."
    ),
    settings=ImagePinnedSettings,
    check=check,
    alone=True,
)
