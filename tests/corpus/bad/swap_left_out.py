"""Docker then allows as much swap again."""

from tests.corpus.citizens import container

EXPECT = {"rule": "memory-swap", "who": "redis", "says": "memorySwap"}

container("redis", memory_swap=None)
