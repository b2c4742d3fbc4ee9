"""Minus one: all of the host's swap."""

from tests.corpus.citizens import container

EXPECT = {"rule": "memory-swap", "who": "redis", "says": "memorySwap"}

container("redis", memory_swap=-1)
