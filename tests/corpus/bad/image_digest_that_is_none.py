"""It looks like a digest, and is three characters."""

from tests.corpus.citizens import container

EXPECT = {"rule": "image-pinned", "who": "redis", "says": "redis"}

container("redis", image="redis@sha256:abc")
