"""Zero means unlimited."""

from tests.corpus.citizens import container

EXPECT = {"rule": "memory-limit", "who": "redis", "says": "memory"}

container("redis", memory=0, memory_swap=0, memory_reservation=0)
