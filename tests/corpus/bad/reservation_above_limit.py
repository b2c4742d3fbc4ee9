"""It reserves more than it may have."""

from tests.corpus.citizens import container

EXPECT = {"rule": "memory-reservation", "who": "redis", "says": ["129", "128"]}

container("redis", memory_reservation=129)
