"""Whatever is the latest when it is pulled."""

from tests.corpus.citizens import container

EXPECT = {"rule": "image-pinned", "who": "redis", "says": "latest"}

container("redis", image="redis:latest")
