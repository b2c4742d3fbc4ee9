"""Zero is what Docker takes for "not set"."""

from tests.corpus.citizens import container

EXPECT = {"rule": "memory-swap", "who": "redis", "says": "memorySwap"}

container("redis", memory_swap=0)
