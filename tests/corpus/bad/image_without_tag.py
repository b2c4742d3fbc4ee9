"""Without a tag it is `latest`."""

from tests.corpus.citizens import container

EXPECT = {"rule": "image-pinned", "who": "redis", "says": "redis"}

container("redis", image="redis")
