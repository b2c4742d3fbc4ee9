"""All ten cores and all 27648 MiB, and not one more."""

from tests.corpus.citizens import container, memory

CONFIG = {"tier-quotas": {"tiers": {"2": {"memory": 8192}}}}

container("cache", cpu_set="2-4", cpu_shares=3072, **memory(7168))
container("search", cpu_set="5-7", cpu_shares=3072, **memory(7168))
container("agent", "agents", cpu_shares=2048, **memory(8192))
container("embedder", "ml", cpu_shares=2048, **memory(5120))
