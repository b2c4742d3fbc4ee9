"""Each fits its own part, and both together are 6144 of the 5120 MiB that they share."""

from tests.corpus.citizens import container, memory

EXPECT = {"rule": "pool-capacity", "who": "trainer", "says": ["6144", "5120"]}
CONFIG = {"tier-quotas": {"tiers": {"3": {"memory": 8192, "memory_limit": 8192}}}}

container("trainer", "ml", **memory(4096))
container("builder", "tools", **memory(2048))
