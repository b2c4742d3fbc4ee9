"""The image is unknown, and comes from no image resource at all."""

from tests.corpus.citizens import container, unknown

EXPECT = {"rule": "image-pinned", "who": "redis", "says": "unknown"}

container("redis", image=unknown("redis:latest"))
