"""It is of no pool, and on infrastructure's network."""

from tests.corpus.citizens import container, labels_of

EXPECT = {"rule": "pool-links", "who": "stray", "says": "no link allows it"}

container("redis")
container("stray", labels=labels_of("stray", pool=None))
