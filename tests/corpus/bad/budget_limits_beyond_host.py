"""Small requests, huge limits: together they may take more than there is."""

from tests.corpus.citizens import container, memory

EXPECT = {"rule": "host-budget", "who": "cache", "says": "30000"}

container("cache", **memory(64, 10000))
container("search", **memory(64, 10000))
container("queue", **memory(64, 10000))
