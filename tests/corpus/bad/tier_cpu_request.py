"""ML services request 2.1 of their tier's 2 cores."""

from tests.corpus.citizens import container

EXPECT = {"rule": "tier-quotas", "who": "embedder", "says": ["tier 3", "2.1"]}

container("embedder", "ml", cpu_shares=1126)
container("ranker", "ml", cpu_set="10-11", cpu_shares=1025)
