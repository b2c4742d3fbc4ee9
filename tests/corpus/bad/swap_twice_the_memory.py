"""128 MiB of memory and 128 of swap."""

from tests.corpus.citizens import container

EXPECT = {"rule": "memory-swap", "who": "redis", "says": "256"}

container("redis", memory_swap=256)
