"""Infrastructure says tier 1, which has the cores 2-9, and takes 10."""

from tests.corpus.citizens import container

EXPECT = {"rule": "tier-cores", "who": "redis", "says": "10"}

container("redis", cpu_set="9-10")
