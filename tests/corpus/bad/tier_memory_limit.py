"""Infrastructure may take one MiB more than its tier's 16384."""

from tests.corpus.citizens import container, memory

EXPECT = {"rule": "tier-quotas", "who": "search", "says": ["16385", "16384"]}

container("cache", **memory(64, 8192))
container("search", **memory(64, 8193))
