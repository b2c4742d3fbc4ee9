"""Minus one means unlimited, too."""

from tests.corpus.citizens import container

EXPECT = {"rule": "memory-limit", "who": "redis", "says": "memory"}

container("redis", memory=-1, memory_swap=-1)
