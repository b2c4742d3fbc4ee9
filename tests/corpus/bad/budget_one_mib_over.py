"""A host that was exactly full gets one more MiB; its tier has room for it, and the host has not."""

from tests.corpus.citizens import container, memory

EXPECT = {"rule": "host-budget", "who": "hog", "says": ["27649", "27648"]}
CONFIG = {"tier-quotas": {"tiers": {"2": {"memory": 9000, "memory_limit": 9000}}}}

container("hog", **memory(14336))
container("crowd", "agents", **memory(8193))
container("embedder", "ml", **memory(5120))
