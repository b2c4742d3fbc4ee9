"""No memory limit."""

from tests.corpus.citizens import container

EXPECT = {"rule": "memory-limit", "who": "redis", "says": "memory"}

container("redis", memory=None)
