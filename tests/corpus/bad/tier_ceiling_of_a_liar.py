"""It says tier 3 and runs on tier 1's cores: the tier could take ten cores where it has four."""

from tests.corpus.citizens import container

EXPECT = {"rule": "tier-quotas", "who": "liar", "says": ["tier 3", "10 of 4"]}

container("liar", "ml", cpu_set="2-11")
