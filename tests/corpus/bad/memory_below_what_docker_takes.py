"""Docker takes no limit below 6 MB: the update would fail half-way."""

from tests.corpus.citizens import container, memory

EXPECT = {"rule": "memory-limit", "who": "redis", "says": "6"}

container("redis", **memory(4))
