"""The operator asks for digests, and a version is none."""

from tests.corpus.citizens import container

EXPECT = {"rule": "image-pinned", "who": "redis", "says": "digest"}
CONFIG = {"image-pinned": {"pin": "digest"}}

container("redis", image="redis:7.2.5")
